// What a Driver needs of the world around it: clocks, sockets, a store, a timer and a log. net::AsioWorld
// gives it the real ones, sim::BrokerNode the simulated ones, and a unit test those it wrote down itself.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "broker/core/record.h"
#include "broker/core/seam.h"
#include "broker/core/time.h"

namespace mqttvet::driver {

enum class CloseHow : std::uint8_t {
  gracefully,  // end our stream, take and forget what the peer still sends, and be gone when its stream has
               // ended
  at_once,     // be gone now; bytes on the way may be lost. May follow `gracefully`.
};

// None of these functions may call the driver back before it returns: what comes of them is reported later.
//
//   Connection              the world's own handle of a connection; the driver keeps it from add() to
//   closed() now()                   both clocks; the monotonic one never runs backwards write(connection,
//   views)
//                           write some or all of these bytes, in order, and report Driver::wrote(). Called
//                           again only after that. The views stay valid until everything in them was reported
//                           written, or closed()
//   close(connection, how)  and report Driver::closed(), after which the connection's views are not read any
//   more commit(batch)           make the records durable, in order, as one transaction, and report
//   Driver::committed(). One
//                           at a time; the batch stays valid until then
//   arm(deadline)           report Driver::tick() at this time, instead of any time before; nullopt: not at
//   all hold_reads(hold)        whether reading from all connections should rest, because the store has
//   fallen behind log(level, text)        one line for the operator
template <class W>
concept World = std::movable<typename W::Connection> &&
    requires(W world, typename W::Connection& connection, std::span<const codec::BytesView> views,
             CloseHow how, std::span<const core::Record> batch, std::optional<core::Monotonic> deadline,
             bool hold, core::Log::Level level, std::string_view text) {
  { world.now() } -> std::same_as<core::Now>;
  world.write(connection, views);
  world.close(connection, how);
  world.commit(batch);
  world.arm(deadline);
  world.hold_reads(hold);
  world.log(level, text);
};

}  // namespace mqttvet::driver
