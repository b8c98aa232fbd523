#include "conformance/target_live/target_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <stdexcept>

namespace mqttvet::conformance {
namespace {

using testing::HasSubstr;

class TargetFileTest : public testing::Test {
 protected:
  ~TargetFileTest() override { std::remove(path_.c_str()); }
  LiveOptions read(const std::string& text) {
    std::FILE* file = std::fopen(path_.c_str(), "w");
    std::fputs(text.c_str(), file);
    std::fclose(file);
    return read_target_file(path_);
  }
  std::string error_of(const std::string& text) {
    try {
      read(text);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  }
  std::string path_ = testing::TempDir() + "target_file_test.yaml";
};

TEST_F(TargetFileTest, StatesAllThatIsKnown) {
  const LiveOptions options = read(
      "address: mqtts://127.0.0.1:8883\n"
      "user_name: alice\n"
      "password: pw\n"
      "answer_within: 1.5\n"
      "has: [durable]\n"
      "lacks: [retain, qos-2]\n"
      "limits: {topic_bytes_max: 256, topic_prefix: test/, forbidden_topics: [$SYS/]}\n"
      "hooks: {start: 'true', stop: 'true'}\n");
  EXPECT_EQ(options.url.port, 8883);
  EXPECT_EQ(options.facts.credentials.user_name, "alice");
  EXPECT_EQ(options.facts.pace.answer_within, std::chrono::milliseconds(1500));
  EXPECT_TRUE(options.facts.has(Capability::durable));
  EXPECT_TRUE(options.facts.lacks.contains(Capability::qos_2));
  EXPECT_EQ(options.facts.limits.topic_bytes_max, 256u);
  EXPECT_EQ(options.facts.limits.client_id_bytes_max, Limits::kNone);
  EXPECT_EQ(options.facts.limits.topic_prefix, "test/");
  EXPECT_THAT(options.facts.limits.forbidden_topics, testing::ElementsAre("$SYS/"));
  EXPECT_EQ(options.hooks.stop, "true");
}

TEST_F(TargetFileTest, SaysWhatIsWrong) {
  EXPECT_THAT(error_of("user_name: a\n"), HasSubstr("expected the key address"));
  EXPECT_THAT(error_of("address: mqtt://a\nport: 1\n"),
              HasSubstr(":2: unknown key 'port'; expected one of address"));
  EXPECT_THAT(error_of("address: broker\n"), HasSubstr(":1: broker: no scheme"));
  EXPECT_THAT(error_of("address: mqtt://a\nhas: [wings]\n"), HasSubstr(":2: unknown capability 'wings'"));
  EXPECT_THAT(error_of("address: mqtt://a\nquiet_for: -1\n"), HasSubstr(":2: '-1'; expected seconds"));
  EXPECT_THAT(error_of("address: mqtt://a\nlimits: {packet_bytes_max: 0}\n"),
              HasSubstr(":2: '0'; expected a whole number above 0"));
  EXPECT_THAT(error_of("address: [\n"), HasSubstr("target_file_test.yaml:"));
}

}  // namespace
}  // namespace mqttvet::conformance
