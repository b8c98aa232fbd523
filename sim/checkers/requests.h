// What clients asked to be subscribed to: one Request for each Topic Filter of each SUBSCRIBE, with the times
// between which it may have been in force, and between which it certainly was.
//
//          SUBSCRIBE sent      SUBACK received    UNSUBSCRIBE or new SUBSCRIBE sent     its answer received
//   may be in force |---------------------------------------------------------------------------|
//   certainly                         |--------------------------|
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/checkers/wire_view.h"

namespace mqttvet::sim {

struct Request {
  std::string client_id;
  std::uint64_t connection = 0;    // its number
  std::size_t session = kNoEvent;  // index into WireView::sessions; kNoEvent: one that nobody has seen
  std::string filter;              // as sent, with "$share/NAME/"
  std::string group;               // of a shared subscription: "NAME"; of "$queue/": "$queue"; else empty
  int qos = 0;                     // requested; granted as soon as that is known
  bool no_local = false;
  bool retain_as_published = false;
  int retain_handling = 0;
  std::optional<std::uint32_t> identifier;
  std::uint16_t packet_id = 0;
  bool refused = false;
  std::size_t sent = kNoEvent;
  std::size_t granted = kNoEvent;    // SUBACK
  std::size_t contested = kNoEvent;  // the client's next word on this filter was sent
  std::size_t ended = kNoEvent;      // ... and answered

  bool is_shared() const { return !group.empty(); }
  // Without the prefix of a shared subscription.
  std::string_view topic_filter() const;
  bool matches(std::string_view topic) const;
  // Whether it may have been in force at some time between two events.
  bool possible(std::size_t from, std::size_t to) const {
    return !refused && sent < to && (ended == kNoEvent || ended > from);
  }
  // Whether it certainly was in force all the time between two events.
  bool certain(std::size_t from, std::size_t to) const {
    return granted != kNoEvent && granted < from && (contested == kNoEvent || contested > to);
  }
};

// All of them, in the order of sending.
std::vector<Request> fold_requests(const WireView& view);

}  // namespace mqttvet::sim
