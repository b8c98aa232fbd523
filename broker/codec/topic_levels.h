// The levels of a topic name or a topic filter (section 4.7.1.1).
#pragma once

#include <string_view>

namespace mqttvet::codec {

// Splits a topic at its '/'. An empty topic is one empty level.
class Levels {
 public:
  explicit Levels(std::string_view topic) : rest_(topic) {}

  bool more() const { return more_; }

  std::string_view next() {
    const std::size_t slash = rest_.find('/');
    const std::string_view level = rest_.substr(0, slash);
    more_ = slash != std::string_view::npos;
    if (more_) rest_.remove_prefix(slash + 1);
    return level;
  }

 private:
  std::string_view rest_;
  bool more_ = true;
};

}  // namespace mqttvet::codec
