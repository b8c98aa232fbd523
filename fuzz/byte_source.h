// The bytes of a fuzzer's input, read as choices. When they have run out every choice is 0, so that any input
// means something and a shorter one means less.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mqttvet::fuzz {

class ByteSource {
 public:
  ByteSource(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  bool at_end() const { return rest_.empty(); }

  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  // 0 .. end-1; end is 1 .. 256.
  std::size_t below(std::size_t end) { return byte() % end; }
  // Once in `times` for evenly distributed bytes; not when there are no more.
  bool one_in(std::size_t times) { return byte() % times == times - 1; }
  template <class List>
  const auto& one_of(const List& list) {
    return list[below(std::size(list))];
  }
  std::uint16_t two_bytes() { return static_cast<std::uint16_t>(byte() << 8 | byte()); }

  // As many of the next bytes as there are, at most `count`.
  std::string bytes(std::size_t count) {
    const std::string taken(rest_.substr(0, count));
    rest_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view rest_;
};

}  // namespace mqttvet::fuzz
