// Chapter 6: MQTT over WebSocket. Every other case runs over it, too, if the target is a ws:// or wss:// one;
// that what comes is in binary frames is looked at for each of them.
#include "conformance/harness/case.h"

namespace mqttvet::conformance {
namespace {

CaseInfo over_websocket(std::string statement) {
  return {.statements = {std::move(statement)},
          .versions = v3_1_1 | v5_0,
          .needs = {Capability::websocket},
          .tags = {"websocket"}};
}

// The first byte is ASCII and so is all the rest: WebSocket itself has nothing against it as a text.
Publish readable(Run& run) {
  return {.topic = run.topic("t"), .payload = "text"};
}

}  // namespace

CASE("MQTT5-6.0.0-1/text-frame-with-a-publish", {over_websocket("MQTT311-6.0.0-1")}) {
  Client& client = run.connected();
  client.send_as(Framing::text, encode(readable(run), run.version()));
  client.expect_closed();
}

CASE("MQTT5-6.0.0-1/text-frame-with-connect", {over_websocket("MQTT311-6.0.0-1")}) {
  Client& client = run.client();
  client.open();
  Connect connect = client.connect_packet();
  connect.keep_alive = 60;
  client.send_as(Framing::text, encode(connect, run.version()));
  check(client.expect_closed().packets.empty(), "no answer to a CONNECT in a text frame");
}

CASE("MQTT5-6.0.0-1/text-frame-in-the-middle-of-a-packet", {over_websocket("MQTT311-6.0.0-1")}) {
  Client& client = run.connected();
  const std::string bytes = encode(readable(run), run.version());
  client.send_bytes(bytes.substr(0, 5));
  client.send_as(Framing::text, bytes.substr(5));
  client.expect_closed();
}

CASE("MQTT5-6.0.0-1/others-are-not-closed", {over_websocket("MQTT311-6.0.0-1")}) {
  Client& bystander = run.client("bystander");
  Client& offender = run.client("offender");
  bystander.connect();
  offender.connect();
  offender.send_as(Framing::text, encode(readable(run), run.version()));
  offender.expect_closed();
  bystander.expect_open();
}

CASE("MQTT5-6.0.0-2/one-byte-in-each-frame", {over_websocket("MQTT311-6.0.0-2")}) {
  Client& client = run.client();
  client.open();
  client.send_in_pieces(1, client.connect_packet());
  check_equal(client.expect_next<Connack>().reason_code, 0, "code of CONNACK");
  client.send_in_pieces(1, Subscribe{.packet_id = 1, .subscriptions = {{run.topic("t"), 0}}});
  client.expect<Suback>();
  client.send_in_pieces(1, Publish{.topic = run.topic("t"), .payload = "m"});
  client.expect_publish(run.topic("t"), "m");
}

CASE("MQTT5-6.0.0-2/many-packets-in-one-frame", {over_websocket("MQTT311-6.0.0-2")}) {
  Client& client = run.connected();
  std::string bytes =
      encode(Subscribe{.packet_id = 1, .subscriptions = {{run.topic("t"), 0}}}, run.version());
  for (int i = 0; i < 10; ++i)
    bytes += encode(Publish{.topic = run.topic("t"), .payload = std::to_string(i)}, run.version());
  client.send_bytes(bytes);
  client.expect<Suback>();
  for (int i = 0; i < 10; ++i) client.expect_publish(run.topic("t"), std::to_string(i));
}

CASE("MQTT5-6.0.0-2/connect-and-more-in-one-frame", {over_websocket("MQTT311-6.0.0-2")}) {
  Client& client = run.client();
  client.open();
  client.send_bytes(encode(client.connect_packet(), run.version()) + encode(Pingreq{}, run.version()));
  check_equal(client.expect_next<Connack>().reason_code, 0, "code of CONNACK");
  client.expect<Pingresp>();
}

CASE("MQTT5-6.0.0-2/frames-that-end-inside-packets", {over_websocket("MQTT311-6.0.0-2")}) {
  Client& client = run.subscribed(run.topic("t"), 0, "client");
  std::string bytes;
  for (int i = 0; i < 20; ++i)
    bytes += encode(Publish{.topic = run.topic("t"), .payload = std::to_string(i)}, run.version());
  for (std::size_t at = 0; at < bytes.size(); at += 37) client.send_bytes(bytes.substr(at, 37));
  for (int i = 0; i < 20; ++i) client.expect_publish(run.topic("t"), std::to_string(i));
}

CASE("MQTT5-6.0.0-2/continuation-frames", {over_websocket("MQTT311-6.0.0-2")}) {
  Client& client = run.subscribed(run.topic("t"), 0, "client");
  const std::string payload(300, 'x');
  client.send_as(Framing::fragmented,
                 encode(Publish{.topic = run.topic("t"), .payload = payload}, run.version()));
  client.expect_publish(run.topic("t"), payload);
}

CASE("MQTT5-6.0.0-4/sub-protocol-is-mqtt", {over_websocket("MQTT311-6.0.0-4")}) {
  Client& client = run.connected();
  check_equal(client.sub_protocol(), "mqtt", "Sec-WebSocket-Protocol of the answer");
}

}  // namespace mqttvet::conformance
