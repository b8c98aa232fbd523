// What is to be written to one connection, in order, and how far it may go: the durability barrier.
//
//   written | in flight | may follow | after 17 | . | . |      persisted: 16
//                                      ^ nothing from here on leaves before record 17 is on disk
//
// A queue that is empty holds no memory: most connections are idle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "broker/core/seam.h"

namespace mqttvet::driver {

// What one write may hold.
enum class Gather : std::uint8_t {
  many,  // as many Sends as there are, within reason
  one,   // one Send, which is one packet: for a peer that can't do with two packets in one frame
};

class WriteQueue {
 public:
  explicit WriteQueue(Gather gather = Gather::many) : gather_(gather) {}

  void push(core::Send&& send);

  // Puts into `views` what is to be written now: what has not left of the last write, or else as much as may
  // leave and one write can gather. Empty: nothing may leave. What they show stays valid until wrote() has
  // counted all of it.
  void next(core::RecordSequence persisted, std::vector<codec::BytesView>& views);

  // `bytes` of what next() gave have left. REQUIRES: no more than it gave.
  void wrote(std::size_t bytes);

  // Forgets everything that is not in flight.
  void drop_waiting();

  bool in_flight() const { return !flying_.empty(); }
  bool waiting() const { return first_waiting_ < waiting_.size(); }
  std::size_t bytes() const { return bytes_; }  // not yet written, both parts

 private:
  void take_off(core::RecordSequence persisted);
  void plant_freed_payloads();

  std::vector<core::Send> waiting_;  // from first_waiting_ on
  std::vector<core::Send> flying_;   // what next() showed; never moved while in flight
  std::size_t first_waiting_ = 0;
  std::size_t written_bytes_ = 0;  // of what is in flight
  std::size_t bytes_ = 0;
  Gather gather_;
};

}  // namespace mqttvet::driver
