#include "sim/run/recorder.h"

#include <fmt/format.h>

namespace mqttvet::sim {

using Kind = HistoryEvent::Kind;

Recorder::Recorder(World& world, Network& network) : world_(world), network_(network) {
  network_.observe([this](const Observed& seen) { observe(seen); });
}
Recorder::~Recorder() {
  network_.observe(nullptr);
}

void Recorder::add(Kind kind, std::string client, std::string text, int fault) {
  world_.trace().line(world_.now(), client, [&] { return text; });
  append({.kind = kind,
          .at = world_.now(),
          .client = std::move(client),
          .packet = {},
          .text = std::move(text),
          .fault = fault});
}

void Recorder::observe(const Observed& seen) {
  HistoryEvent event{.kind = Kind::opened,
                     .at = seen.at,
                     .client = std::string(seen.client_host),
                     .connection = seen.connection,
                     .packet = {},
                     .text = {}};
  switch (seen.kind) {
    case Observed::Kind::opened:
      wires_.try_emplace(seen.connection);
      line(seen, "--", [&] { return fmt::format("connection {} opened", seen.connection); });
      return append(std::move(event));
    case Observed::Kind::client_sent:
      return read_sent(wires_[seen.connection], seen);
    case Observed::Kind::client_received:
      return read_received(wires_[seen.connection], seen);
    case Observed::Kind::closed:
      wires_.erase(seen.connection);
      line(seen, "--", [&] { return fmt::format("connection {}: {}", seen.connection, seen.reason); });
      event.kind = Kind::closed;
      event.text = seen.reason;
      return append(std::move(event));
  }
}

void Recorder::read_sent(Wire& wire, const Observed& seen) {
  if (wire.sent_is_broken) return;
  wire.sent.feed(seen.bytes);
  while (true) {
    auto next = wire.sent.next();
    if (auto* arrival = std::get_if<wire::Arrival>(&next)) {
      if (const auto* connect = std::get_if<wire::Connect>(&arrival->packet))
        wire.received.set_version(connect->version);
      append_packet(Kind::sent, seen, std::move(arrival->packet));
    } else if (const auto* malformed = std::get_if<wire::Malformed>(&next)) {
      wire.sent_is_broken = true;
      return append_malformed(Kind::malformed_sent, seen, "->", malformed->text);
    } else {
      return;
    }
  }
}

void Recorder::read_received(Wire& wire, const Observed& seen) {
  if (wire.received_is_broken) return;
  wire.received.feed(seen.bytes);
  while (true) {
    auto next = wire.received.next();
    if (auto* arrival = std::get_if<wire::Arrival>(&next)) {
      append_packet(Kind::received, seen, std::move(arrival->packet));
    } else if (const auto* malformed = std::get_if<wire::Malformed>(&next)) {
      wire.received_is_broken = true;
      return append_malformed(Kind::malformed, seen, "<-", malformed->text);
    } else {
      return;
    }
  }
}

void Recorder::append_malformed(Kind kind, const Observed& seen, const char* arrow, const std::string& text) {
  line(seen, arrow, [&] { return "no packet: " + text; });
  append({.kind = kind,
          .at = seen.at,
          .client = std::string(seen.client_host),
          .connection = seen.connection,
          .packet = {},
          .text = text});
}

void Recorder::append_packet(Kind kind, const Observed& seen, wire::Packet packet) {
  line(seen, kind == Kind::sent ? "->" : "<-", [&] { return wire::describe(packet); });
  append({.kind = kind,
          .at = seen.at,
          .client = std::string(seen.client_host),
          .connection = seen.connection,
          .packet = std::move(packet),
          .text = {}});
}

void Recorder::append(HistoryEvent event) {
  events_.push_back(std::move(event));
  if (listener_) listener_(events_.back());
}

void Recorder::line(const Observed& seen, std::string_view arrow, const std::function<std::string()>& text) {
  world_.trace().line(seen.at, seen.client_host, [&] {
    return fmt::format("{} {} {}  {}", seen.client_host, arrow, seen.server_host, text());
  });
}

}  // namespace mqttvet::sim
