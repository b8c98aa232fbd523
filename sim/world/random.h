// The simulation's own generator: splitmix64. Small, fast, and the same on every machine; std:: distributions are not.
#pragma once

#include <cstdint>
#include <string_view>

namespace mqttvet::sim {

class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) : state_(seed) {}

  // A stream of its own per purpose, so that drawing more for one purpose moves no other.
  static constexpr Random stream(std::uint64_t seed, std::string_view purpose) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (char c : purpose) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    Random mixed(seed ^ hash);
    mixed.next();
    return Random(mixed.next());
  }

  constexpr std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // 0 .. bound-1; bound must not be 0. The bias is below 2^-32 for every bound used here.
  constexpr std::uint64_t below(std::uint64_t bound) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }
  // low .. high, both included.
  constexpr std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  // True `numerator` times of `denominator`.
  constexpr bool chance(std::uint64_t numerator, std::uint64_t denominator) { return below(denominator) < numerator; }

 private:
  std::uint64_t state_;
};

}  // namespace mqttvet::sim
