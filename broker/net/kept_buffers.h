// The memory of a connection whose reads and writes go on while it waits: TLS and WebSocket.
#pragma once

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <span>
#include <vector>

#include "broker/core/seam.h"

namespace mqttvet::net {

// What is read into. Small while little comes, so that an idle connection costs little.
class KeptReadBuffer {
 public:
  // Room for one read.
  boost::asio::mutable_buffer room(std::size_t bytes_max) {
    bytes_.resize(std::min(bytes_max, next_bytes_));
    if (bytes_.capacity() > 2 * bytes_.size()) bytes_.shrink_to_fit();
    return boost::asio::buffer(bytes_);
  }

  // What has come into the room, until the next call of room().
  codec::BytesView filled(std::size_t bytes) {
    next_bytes_ = bytes < bytes_.size() ? bytes_.size() : 2 * bytes;
    return {bytes_.data(), bytes};
  }

 private:
  std::size_t next_bytes_ = 1024;
  std::vector<char> bytes_;
};

// What is written: the pieces themselves are somebody else's.
class KeptPieces {
 public:
  std::span<const boost::asio::const_buffer> keep(std::span<const codec::BytesView> views) {
    pieces_.clear();
    for (const codec::BytesView view : views) pieces_.emplace_back(view.data(), view.size());
    return pieces_;
  }

 private:
  std::vector<boost::asio::const_buffer> pieces_;
};

}  // namespace mqttvet::net
