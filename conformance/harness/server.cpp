#include "conformance/harness/server.h"

#include "conformance/harness/application.h"
#include "conformance/harness/verdict.h"

namespace mqttvet::conformance {

Server::Server(Run& run, std::string name) : Peer(run, std::move(name), Direction::client_to_server) {}

void Server::accept(Duration within) {
  begin_connection();
  const Time until = deadline(within);
  while (true) {
    if (auto channel = run_.venue().accept(*this)) {
      attach(std::move(channel));
      return;
    }
    if (run_.now() >= until) fail("a network connection of the client");
    run_.wait(until);
  }
}

void Server::expect_no_connection(Duration during) {
  const Time until = run_.now() + (during == Duration::zero() ? run_.pace().quiet_for : during);
  while (run_.now() < until) {
    if (run_.venue().is_asked_for_a_connection()) fail("no further network connection of the client");
    run_.wait(until);
  }
}

Connect Server::greet(const Connack& answer, Duration within) {
  accept(within);
  Connect connect = expect_next<Connect>(within);
  send(answer);
  return connect;
}

Connect Server::welcome(Application& application, const Connack& answer) {
  const Asked asked = application.connect();
  Connect connect = greet(answer);
  application.expect_done(asked);
  return connect;
}

Subscribe Server::grant() {
  Subscribe subscribe = expect<Subscribe>();
  Suback suback{.packet_id = subscribe.packet_id};
  for (const Subscription& one : subscribe.subscriptions) suback.reason_codes.push_back(one.qos);
  send(suback);
  return subscribe;
}

Unsubscribe Server::take_back() {
  Unsubscribe unsubscribe = expect<Unsubscribe>();
  Unsuback unsuback{.packet_id = unsubscribe.packet_id};
  if (version() == Version::v5_0) unsuback.reason_codes.resize(unsubscribe.topic_filters.size(), 0);
  send(unsuback);
  return unsubscribe;
}

void Server::expect_open() {
  const std::uint16_t packet_id = next_packet_id();
  send(Publish{.qos = 1, .topic = run_.topic("still/there"), .packet_id = packet_id});
  check_equal(expect<Puback>().packet_id, packet_id, "packet identifier of PUBACK");
}

void Server::leaving(const Packet& packet) {
  const auto* connack = std::get_if<Connack>(&packet);
  if (connack && connack->reason_code == 0) connected_ = true;
}

}  // namespace mqttvet::conformance
