#include "conformance/wire/packet_cursor.h"

#include <algorithm>

namespace mqttvet::wire {

std::size_t PacketCursor::advance(std::string_view bytes, std::uint64_t limit) {
  std::size_t taken = 0;
  while (taken < bytes.size() && taken < limit && (length_ == 0 || seen_ < length_)) {
    if (length_ > 0) {  // the rest needs no look
      const std::uint64_t step =
          std::min({length_ - seen_, limit - taken, std::uint64_t{bytes.size() - taken}});
      seen_ += step;
      taken += step;
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(bytes[taken++]);
    if (++seen_ == 1) {
      type_ = byte >> 4;
      continue;
    }
    remaining_length_ |= std::uint64_t{byte & 0x7Fu} << 7 * length_bytes_++;
    if (byte < 0x80 || length_bytes_ == 4) length_ = seen_ + remaining_length_;
  }
  return taken;
}

}  // namespace mqttvet::wire
