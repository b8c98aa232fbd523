#include "sim/world/trace.h"

#include <bit>
#include <cstring>

#include <fmt/format.h>

namespace mqttvet::sim {
namespace {

// Little-endian whatever the machine: the same world has the same hash everywhere.
std::uint64_t load64(const char* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

std::uint64_t load32(const char* from) {
  std::uint32_t word;
  std::memcpy(&word, from, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap32(word);
  return word;
}

// 64 x 64 -> 128 bits, folded: every bit of the result depends on every bit of both words.
std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Odd, with as many ones as zeros: a zero word must not silence the other factor.
constexpr std::uint64_t kNumberSalt = 0x9d39247e33776d41;
constexpr std::uint64_t kBlockSalt = 0x2a65c3b1d79e4f85;
constexpr std::uint64_t kTailSalt = 0xb4e1936f0c5ad82b;

// The length goes in first, so that neither zero bytes nor a moved border between two texts go unnoticed.
std::uint64_t absorb(std::uint64_t hash, std::string_view bytes) {
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  hash ^= left * kNumberSalt;
  for (; left > 16; at += 16, left -= 16) hash = mix(load64(at) ^ kBlockSalt, load64(at + 8) ^ hash);
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  if (left >= 8) {  // two reads that overlap cover 8 to 16 bytes
    first = load64(at);
    second = load64(at + left - 8);
  } else if (left >= 4) {
    first = load32(at);
    second = load32(at + left - 4);
  } else {
    for (std::size_t i = 0; i < left; ++i) first = first << 8 | static_cast<unsigned char>(at[i]);
  }
  return mix(first ^ kTailSalt, second ^ hash);
}

}  // namespace

void Trace::note(Time at, std::string_view who, std::string_view what, std::uint64_t number,
                 std::string_view bytes) {
  std::uint64_t hash = mix(number ^ kNumberSalt, static_cast<std::uint64_t>(at.count()) ^ hash_);
  hash = absorb(hash, who);
  hash = absorb(hash, what);
  hash_ = absorb(hash, bytes);
  ++event_count_;
  if (!listener_) return;
  Entry entry{at, std::string(who), std::string(what), false, hash_};
  if (number != 0) entry.text += fmt::format(" {}", number);
  if (!bytes.empty()) entry.text += fmt::format(" ({} bytes)", bytes.size());
  listener_(entry);
}

void Trace::line(Time at, std::string_view who, const std::function<std::string()>& text) {
  if (listener_) listener_(Entry{at, std::string(who), text(), true, hash_});
}

void Trace::listen(Listener listener) {
  listener_ = std::move(listener);
}

}  // namespace mqttvet::sim
