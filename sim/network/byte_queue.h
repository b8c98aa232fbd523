// Bytes that enter at the back and leave at the front, in one contiguous piece.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mqttvet::sim {

class ByteQueue {
 public:
  std::size_t size() const { return bytes_.size() - head_; }
  bool empty() const { return size() == 0; }

  void append(std::string_view bytes) { bytes_.append(bytes); }
  // Valid until the queue changes.
  std::string_view view(std::size_t offset, std::size_t length) const {
    return std::string_view(bytes_).substr(head_ + offset, length);
  }
  void drop_front(std::size_t count) {
    head_ += count;
    if (head_ == bytes_.size()) {
      clear();
    } else if (head_ >= kCompactAt && head_ > bytes_.size() / 2) {
      bytes_.erase(0, head_);
      head_ = 0;
    }
  }
  // Keeps the first `count` bytes.
  void keep_front(std::size_t count) {
    if (count < size()) bytes_.resize(head_ + count);
  }
  void clear() {
    bytes_.clear();
    head_ = 0;
  }

 private:
  static constexpr std::size_t kCompactAt = 4096;
  std::string bytes_;
  std::size_t head_ = 0;
};

}  // namespace mqttvet::sim
