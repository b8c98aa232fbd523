// How the core speaks to the world: every Send, Persist and Log is made here.
#include "broker/core/state.h"

namespace mqttvet::core {

void Broker::State::send_bytes(Connection& connection, codec::Bytes head, codec::SharedBytes payload,
                               RecordSequence after) {
  const std::size_t size = head.size() + (payload ? payload->size() : 0);
  connection.unwritten_bytes += size;
  counters_.sent_bytes += size;
  actions_->emplace_back(Send{connection.id, std::move(head), std::move(payload), after});
}

RecordSequence Broker::State::persist(Record record) {
  latest_ = RecordSequence{static_cast<std::uint64_t>(latest_) + 1};
  actions_->emplace_back(Persist{latest_, std::move(record)});
  return latest_;
}

RecordSequence Broker::State::persist_put(const Session& session, const OutgoingMessage& message) {
  if (!session.is_persistent() || message.record.qos == QoS::at_most_once) return {};
  return persist(PutOutgoing{session.client_id, message.record});
}

RecordSequence Broker::State::persist_update(const Session& session, const OutgoingMessage& message) {
  if (!session.is_persistent() || message.record.qos == QoS::at_most_once) return {};
  if (MUTANT(DUR3_queue_update_not_persisted)) return {};
  const OutgoingRecord& record = message.record;
  return persist(UpdateOutgoing{session.client_id, record.key, record.position, record.state,
                                record.packet_id, session.outgoing.next_packet_id()});
}

void Broker::State::persist_delete(const Session& session, const OutgoingMessage& message) {
  if (!session.is_persistent() || message.record.qos == QoS::at_most_once) return;
  persist(DeleteOutgoing{session.client_id, message.record.key, message.record.message->id});
}

void Broker::State::log(Log::Level level, Log::Area area, std::string text) {
  actions_->emplace_back(Log{level, area, std::move(text)});
}

}  // namespace mqttvet::core
