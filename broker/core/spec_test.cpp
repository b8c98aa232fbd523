// Citations: what the source says about itself.
#include "broker/core/spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace mqttvet::core {
namespace {

using ::testing::IsEmpty;

const std::filesystem::path kHere = std::filesystem::path(__FILE__).parent_path();

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::set<std::string> cited_statements() {
  std::set<std::string> ids;
  for (const auto& entry : std::filesystem::directory_iterator(kHere)) {
    const std::string name = entry.path().filename();
    if (!name.ends_with(".cpp") && !name.ends_with(".h")) continue;
    if (name.ends_with("_test.cpp") || name == "spec.h") continue;
    const std::string text = read(entry.path());
    for (std::size_t at = text.find("SPEC(\""); at != std::string::npos; at = text.find("SPEC(\"", at + 1)) {
      ids.insert(text.substr(at + 6, text.find('"', at + 6) - at - 6));
    }
  }
  return ids;
}

// "MQTT5-3.3.4-6" is "5.0,MQTT-3.3.4-6,..." in the catalogue.
TEST(Spec, CitesStatementsThatExist) {
  const auto statements = kHere.parent_path().parent_path() / "conformance" / "statements";
  const std::string v5 = "\n" + read(statements / "mqtt-5.0-normative.csv");
  const std::string v311 = "\n" + read(statements / "mqtt-3.1.1-normative.csv");
  const std::set<std::string> cited = cited_statements();
  EXPECT_GT(cited.size(), 100u);
  for (const std::string& id : cited) {
    const std::string number = id.substr(id.find('-'));
    const bool exists = id.starts_with("MQTT5-")
                            ? v5.find("\n5.0,MQTT" + number + ",") != std::string::npos
                            : v311.find("\n3.1.1,MQTT" + number + ",") != std::string::npos;
    EXPECT_TRUE(exists) << id;
  }
}

#ifdef MQTTVET_MUTANTS
// When all stories have been told, each citation has been reached.
class EachIsReached : public ::testing::Environment {
  void TearDown() override {
    if (::testing::UnitTest::GetInstance()->test_to_run_count() < 50) return;  // not the whole program
    std::set<std::string> missing = cited_statements();
    for (const std::string_view id : reached_statements()) missing.erase(std::string(id));
    EXPECT_THAT(missing, IsEmpty()) << "cited, and reached by no test";
  }
};
const auto* const kEachIsReached = ::testing::AddGlobalTestEnvironment(new EachIsReached);
#endif

}  // namespace
}  // namespace mqttvet::core
