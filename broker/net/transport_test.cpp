// TLS, WebSocket and both together, over real sockets on this machine.
#include <fstream>

#include "broker/net/test_client.h"

namespace mqttvet::net::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using Opcode = Client::Opcode;

using Tls = NetTest;
using WebSocket = NetTest;
using Reload = NetTest;

// --- TLS ---------------------------------------------------------------------------------------------------

TEST_F(Tls, ServesClients) {
  serve({listener(Scheme::mqtts)});
  Client alice(address());
  ASSERT_TRUE(alice.start_tls(trusting()));
  alice.send(kConnect);
  EXPECT_EQ(alice.receive(4), kConnack);
}

TEST_F(Tls, ALargeMessageComesThroughWhole) {
  serve({listener(Scheme::mqtts)});
  Client alice(address());
  ASSERT_TRUE(alice.start_tls(trusting()));
  alice.send(kConnect);
  alice.receive(4);
  alice.send(std::string_view("\x82\x06\x00\x01\x00\x01t\x00", 8));  // SUBSCRIBE "t", QoS 0
  EXPECT_EQ(alice.receive(5), std::string_view("\x90\x03\x00\x01\x00", 5));
  // PUBLISH "t", QoS 0; Remaining Length 500003 = 0x23 + 128 * (0x42 + 128 * 0x1E)
  const std::string publish =
      std::string("\x30\xA3\xC2\x1E", 4) + std::string("\x00\x01t", 3) + std::string(500'000, 'x');
  alice.send(publish);
  EXPECT_EQ(alice.receive(publish.size()), publish);
}

TEST_F(Tls, AClientThatMustShowACertificate_AndHasNone_IsRefused) {
  ListenerConfig config = listener(Scheme::mqtts);
  config.verify_client = VerifyClient::required;
  config.client_ca_file = authority.certificate_file();
  serve({config});
  Client alice(address());
  alice.start_tls(trusting());  // in TLS 1.3 its side is done before the server has looked
  alice.send(kConnect);
  EXPECT_TRUE(alice.ended());
  expect_logged("TLS handshake failed: peer did not return a certificate");
  Client bob(address());
  ASSERT_TRUE(bob.start_tls(trusting_as("bob")));
  bob.send(kConnect);
  EXPECT_EQ(bob.receive(4), kConnack);
}

TEST_F(Tls, ACertificateOfSomebodyElsesAuthority_IsRefused) {
  ListenerConfig config = listener(Scheme::mqtts);
  config.verify_client = VerifyClient::optional;
  config.client_ca_file = authority.certificate_file();
  serve({config});
  CertificateAuthority other;
  Client mallory(address());
  mallory.start_tls({authority.certificate_file(), other.issue("mallory")});
  mallory.send(kConnect);
  EXPECT_TRUE(mallory.ended());
  expect_logged("TLS handshake failed: certificate verify failed");
  expect_served();  // without any
}

TEST_F(Tls, ACertificateThatNamesTheUser_HasTheRightsOfTheUser) {
  core::Config config;
  config.access_lists.rules = std::vector{core::AccessRule{.allow = true,
                                                           .who = core::AccessRule::Who::user,
                                                           .name = "ann",
                                                           .what = core::AccessRule::What::all,
                                                           .topic_filter = "t"}};
  ListenerConfig named = listener(Scheme::mqtts);
  named.verify_client = VerifyClient::optional;
  named.client_ca_file = authority.certificate_file();
  ListenerConfig unnamed = named;
  named.use_certificate_name = true;
  serve({named, unnamed}, config);
  const auto suback = [&](const ListenAddress& where, const ClientTls& tls) {
    Client client(where);
    EXPECT_TRUE(client.start_tls(tls));
    client.send(kConnect);
    EXPECT_EQ(client.receive(4), kConnack);
    client.send(std::string_view("\x82\x06\x00\x01\x00\x01t\x00", 8));  // SUBSCRIBE "t", QoS 0
    return client.receive(5);
  };
  const std::string granted("\x90\x03\x00\x01\x00", 5), refused("\x90\x03\x00\x01\x80", 5);
  EXPECT_EQ(suback(address(0), trusting_as("ann")), granted);
  EXPECT_EQ(suback(address(0), trusting_as("bob")), refused);
  EXPECT_EQ(suback(address(0), trusting()), refused) << "without a certificate it is nobody";
  EXPECT_EQ(suback(address(1), trusting_as("ann")), refused) << "this listener does not look at names";
}

TEST_F(Tls, SaysCloseNotifyWhenTheServerStops) {
  serve({listener(Scheme::mqtts)});
  Client alice(address());
  ASSERT_TRUE(alice.start_tls(trusting()));
  alice.send(kConnect);
  alice.receive(4);
  server->stop();
  EXPECT_TRUE(alice.ended());
}

// A graceful end waits for the peer, and no longer than the driver's flush limit.
TEST_F(Tls, APeerThatNeverEndsItsStream_DoesNotKeepTheServerFromStopping) {
  serve({listener(Scheme::mqtts), listener(Scheme::wss)});
  Client alice(address()), bob(address(1));
  ASSERT_TRUE(alice.start_tls(trusting()));
  alice.send(kConnect);
  alice.receive(4);
  ASSERT_TRUE(bob.start_tls(trusting()));
  bob.upgrade();
  bob.send_frame(Opcode::binary, connect_as('b'));
  bob.receive_frame();
  stop();
}

TEST_F(Tls, FilesThatAreNoUse_AreSaidInOneLine) {
  serve({});
  ListenerConfig config = listener(Scheme::mqtts);
  config.certificate_file = "/nowhere/broker.pem";
  EXPECT_EQ(server->listen(config),
            "mqtts://127.0.0.1:0: certificate_file '/nowhere/broker.pem': No such file or directory");
  config = listener(Scheme::mqtts);
  config.key_file = authority.issue("other").key;
  EXPECT_THAT(server->listen(config).value_or(""), HasSubstr("key_file '" + config.key_file + "': "));
  config = listener(Scheme::mqtts);
  config.certificate_file = config.key_file;
  EXPECT_THAT(server->listen(config).value_or(""), HasSubstr("expected a certificate in PEM form"));
  config = listener(Scheme::wss);
  config.verify_client = VerifyClient::required;
  EXPECT_EQ(server->listen(config), "wss://127.0.0.1:0: client_ca_file is missing");
}

// --- WebSocket ---------------------------------------------------------------------------------------------

TEST_F(WebSocket, ServesClients_InBinaryFrames) {
  serve({listener(Scheme::ws)});
  Client alice(address());
  EXPECT_EQ(alice.upgrade(), "HTTP/1.1 101 Switching Protocols");
  EXPECT_THAT(alice.upgrade_answer(), HasSubstr("Sec-WebSocket-Protocol: mqtt\r\n")) << "[MQTT5-6.0.0-4]";
  alice.send_frame(Opcode::binary, kConnect);
  const auto frame = alice.receive_frame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->opcode, Opcode::binary);
  EXPECT_EQ(frame->payload, kConnack);
}

TEST_F(WebSocket, AlsoOverTls) {
  serve({listener(Scheme::wss)});
  expect_served();
}

TEST_F(WebSocket, PacketsAreNotAlignedWithFrames) {
  serve({listener(Scheme::ws)});
  Client alice(address());
  alice.upgrade();
  alice.send_frame(Opcode::binary, kConnect.substr(0, 5));
  alice.send_frame(Opcode::binary, kConnect.substr(5, 3), false);
  alice.send_frame(Opcode::ping, "there?");
  alice.send_frame(Opcode::continuation, "", false);
  alice.send_frame(Opcode::continuation, std::string(kConnect.substr(8)) + std::string(kPingreq));
  EXPECT_EQ(alice.receive_frame().value().opcode, Opcode::pong);
  std::string bytes;
  while (bytes.size() < 6) {
    const auto frame = alice.receive_frame();
    ASSERT_TRUE(frame);
    bytes += frame->payload;
  }
  EXPECT_EQ(bytes, std::string(kConnack) + std::string(kPingresp));
}

TEST_F(WebSocket, APacketIsAFrame_OfAnySize) {
  serve({listener(Scheme::ws)});
  Client alice(address());
  alice.upgrade();
  alice.send_frame(Opcode::binary, std::string(kConnect) + std::string(kPingreq) + std::string(kPingreq));
  EXPECT_EQ(alice.receive_frame().value().payload, kConnack);
  EXPECT_EQ(alice.receive_frame().value().payload, kPingresp);
  EXPECT_EQ(alice.receive_frame().value().payload, kPingresp);
  alice.send_frame(Opcode::binary, std::string_view("\x82\x06\x00\x01\x00\x01t\x00", 8));  // SUBSCRIBE "t"
  alice.receive_frame();
  // PUBLISH "t", QoS 0; Remaining Length 500003 = 0x23 + 128 * (0x42 + 128 * 0x1E)
  const std::string publish =
      std::string("\x30\xA3\xC2\x1E", 4) + std::string("\x00\x01t", 3) + std::string(500'000, 'x');
  for (std::size_t at = 0; at < publish.size(); at += 50'000)
    alice.send_frame(Opcode::binary, std::string_view(publish).substr(at, 50'000));
  EXPECT_EQ(alice.receive_frame().value().payload, publish);
}

TEST_F(WebSocket, ATextFrameEndsTheConnection) {
  serve({listener(Scheme::ws)});
  Client alice(address());
  alice.upgrade();
  alice.send_frame(Opcode::text, kConnect);
  EXPECT_TRUE(alice.ended());
}

TEST_F(WebSocket, ASubProtocolIsNeeded) {
  serve({listener(Scheme::ws)});
  Client alice(address()), bob(address()), carol(address());
  EXPECT_EQ(alice.upgrade("/mqtt", ""), "HTTP/1.1 400 Bad Request");
  EXPECT_EQ(bob.upgrade("/mqtt", "chat"), "HTTP/1.1 400 Bad Request");
  EXPECT_THAT(carol.upgrade("/", "chat, mqttv3.1"), HasSubstr("101"));
  EXPECT_THAT(carol.upgrade_answer(), HasSubstr("Sec-WebSocket-Protocol: mqttv3.1\r\n"));
}

TEST_F(WebSocket, ServesItsPathOnly) {
  ListenerConfig config = listener(Scheme::ws);
  config.address.path = "/broker";
  serve({listener(Scheme::ws), config});
  EXPECT_THAT(Client(address(0)).upgrade("/"), HasSubstr("101"));
  EXPECT_THAT(Client(address(0)).upgrade("/mqtt?x=y"), HasSubstr("101"));
  EXPECT_EQ(Client(address(0)).upgrade("/broker"), "HTTP/1.1 404 Not Found");
  EXPECT_THAT(Client(address(1)).upgrade("/broker"), HasSubstr("101"));
  EXPECT_EQ(Client(address(1)).upgrade("/mqtt"), "HTTP/1.1 404 Not Found");
}

TEST_F(WebSocket, ABrowserThatLooksHere_IsToldWhatThisIs) {
  serve({listener(Scheme::ws)});
  Client browser(address());
  browser.send("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  EXPECT_THAT(browser.receive(1000), StartsWith("HTTP/1.1 426 Upgrade Required"));
}

TEST_F(WebSocket, SaysCloseWhenTheServerStops) {
  serve({listener(Scheme::ws)});
  Client alice(address());
  alice.upgrade();
  alice.send_frame(Opcode::binary, kConnect);
  alice.receive_frame();
  server->stop();
  const auto frame = alice.receive_frame();
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->opcode, Opcode::close);
  EXPECT_EQ(frame->payload, std::string_view("\x03\xE8", 2)) << "1000, a normal closure";
  alice.send_frame(Opcode::close, frame->payload);
  EXPECT_TRUE(alice.ended());
}

// --- Several listeners, and others -------------------------------------------------------------------------

TEST_F(NetTest, SeveralListenersAtOnce_IPv4AndIPv6) {
  ListenerConfig v6 = listener(Scheme::mqtt);
  v6.address.host = "::1";
  serve({listener(Scheme::mqtt), v6, listener(Scheme::mqtts), listener(Scheme::ws), listener(Scheme::wss)});
  for (std::size_t which = 0; which < 5; ++which) expect_served(which);
}

TEST_F(Reload, NewCertificatesAreForThoseWhoComeThen) {
  std::vector<ListenerConfig> configs{listener(Scheme::mqtts)};
  serve(configs);
  Client alice(address());
  ASSERT_TRUE(alice.start_tls(trusting()));
  alice.send(kConnect);
  alice.receive(4);

  CertificateAuthority successor;
  const CertificateAuthority::Files files = successor.issue("broker");
  configs[0].certificate_file = files.certificate;
  configs[0].key_file = files.key;
  on_hangup = [&] { return server->reload(configs); };
  EXPECT_EQ(hang_up(), std::nullopt);

  Client bob(address()), carol(address());
  EXPECT_FALSE(bob.start_tls(trusting()));
  EXPECT_TRUE(carol.start_tls({successor.certificate_file()}));
  alice.send(kPingreq);
  EXPECT_EQ(alice.receive(2), kPingresp) << "who is there has not noticed";
}

TEST_F(Reload, WhatIsWrongChangesNothing) {
  std::vector<ListenerConfig> configs{listener(Scheme::mqtt), listener(Scheme::mqtts)};
  serve(configs);
  std::ofstream(configs[1].key_file) << "no key";
  configs[0].limits.connections_max = 0;
  on_hangup = [&] { return server->reload(configs); };
  EXPECT_THAT(hang_up().value_or(""), HasSubstr("expected a private key in PEM form"));
  expect_served(0);
  expect_served(1);
  configs.pop_back();
  EXPECT_THAT(hang_up().value_or(""), HasSubstr("with a restart only"));
}

TEST_F(Reload, LimitsChange) {
  std::vector<ListenerConfig> configs{listener(Scheme::mqtt)};
  serve(configs);
  configs[0].limits.connections_max = 0;
  on_hangup = [&] { return server->reload(configs); };
  EXPECT_EQ(hang_up(), std::nullopt);
  EXPECT_TRUE(Client(address()).ended());
}

}  // namespace
}  // namespace mqttvet::net::testing
