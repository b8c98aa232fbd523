// The configuration file: read strictly, and printed so that it reads the same.
#include "broker/config/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <sstream>

#include "broker/core/seam.h"

namespace mqttvet::config {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

Settings good(std::string_view yaml) {
  auto settings = read(yaml, "f.yaml");
  if (const auto* wrong = std::get_if<std::string>(&settings)) {
    ADD_FAILURE() << *wrong;
    return {};
  }
  return std::get<Settings>(settings);
}
std::string wrong(std::string_view yaml) {
  const auto settings = read(yaml, "f.yaml");
  const auto* text = std::get_if<std::string>(&settings);
  return text == nullptr ? "" : *text;
}

TEST(ConfigFile, ReadsEverySection) {
  const Settings settings = good(
      "listeners:\n"
      "  - address: mqtts://0.0.0.0:8883\n"
      "    certificate_file: c.pem\n"
      "    connect_timeout: 3\n"
      "    use_certificate_name: true\n"
      "  - {address: 'ws://[::1]:0/x', verify_client: \"optional\"}\n"
      "storage: {directory: data}\n"
      "access:\n"
      "  users_file: \"users\"\n"
      "log:\n"
      "  level: debug\n"
      "  net: warning\n"
      "  format: json\n"
      "max_inflight: 7\n"
      "queue_qos0: true\n"
      "session_expiry_interval_v3: never\n");
  ASSERT_EQ(settings.listeners.size(), 2u);
  EXPECT_EQ(to_string(settings.listeners[0].address), "mqtts://0.0.0.0:8883");
  EXPECT_EQ(settings.listeners[0].certificate_file, "c.pem");
  EXPECT_EQ(settings.listeners[0].limits.connect_timeout, std::chrono::seconds(3));
  EXPECT_TRUE(settings.listeners[0].use_certificate_name);
  EXPECT_EQ(settings.listeners[1].verify_client, net::VerifyClient::optional);
  EXPECT_EQ(settings.data_directory, "data");
  EXPECT_EQ(settings.users_file, "users");
  EXPECT_EQ(settings.log_level, LogLevel::debug);
  EXPECT_EQ(settings.log_areas[static_cast<std::size_t>(core::Log::Area::net)], LogLevel::warning);
  EXPECT_EQ(settings.log_areas[static_cast<std::size_t>(core::Log::Area::session)], std::nullopt);
  EXPECT_EQ(settings.log_format, LogFormat::json);
  EXPECT_EQ(settings.core.max_inflight, 7);
  EXPECT_TRUE(settings.core.queue_qos0);
  EXPECT_EQ(settings.core.session_expiry_interval_v3, codec::kNeverExpires);
}

TEST(ConfigFile, Empty_IsTheDefaults) {
  EXPECT_EQ(print(good("")), print(Settings()));
  EXPECT_EQ(print(good("# nothing\n")), print(Settings()));
}

TEST(ConfigFile, SaysWhereItIsWrong_AndWhatWasExpected) {
  EXPECT_EQ(wrong("max_inflght: 1"),
            "f.yaml:1:1: unknown configuration key 'max_inflght': did you mean "
            "'max_inflight'?");
  EXPECT_THAT(wrong("\nreceive_maximum: 0"),
              StartsWith("f.yaml:2:18: receive_maximum: expected a whole number from 1 to 65535"));
  EXPECT_THAT(wrong("max_inflight: 1\nmax_inflight: 1"),
              StartsWith("f.yaml:2:1: 'max_inflight' is there twice"));
  EXPECT_THAT(wrong("max_inflight: [1]"), HasSubstr("1:15: max_inflight: expected a value, found a list"));
  EXPECT_THAT(wrong("max_inflight: \"1\""), HasSubstr("expected a value without quotes"));
  EXPECT_THAT(wrong("max_inflight:"), HasSubstr("expected a value, found nothing"));
  EXPECT_THAT(wrong("storage: x"), HasSubstr("storage: expected a mapping, found 'x'"));
  EXPECT_THAT(wrong("storage: {diretory: x}"),
              HasSubstr("1:11: unknown configuration key 'storage.diretory': did you mean "
                        "'storage.directory'?"));
  EXPECT_THAT(wrong("log: {level: loud}"),
              HasSubstr("1:14: log.level: expected debug, info, warning or error, not 'loud'"));
  EXPECT_THAT(
      wrong("log: {session: loud}"),
      HasSubstr("1:16: log.session: expected debug, info, warning or error; empty: log.level, not 'loud'"));
  EXPECT_THAT(wrong("listeners: {}"), HasSubstr("listeners: expected a list, found a mapping"));
  EXPECT_THAT(wrong("listeners: [{}]"), HasSubstr("1:13: the listener has no address"));
  EXPECT_THAT(wrong("listeners:\n  - adress: mqtt://127.0.0.1"),
              HasSubstr("2:5: unknown key 'adress' of a listener: did you mean 'address'?"));
  EXPECT_THAT(wrong("listeners: [{address: http://x}]"),
              HasSubstr("1:23: address: expected mqtt, mqtts, ws"));
  EXPECT_THAT(wrong("a: [1"), HasSubstr("not YAML"));
  EXPECT_THAT(wrong("a: 1\n---\nb: 2"), HasSubstr("expected one document"));
  EXPECT_THAT(wrong("- a"), HasSubstr("1:1: expected keys and values, found a list"));
}

TEST(ConfigFile, IsPrintedAsItIsRead) {
  Settings settings;
  settings.listeners.push_back(settings.listeners[0]);
  settings.listeners[1].address.port = 0;
  settings.data_directory = "a \"quoted\\ directory";
  settings.core.max_inflight = 3;
  EXPECT_EQ(print(good(print(settings))), print(settings));
}

TEST(ConfigFile, ExampleIsWhatIsPrinted) {
  std::ifstream file(MQTTVET_EXAMPLE_CONFIG);
  std::stringstream example;
  example << file.rdbuf();
  EXPECT_EQ(example.str(), print(Settings()))
      << "run: mqttvet-broker --print-config > docs/mqttvet-broker.example.yaml";
}

TEST(Settings, WithoutUsers_OnlyLoopbackIsServed) {
  Settings settings;
  settings.memory = true;
  EXPECT_EQ(check(settings), std::nullopt);
  settings.listeners[0].address = {net::Scheme::mqtt, "0.0.0.0", 1883, false};
  EXPECT_THAT(check(settings).value_or(""), HasSubstr("without a users file only loopback addresses"));
  settings.users_file = "users";
  EXPECT_EQ(check(settings), std::nullopt);
}

TEST(Settings, NamesFromCertificates_NeedVerification_AndAreAsGoodAsUsers) {
  Settings settings;
  settings.memory = true;
  net::ListenerConfig& listener = settings.listeners[0];
  listener = {.address = {net::Scheme::mqtts, "0.0.0.0", 8883, false},
              .certificate_file = "c",
              .key_file = "k",
              .client_ca_file = "a",
              .verify_client = net::VerifyClient::required,
              .use_certificate_name = true};
  EXPECT_EQ(check(settings), std::nullopt);
  listener.verify_client = net::VerifyClient::optional;
  EXPECT_THAT(check(settings).value_or(""), HasSubstr("without a users file only loopback addresses"));
  listener.address.loopback = true;
  EXPECT_EQ(check(settings), std::nullopt);
  listener.verify_client = net::VerifyClient::off;
  EXPECT_THAT(check(settings).value_or(""), HasSubstr("use_certificate_name needs mqtts or wss, and verify"));
}

TEST(Settings, KnowWhichKeysDiffer) {
  Settings one, other;
  EXPECT_THAT(differing_keys(one, other), ::testing::IsEmpty());
  other.core.max_inflight = 7;
  other.log_areas[0] = LogLevel::error;
  other.memory = true;
  EXPECT_THAT(differing_keys(one, other),
              ::testing::ElementsAre("storage.memory", "log.broker", "max_inflight"));
}

TEST(Settings, NeedAPlaceToStore_AndTheFilesOfTheirTransports) {
  Settings settings;
  EXPECT_THAT(check(settings).value_or(""), HasSubstr("--data DIR, or --memory"));
  settings.memory = true;
  settings.listeners[0].address.scheme = net::Scheme::wss;
  EXPECT_THAT(check(settings).value_or(""), HasSubstr("needs certificate_file and key_file"));
}

RC_GTEST_PROP(ConfigFile, TrustsNoByte, ()) {
  const auto piece =
      rc::gen::element<std::string>("listeners", ":", " ", "\n", "- ", "address", "{", "}", "[", "]",
                                    "max_inflight", "1", "\"", "&a", "*a", "!!", "~", "storage");
  std::string text;
  for (const std::string& one : *rc::gen::container<std::vector<std::string>>(piece)) text += one;
  read(text, "f");
}

}  // namespace
}  // namespace mqttvet::config
