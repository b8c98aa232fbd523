#include "broker/codec/utf8.h"

#include <cstddef>
#include <cstring>

namespace mqttvet::codec {

namespace {

// Bytes of the well-formed sequence at the start of `text`, whose first byte is not ASCII; 0: there is none.
// Table 3-7 of the Unicode standard: the first byte narrows the range of the second one, which is what keeps
// overlong forms, surrogates and everything beyond U+10FFFF out; every further byte is 80..BF.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  std::size_t length = 0;
  std::uint8_t second_min = 0x80;
  std::uint8_t second_max = 0xBF;
  if (first >= 0xC2 && first <= 0xDF) {
    length = 2;
  } else if (first >= 0xE0 && first <= 0xEF) {
    length = 3;
    if (first == 0xE0) second_min = 0xA0;
    if (first == 0xED) second_max = 0x9F;
  } else if (first >= 0xF0 && first <= 0xF4) {
    length = 4;
    if (first == 0xF0) second_min = 0x90;
    if (first == 0xF4) second_max = 0x8F;
  } else {
    return 0;
  }
  if (text.size() < length || byte(1) < second_min || byte(1) > second_max) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (byte(i) < 0x80 || byte(i) > 0xBF) return 0;
  }
  return length;
}

// Eight bytes at once: all of them are 01..7F.
bool is_plain_ascii(const char* eight_bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, eight_bytes, sizeof word);
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  // Subtracting one from each byte borrows into the high bit where a byte is zero.
  return ((word | (word - kOnes)) & kHighBits) == 0;
}

}  // namespace

Utf8 check_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    if (text.size() - i >= 8 && is_plain_ascii(text.data() + i)) {
      i += 8;
    } else if (text[i] == '\0') {
      return Utf8::null_character;
    } else if (static_cast<std::uint8_t>(text[i]) < 0x80) {
      ++i;
    } else {
      const std::size_t length = sequence_length(text.substr(i));
      if (length == 0) return Utf8::ill_formed;
      i += length;
    }
  }
  return Utf8::valid;
}

}  // namespace mqttvet::codec
