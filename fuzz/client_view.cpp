#include "fuzz/client_view.h"

#include "conformance/wire/describe.h"
#include "fuzz/require.h"

namespace mqttvet::fuzz {

using wire::PropertyId;
using wire::Version;

constexpr std::uint8_t kContinueAuthentication = 0x18;

void ClientView::sends(std::string_view bytes) {
  to_broker_.feed(bytes);
  while (true) {
    const auto next = to_broker_.next();
    if (std::holds_alternative<wire::Malformed>(next)) lost_ = true;
    if (!std::holds_alternative<wire::Arrival>(next)) return;
    note_sent(std::get<wire::Arrival>(next).packet);
  }
}

void ClientView::note_sent(const wire::Packet& packet) {
  if (const auto* connect = std::get_if<wire::Connect>(&packet)) {
    if (version()) return;  // a second one is an error and changes nothing
    from_broker_.set_version(connect->version);
    if (connect->version != Version::v5_0) return;
    maximum_packet_size_ = number(connect->properties, PropertyId::maximum_packet_size).value_or(UINT32_MAX);
    receive_maximum_ = number(connect->properties, PropertyId::receive_maximum).value_or(65535);
    topic_alias_maximum_ = number(connect->properties, PropertyId::topic_alias_maximum).value_or(0);
  } else if (const auto* puback = std::get_if<wire::Puback>(&packet)) {
    finish(puback->packet_id);
  } else if (const auto* pubrec = std::get_if<wire::Pubrec>(&packet)) {
    if (!in_flight_.contains(pubrec->packet_id)) unasked_.insert(pubrec->packet_id);
    if (pubrec->reason_code >= 0x80) finish(pubrec->packet_id);
  } else if (const auto* pubcomp = std::get_if<wire::Pubcomp>(&packet)) {
    finish(pubcomp->packet_id);
  }
}

void ClientView::receives(std::string_view bytes) {
  // Without a CONNECT that the judge understands there is no version to read the answer by.
  if (lost_ || !version()) return;
  from_broker_.feed(bytes);
  while (true) {
    const auto next = from_broker_.next();
    if (const auto* malformed = std::get_if<wire::Malformed>(&next))
      fail("the broker has sent what no server may: " + malformed->text);
    if (!std::holds_alternative<wire::Arrival>(next)) break;
    judge(std::get<wire::Arrival>(next));
  }
  require(from_broker_.peek().bytes == 0, "the broker has sent part of a packet");
}

void ClientView::judge(const wire::Arrival& arrival) {
  const wire::Packet& packet = arrival.packet;
  if (arrival.length > maximum_packet_size_) fail("larger than the client takes: " + describe(packet));
  if (refused_) fail("after a CONNACK that refuses: " + describe(packet));
  if (const auto* connack = std::get_if<wire::Connack>(&packet)) {
    if (connected_) fail("a second CONNACK");
    connected_ = true;
    refused_ = connack->reason_code != 0;
  } else if (!connected_ && !std::holds_alternative<wire::Auth>(packet) &&
             !std::holds_alternative<wire::Disconnect>(packet)) {
    fail("before CONNACK: " + describe(packet));
  }
  if (const auto* publish = std::get_if<wire::Publish>(&packet)) judge(*publish);
  if (const auto* auth = std::get_if<wire::Auth>(&packet);
      auth && auth->reason_code == kContinueAuthentication)
    answers_.emplace_back(*auth);
  if (const auto* pubrel = std::get_if<wire::Pubrel>(&packet)) {
    if (unasked_.erase(pubrel->packet_id) == 0) in_flight_.insert(pubrel->packet_id);
    answers_.emplace_back(wire::Pubcomp{.packet_id = pubrel->packet_id});
  }
}

void ClientView::judge(const wire::Publish& publish) {
  const std::string what = describe(wire::Packet(publish));
  if (const auto alias = number(publish.properties, PropertyId::topic_alias)) {
    if (*alias == 0 || *alias > topic_alias_maximum_) fail("a topic alias that is not allowed: " + what);
    if (!publish.topic.empty()) topic_aliases_[*alias] = publish.topic;
    if (!topic_aliases_.contains(*alias)) fail("a topic alias that stands for nothing: " + what);
  } else if (publish.topic.empty()) {
    fail("neither topic nor alias: " + what);
  }
  if (publish.qos == 0) return;
  const bool repeated = !in_flight_.insert(publish.packet_id).second;
  if (repeated && (!publish.dup || version() == Version::v5_0))
    fail("a packet id that is in flight already: " + what);
  if (version() == Version::v5_0 && in_flight_.size() > receive_maximum_)
    fail("more than the Receive Maximum in flight: " + what);
  if (publish.qos == 1)
    answers_.emplace_back(wire::Puback{.packet_id = publish.packet_id});
  else
    answers_.emplace_back(wire::Pubrec{.packet_id = publish.packet_id});
}

std::optional<wire::Packet> ClientView::next_answer() {
  if (answers_.empty()) return std::nullopt;
  const wire::Packet answer = answers_.front();
  answers_.pop_front();
  return answer;
}

}  // namespace mqttvet::fuzz
