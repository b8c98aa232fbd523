// The topics below $SYS/broker, where the broker speaks of itself (docs/sys-topics.md has the table). Figures
// are retained, and published when they have changed; alarms are events. None of them is stored.
#include "broker/core/state.h"

namespace mqttvet::core {
namespace {

constexpr const char* kRoot = "$SYS/broker/";

// As JSON wants it (RFC 8259, section 7).
std::string quoted(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      quoted += "\\u00";
      quoted += kHex[byte >> 4];
      quoted += kHex[byte & 15];
      continue;
    }
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

MessagePtr Broker::State::make_sys_message(const std::string& name, std::string payload, QoS qos,
                                           bool retain) {
  auto message = std::make_shared<Message>();
  message->id = MessageId{++last_message_id_};
  message->qos = qos;
  message->retain = retain;
  message->topic_name = kRoot + name;
  message->payload = std::move(payload);
  message->arrived_at = now_.monotonic;
  return message;
}

void Broker::State::publish_figure(const std::string& name, std::string value) {
  std::vector<MessagePtr> known;
  figures_.match(kRoot + name, known);
  if (!known.empty() && known.front()->payload == value) return;
  const MessagePtr message = make_sys_message(name, std::move(value), QoS::at_most_once, true);
  figures_.put(message, std::nullopt);
  route(message);
}

void Broker::State::publish_figures() {
  timers_.arm(sys_timer_, now_.monotonic + config_.sys_interval);
  const auto figure = [this](const std::string& name, std::uint64_t value) {
    publish_figure(name, std::to_string(value));
  };
  publish_figure("version", config_.version);
  const auto uptime = std::chrono::floor<std::chrono::seconds>(now_.monotonic - started_at_);
  publish_figure("uptime", std::to_string(uptime.count()) + " seconds");

  const Resources resources = this->resources();
  std::size_t connected = 0;
  for (const auto& [client_id, session] : sessions_) connected += session->connection != nullptr ? 1 : 0;
  connected_max_ = std::max(connected_max_, connected);
  figure("clients/connected", connected);
  figure("clients/disconnected", sessions_.size() - connected);
  figure("clients/total", sessions_.size());
  figure("clients/maximum", connected_max_);
  figure("clients/expired", counters_.sessions_expired);
  figure("subscriptions/count", resources.subscriptions);
  figure("shared_subscriptions/count", groups_.member_count());
  figure("shared_subscriptions/groups", groups_.size());
  figure("retained messages/count", resources.retained_messages);
  figure("messages/queued", resources.queued_messages);
  figure("messages/inflight", resources.inflight_messages);
  figure("alarms/queue_high_watermark", queue_alarm_count_);

  const Counters& counted = counters_;
  figure("bytes/received", counted.received_bytes);
  figure("bytes/sent", counted.sent_bytes);
  figure("publish/messages/received", counted.received_publish);
  figure("publish/messages/sent", counted.delivered_publish);
  figure("publish/messages/resent", counted.resent_publish);
  figure("publish/messages/dropped/queue_full", counted.dropped_queue_full);
  figure("publish/messages/dropped/qos0_offline", counted.dropped_qos0_offline);
  figure("publish/messages/dropped/qos0_congested", counted.dropped_qos0_congested);
  figure("publish/messages/dropped/expired", counted.dropped_expired);
  figure("publish/messages/dropped/too_large", counted.dropped_too_large);
  figure("publish/messages/dropped", counted.dropped_queue_full + counted.dropped_qos0_offline +
                                         counted.dropped_qos0_congested + counted.dropped_expired +
                                         counted.dropped_too_large);
  figure("publish/messages/not_retained/full", counted.not_retained_full);
  figure("publish/messages/not_retained/too_large", counted.not_retained_too_large);
}

// At the end of a step: an alarm is raised in the midst of routing, and routing must not begin again there.
// What waits for a client because of these messages raises no alarm in its turn.
void Broker::State::publish_alarms() {
  while (!alarms_.empty() && !refusing_) {
    const auto alarms = std::exchange(alarms_, {});
    for (const auto& [event, client_id] : alarms) {
      const bool alert = event == "alert";
      log(alert ? Log::Level::warning : Log::Level::info, Log::Area::message,
          "queue " + std::string(alert ? "at its high watermark: " : "below its low watermark: ") +
              client_id);
      if (config_.sys_interval.count() == 0) continue;
      const std::string text =
          "{\"alarm\": \"queue_high_watermark\", \"client_id\": " + quoted(client_id) + "}";
      route(make_sys_message("alarms/queue_high_watermark/" + event, text, QoS::at_least_once, false));
    }
  }
  alarms_.clear();
}

}  // namespace mqttvet::core
