// What a Driver needs of the world around it: clocks, sockets, a store, a timer and a log. net::AsioWorld
// gives it the real ones, sim::BrokerNode the simulated ones, and a unit test those it wrote down itself.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>

#include "broker/core/record.h"
#include "broker/core/seam.h"
#include "broker/core/time.h"

namespace mqttvet::driver {

enum class CloseHow : std::uint8_t {
  gracefully,  // end our stream, forget what the peer still sends, and be gone when its stream has ended
  at_once,     // be gone now; bytes on the way may be lost. May follow `gracefully`.
};

// None of these functions may call the driver back before it returns: what comes of them is reported later.
template <class W>
concept World =
    // The world's own handle of a connection; the driver keeps it from add() to closed().
    std::movable<typename W::Connection> &&
    requires(W world, typename W::Connection& connection, std::span<const codec::BytesView> views,
             CloseHow how, std::span<const core::Record> batch, core::Authenticate question,
             std::optional<core::Monotonic> deadline, bool hold, const core::Log& line) {
  // Both clocks; the monotonic one never runs backwards.
  { world.now() } -> std::same_as<core::Now>;

  // Writes some or all of these bytes, in order, and reports Driver::wrote(); called again only after that.
  // What the views show stays valid until all of it was reported, or closed(); the span only during the call.
  world.write(connection, views);

  // Reports Driver::closed(); from then on the views are not read any more.
  world.close(connection, how);

  // Makes the records durable, in order, as one transaction, and reports Driver::committed(). One at a
  // time; the batch stays valid until then.
  world.commit(batch);

  // Finds out who the client is, and reports Driver::authenticated(), in any order.
  world.authenticate(std::move(question));

  // Driver::tick() is wanted at this time, instead of any time before; nullopt: not at all.
  world.arm(deadline);

  // Whether reading from all connections should rest, because the store has fallen behind.
  world.hold_reads(hold);

  // Whether reading from this one should rest, because it sends faster than it may. Not told any more once it
  // is closing: then the rest of its stream is to be seen.
  world.hold_reads(connection, hold);

  // One line for the operator.
  world.log(line);
};

// A world that takes in several things in one turn, and can tell when it ends: the records of all of them
// then go into one commit. It reports Driver::turn_ended() soon after it was asked to. Other worlds commit
// with the first record.
template <class W>
concept TakesTurns = World<W> && requires(W world) {
  world.end_turn_soon();
};

}  // namespace mqttvet::driver
