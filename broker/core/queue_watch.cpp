// What the queues of the sessions have in common: the priorities of topics, and the alarms of queues that
// grow.
//
//   messages
//   high  ----------------o-- alarm     An alarm is raised when the high watermark is reached, and cleared
//   when
//                        / \            the low one is, or when the session ends: once each, whatever happens
//   low   -----o--------/---o-- clear   between them.
#include <algorithm>

#include "broker/codec/topic.h"
#include "broker/core/live_config.h"
#include "broker/core/state.h"

namespace mqttvet::core {

std::uint8_t Broker::State::priority_of(std::string_view topic_name) const {
  if (config_.queue_type == QueueType::simple) return 0;
  for (const TopicPriority& entry : config_.queue_topic_priorities) {
    if (!codec::matches(entry.topic_filter, topic_name)) continue;
    if (MUTANT(PRI1_lowest_first)) return static_cast<std::uint8_t>(255 - entry.priority);
    if (MUTANT(E_B06_equals_by_hash)) return plant_priority_by_hash(entry.priority, topic_name);
    return entry.priority;
  }
  return 0;
}

// The high watermark is reachable, and the low one below it, however small the queue is.
void Broker::State::set_watermarks() {
  const std::size_t most = config_.queue_messages_max;
  watermarks_ = {};
  if (most == 0 || config_.queue_high_watermark_percent == 0) return;
  const std::size_t high = (most * config_.queue_high_watermark_percent + 99) / 100;
  watermarks_.high = std::clamp<std::size_t>(high, 1, most);
  watermarks_.low = std::min(most * config_.queue_low_watermark_percent / 100, watermarks_.high - 1);
}

// Queues that are longer than they may be now shrink with what is sent; nothing is dropped for it.
void Broker::State::take_live(const Config& wanted) {
  take_live_keys(config_, wanted);
  set_watermarks();
  for (const auto& [client_id, session] : sessions_) {
    if (watermarks_.high == 0) clear_queue_alarm(*session);
    watch_queue(*session);
  }
}

void Broker::State::watch_queue(Session& session) {
  const std::size_t queued = session.outgoing.queue().clients_size();
  if (session.queue_alarm) {
    if (queued <= watermarks_.low) clear_queue_alarm(session);
    if (queued <= watermarks_.high || !MUTANT(ALM2_alarm_for_every_message)) return;
    --queue_alarm_count_;
  }
  if (watermarks_.high == 0 || queued < watermarks_.high) return;
  if (queued == watermarks_.high && MUTANT(ALM1_alarm_one_late)) return;
  session.queue_alarm = true;
  ++queue_alarm_count_;
  alarms_.emplace_back("alert", session.client_id);
}

void Broker::State::clear_queue_alarm(Session& session) {
  if (!session.queue_alarm || MUTANT(E_I03_alarm_not_cleared)) return;
  session.queue_alarm = false;
  --queue_alarm_count_;
  alarms_.emplace_back("clear", session.client_id);
}

}  // namespace mqttvet::core
