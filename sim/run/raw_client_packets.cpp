// What the raw client does with the broker's packets.
#include "conformance/scram/scram.h"
#include "sim/run/raw_client_impl.h"

namespace mqttvet::sim {
namespace {

using wire::PropertyId;

constexpr std::uint8_t kContinueAuthentication = 0x18;
constexpr std::uint8_t kSessionTakenOver = 0x8E;
constexpr std::uint8_t kPacketIdentifierNotFound = 0x92;

}  // namespace

void RawClient::handle(const wire::Packet& packet) {
  ping_unanswered_ = false;
  if (const auto* connack = std::get_if<wire::Connack>(&packet)) return handle_connack(*connack);
  if (const auto* publish = std::get_if<wire::Publish>(&packet)) return handle_publish(*publish);
  if (const auto* pubrec = std::get_if<wire::Pubrec>(&packet)) return handle_pubrec(*pubrec);
  if (const auto* pubrel = std::get_if<wire::Pubrel>(&packet)) return handle_pubrel(*pubrel);
  if (const auto* suback = std::get_if<wire::Suback>(&packet))
    return handle_answer(suback->packet_id, suback->reason_codes);
  if (const auto* unsuback = std::get_if<wire::Unsuback>(&packet))
    return handle_answer(unsuback->packet_id, unsuback->reason_codes);
  if (const auto* disconnect = std::get_if<wire::Disconnect>(&packet)) return handle_disconnect(*disconnect);
  if (const auto* auth = std::get_if<wire::Auth>(&packet)) return handle_auth(*auth);
  std::optional<RawSession::Finished> finished;
  if (const auto* puback = std::get_if<wire::Puback>(&packet)) finished = session_.handle(*puback);
  if (const auto* pubcomp = std::get_if<wire::Pubcomp>(&packet)) finished = session_.handle(*pubcomp);
  if (!finished) return;
  message_finished(*finished);
  send_queue();
}

void RawClient::handle_connack(const wire::Connack& connack) {
  if (connected_) return;
  if (connack.reason_code != 0) {
    const std::string text = wire::describe_reason_code(wire::PacketType::connack, connack.reason_code);
    if (!under_way<DoConnect>()) return lost(text);  // try again later
    wants_connection_ = false;
    drop_connection();
    return finish({false, text});
  }
  connect_deadline_.stop();
  connected_ = was_connected_ = true;
  backoff_ = plan_.reconnect_min;
  ping_unanswered_ = false;
  keep_alive_ = plan_.keep_alive;
  if (const auto seconds = wire::number(connack.properties, PropertyId::server_keep_alive))
    keep_alive_ = std::chrono::seconds(*seconds);
  session_.set_send_quota(wire::number(connack.properties, PropertyId::receive_maximum).value_or(65535));
  const auto topic_alias_maximum = [](const wire::Properties& properties) {
    return static_cast<std::uint16_t>(wire::number(properties, PropertyId::topic_alias_maximum).value_or(0));
  };
  aliases_.begin(plan_.topic_aliases ? topic_alias_maximum(connack.properties) : std::uint16_t{0},
                 topic_alias_maximum(plan_.properties));
  const bool untold = plan_.version == Version::v3_1 && !connect_.clean_start.value_or(plan_.clean_start);
  if (connack.session_present || untold) {  // a CONNACK of 3.1 does not tell
    for (const wire::Packet& packet : session_.resume()) resend(packet);
  } else {
    for (const RawSession::OperationId operation : session_.discard())
      finish_if(under_way<DoPublish>() && tasks_.front().id == operation,
                {false, "the session was not kept"});
  }
  arm_ping();
  if ((under_way<DoSubscribe>() || under_way<DoUnsubscribe>()) && answer_id_ == 0) send_subscription();
  send_queue();
  finish_if(under_way<DoConnect>(), {true, ""});
}

void RawClient::handle_publish(wire::Publish publish) {
  if (const auto wrong = aliases_.resolve(publish)) {
    send(wire::Disconnect{.reason_code = *wrong});
    return lost(wire::describe_reason_code(wire::PacketType::disconnect, *wrong));
  }
  if (publish.qos < 2 || session_.receive(publish.packet_id))
    world_.after(Duration{0},
                 [report = on_arrival_, arrival = Arrival{.client = plan_.name,
                                                          .topic = publish.topic,
                                                          .payload = publish.payload,
                                                          .qos = publish.qos,
                                                          .retained = publish.retain,
                                                          .duplicate = publish.dup}] { report(arrival); });
  if (publish.qos == 1) acknowledge_publish<wire::Puback>(publish.packet_id);
  if (publish.qos == 2) acknowledge_publish<wire::Pubrec>(publish.packet_id);
}

// A refused message is done with: a QoS 2 one may come again under its packet id, as another message.
template <class Acknowledgement>
void RawClient::acknowledge_publish(std::uint16_t packet_id) {
  const std::uint8_t reason_code = is_v5() ? acknowledge_reason_ : std::uint8_t{0};
  if (reason_code >= kError) session_.release(packet_id);
  acknowledge_or_hold(Acknowledgement{.packet_id = packet_id, .reason_code = reason_code});
}

void RawClient::handle_pubrec(const wire::Pubrec& pubrec) {
  if (const auto failed = session_.handle(pubrec)) {
    message_finished(*failed);
    return send_queue();
  }
  if (pubrec.reason_code >= kError) return;
  const bool known = session_.is_released(pubrec.packet_id);
  send(wire::Pubrel{.packet_id = pubrec.packet_id,
                    .reason_code = known || !is_v5() ? std::uint8_t{0} : kPacketIdentifierNotFound});
}

void RawClient::handle_pubrel(const wire::Pubrel& pubrel) {
  const bool known = session_.release(pubrel.packet_id);
  acknowledge_or_hold(
      wire::Pubcomp{.packet_id = pubrel.packet_id,
                    .reason_code = known || !is_v5() ? std::uint8_t{0} : kPacketIdentifierNotFound});
}

// Two clients with one id must not take it from each other for ever.
void RawClient::handle_disconnect(const wire::Disconnect& disconnect) {
  if (disconnect.reason_code == kSessionTakenOver) wants_connection_ = false;
  lost(wire::describe_reason_code(wire::PacketType::disconnect, disconnect.reason_code));
}

// 4.12: the broker's question is answered with the next of the plan's answers, or by SCRAM, or, if there is
// neither, with nothing.
void RawClient::handle_auth(const wire::Auth& auth) {
  if (auth.reason_code != kContinueAuthentication) return;
  wire::Auth answer{.reason_code = kContinueAuthentication};
  if (const auto method = wire::text(auth.properties, PropertyId::authentication_method))
    answer.properties.emplace_back(PropertyId::authentication_method, *method);
  if (auth_answers_given_ < plan_.auth_answers.size())
    answer.properties.emplace_back(PropertyId::authentication_data,
                                   plan_.auth_answers[auth_answers_given_++]);
  else if (wire::text(auth.properties, PropertyId::authentication_method) == conformance::kScramSha256 &&
           plan_.password)
    answer.properties.emplace_back(
        PropertyId::authentication_data,
        conformance::scram_client_final(
            wire::text(plan_.properties, PropertyId::authentication_data).value_or(""),
            wire::text(auth.properties, PropertyId::authentication_data).value_or(""), *plan_.password));
  send(answer);
}

void RawClient::handle_answer(std::uint16_t packet_id, const std::vector<std::uint8_t>& reason_codes) {
  if (answer_id_ == 0 || packet_id != answer_id_) return;
  for (const std::uint8_t code : reason_codes)
    if (code >= kError) return finish({false, wire::describe_reason_code(wire::PacketType::suback, code)});
  finish({true, ""});
}

void RawClient::acknowledge_or_hold(const wire::Packet& packet) {
  if (policy_ == Acknowledge::automatic) return send(packet);
  if (held_ids_.insert(held_id(packet)).second) held_.push_back(packet);
}

}  // namespace mqttvet::sim
