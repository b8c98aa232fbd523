#include "sim/checkers/closings.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/checkers/blame.h"

namespace mqttvet::sim {
namespace {

constexpr std::size_t kLevelsMax = 64;  // of a topic that any broker takes

bool plain(std::string_view name, bool is_filter) {
  if (name.empty() || name.find('\0') != std::string_view::npos) return false;
  if (static_cast<std::size_t>(std::count(name.begin(), name.end(), '/')) > kLevelsMax) return false;
  return is_filter || (name.find_first_of("+#") == std::string_view::npos && !name.starts_with('$'));
}

// What any broker takes from any client.
bool harmless(const wire::Packet& packet, const PlanFacts& facts) {
  if (const auto* publish = std::get_if<wire::Publish>(&packet))
    return plain(publish->topic, false) &&
           publish->topic.size() + publish->payload.size() + 1024 < facts.maximum_packet_size();
  if (const auto* subscribe = std::get_if<wire::Subscribe>(&packet))
    return std::all_of(
        subscribe->subscriptions.begin(), subscribe->subscriptions.end(),
        [](const auto& each) { return plain(each.topic_filter, true) && !is_shared(each.topic_filter); });
  if (const auto* unsubscribe = std::get_if<wire::Unsubscribe>(&packet))
    return std::all_of(unsubscribe->topic_filters.begin(), unsubscribe->topic_filters.end(),
                       [](const auto& each) { return plain(each, true) && !is_shared(each); });
  using enum wire::PacketType;
  const wire::PacketType type = wire::type_of(packet);
  return type == connect || type == puback || type == pubrec || type == pubrel || type == pubcomp ||
         type == pingreq;
}

// Reasons of a 5.0 DISCONNECT that put the blame on the client; all others are the broker's own affairs.
bool accuses(std::uint8_t reason) {
  switch (reason) {
    case 0x80:  // unspecified error
    case 0x81:  // malformed packet
    case 0x82:  // protocol error
    case 0x83:  // implementation specific error
    case 0x8D:  // keep alive timeout
    case 0x93:  // receive maximum exceeded
    case 0x8E:  // session taken over
      return true;
    default:
      return false;
  }
}

// All that passed on the connection gives the broker no reason to close it.
bool blameless(const WireView& view, const PlanFacts& facts, const ConnectionView& connection) {
  const AccessRules& access = facts.access();
  if (access.changes({connection.connect, connection.closed})) return false;      // its user may be gone
  const bool may_refuse = !access.none() || facts.limits_subscriptions();
  if (may_refuse && connection.version == wire::Version::v3_1) return false;  // no SUBACK can
  const auto& answer = std::get<wire::Connack>(view.event(connection.connack).packet).properties;
  const std::uint32_t keep_alive =
      wire::number(answer, wire::PropertyId::server_keep_alive).value_or(connection.keep_alive);
  // One and a half times the keep-alive [MQTT5-3.1.2-22], less what two clocks may differ; at least itself.
  const Duration interval = std::chrono::seconds(keep_alive);
  const Duration patience = keep_alive == 0
                                ? Duration::max()
                                : std::max(interval, interval * 3 / 2 * 98 / 100 - std::chrono::seconds(1));
  std::uint32_t credit = wire::number(answer, wire::PropertyId::receive_maximum).value_or(65535);
  Time last = view.time(connection.opened);
  const auto in_time = [&](Time now) { return now - std::exchange(last, now) <= patience; };
  for (std::size_t index = connection.connect; index < connection.closed; ++index) {
    const HistoryEvent& event = view.event(index);
    if (event.connection != connection.number) continue;
    if (const auto* bye = std::get_if<wire::Disconnect>(&event.packet);
        event.kind == HistoryEvent::Kind::received && bye != nullptr && !accuses(bye->reason_code))
      return false;
    if (event.kind != HistoryEvent::Kind::sent) continue;
    if (!harmless(event.packet, facts) || !in_time(event.at)) return false;
    const auto* publish = std::get_if<wire::Publish>(&event.packet);
    if (publish != nullptr && publish->qos > 0 && credit-- == 0) return false;
  }
  return in_time(view.time(connection.closed));
}

// Another connection may have taken the client identifier over, or may do so late.
bool contested(const WireView& view, const ConnectionView& connection) {
  return std::any_of(view.connections.begin(), view.connections.end(), [&](const ConnectionView& other) {
    if (other.number == connection.number || other.client_id != connection.client_id) return false;
    if (other.connect > connection.closed) return false;
    return other.connack == kNoEvent || other.client != connection.client || other.closed == kNoEvent ||
           other.closed > connection.opened;
  });
}

// Nothing that goes wrong in this run can touch the connection.
bool undisturbed(const WireView& view, const ConnectionView& connection) {
  const auto& events = view.history->events;
  const std::size_t since = view.healed < connection.opened ? view.healed : 0;
  return std::none_of(events.begin() + static_cast<std::ptrdiff_t>(since),
                      events.begin() + static_cast<std::ptrdiff_t>(connection.closed), [](const auto& event) {
                        return event.kind == HistoryEvent::Kind::fault ||
                               event.kind == HistoryEvent::Kind::broker_vanished ||
                               event.kind == HistoryEvent::Kind::broker_crashed;
                      });
}

// Somebody else's bad bytes had just come: whom else do they hurt?
bool after_bad_input(const WireView& view, const ConnectionView& connection) {
  const auto& events = view.history->events;
  for (std::size_t index = connection.closed; index-- > connection.opened;) {
    if (view.time(connection.closed) - events[index].at > std::chrono::seconds(1)) return false;
    if (events[index].kind == HistoryEvent::Kind::malformed_sent) return true;
  }
  return false;
}

// The oracle that speaks for the closing: TIM if the broker says that the client was silent for too long.
const char* oracle_of(const WireView& view, const ConnectionView& connection) {
  for (std::size_t index = connection.closed; index-- > connection.connack;) {
    const HistoryEvent& event = view.event(index);
    if (event.connection != connection.number || event.kind != HistoryEvent::Kind::received) continue;
    const auto* bye = std::get_if<wire::Disconnect>(&event.packet);
    if (bye != nullptr && bye->reason_code == 0x8D) return "TIM";
    break;
  }
  return after_bad_input(view, connection) ? "ROB" : "LIV";
}

}  // namespace

void check_closings(const WireView& view, const PlanFacts& facts, std::vector<Violation>& violations) {
  if (facts.limits_half_done()) return;
  for (const ConnectionView& connection : view.connections) {
    if (connection.connack == kNoEvent || connection.closed == kNoEvent) continue;
    const std::string& text = view.event(connection.closed).text;
    if (text != "server closed" && text != "reset") continue;
    if (connection.disconnect != kNoEvent || connection.superseded != kNoEvent || connection.malformed)
      continue;
    if (facts.sends_raw_bytes(connection.client) || !undisturbed(view, connection)) continue;
    if (connection.session != kNoEvent && view.sessions[connection.session].strayed) continue;
    if (contested(view, connection) || !blameless(view, facts, connection)) continue;
    violations.push_back(violation(
        view, oracle_of(view, connection), "", connection.client,
        fmt::format("the broker closed the connection of \"{}\", which had kept its keep-alive, sent nothing "
                    "wrong and met no fault",
                    connection.client),
        {connection.connack, connection.closed}));
  }
}

}  // namespace mqttvet::sim
