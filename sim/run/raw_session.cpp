#include "sim/run/raw_session.h"

#include <algorithm>

namespace mqttvet::sim {
namespace {

constexpr std::size_t kPacketIds = 65535;

}  // namespace

std::optional<RawSession::ToSend> RawSession::next() {
  if (queue_.empty()) return std::nullopt;
  const bool is_exchange = queue_.front().message.qos > 0;
  if (is_exchange &&
      (published_.size() + released_.size() >= receive_maximum_ || taken_.size() == kPacketIds))
    return std::nullopt;
  Queued first = std::move(queue_.front());
  queue_.pop_front();
  if (is_exchange) {
    first.message.packet_id = take_id();
    published_.push_back(first);
  }
  return ToSend{std::move(first.message), first.operation};
}

std::vector<wire::Packet> RawSession::resume() const {
  std::vector<wire::Packet> packets;
  for (const Released& exchange : released_) packets.push_back(wire::Pubrel{.packet_id = exchange.packet_id});
  for (const Queued& exchange : published_) {
    wire::Publish again = exchange.message;
    again.dup = true;
    packets.push_back(std::move(again));
  }
  return packets;
}

std::vector<RawSession::OperationId> RawSession::discard() {
  std::vector<OperationId> operations;
  for (const Released& exchange : released_) {
    operations.push_back(exchange.operation);
    give_back(exchange.packet_id);
  }
  for (const Queued& exchange : published_) {
    operations.push_back(exchange.operation);
    give_back(exchange.message.packet_id);
  }
  released_.clear();
  published_.clear();
  received_.clear();
  return operations;
}

std::optional<RawSession::Finished> RawSession::handle(const wire::Puback& puback) {
  auto finished = finish_published(puback.packet_id, 1, puback.reason_code);
  if (finished) give_back(puback.packet_id);
  return finished;
}

std::optional<RawSession::Finished> RawSession::handle(const wire::Pubrec& pubrec) {
  const auto finished = finish_published(pubrec.packet_id, 2, pubrec.reason_code);
  if (!finished) return std::nullopt;
  if (pubrec.reason_code >= 0x80) {
    give_back(pubrec.packet_id);
    return finished;
  }
  released_.push_back({pubrec.packet_id, finished->operation});
  return std::nullopt;
}

std::optional<RawSession::Finished> RawSession::handle(const wire::Pubcomp& pubcomp) {
  const auto exchange = std::find_if(released_.begin(), released_.end(),
                                     [&](const Released& r) { return r.packet_id == pubcomp.packet_id; });
  if (exchange == released_.end()) return std::nullopt;
  const Finished finished{exchange->operation, pubcomp.reason_code};
  released_.erase(exchange);
  give_back(pubcomp.packet_id);
  return finished;
}

bool RawSession::is_released(std::uint16_t packet_id) const {
  return std::any_of(released_.begin(), released_.end(),
                     [&](const Released& exchange) { return exchange.packet_id == packet_id; });
}

std::uint16_t RawSession::take_id() {
  do {
    last_id_ = last_id_ == kPacketIds ? 1 : static_cast<std::uint16_t>(last_id_ + 1);
  } while (!taken_.insert(last_id_).second);
  return last_id_;
}

std::optional<RawSession::Finished> RawSession::finish_published(std::uint16_t packet_id, std::uint8_t qos,
                                                                 std::uint8_t reason_code) {
  const auto exchange = std::find_if(published_.begin(), published_.end(), [&](const Queued& q) {
    return q.message.packet_id == packet_id && q.message.qos == qos;
  });
  if (exchange == published_.end()) return std::nullopt;
  const Finished finished{exchange->operation, reason_code};
  published_.erase(exchange);
  return finished;
}

}  // namespace mqttvet::sim
