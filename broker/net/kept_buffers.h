// The memory of a connection whose reads and writes go on while it waits: TLS and WebSocket.
#pragma once

#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <span>
#include <vector>

#include "broker/core/seam.h"

namespace mqttvet::net {

// What is read into.
class KeptReadBuffer {
 public:
  // Room for one read.
  boost::asio::mutable_buffer room(std::size_t bytes) {
    bytes_.resize(bytes);
    return boost::asio::buffer(bytes_);
  }
  // What has come into the room, until the next call of room().
  codec::BytesView filled(std::size_t bytes) const { return {bytes_.data(), bytes}; }

 private:
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
