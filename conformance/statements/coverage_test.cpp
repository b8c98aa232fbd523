// Every statement is accounted for, and every case speaks of statements that exist.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "conformance/harness/case.h"
#include "conformance/statements/statements.h"

namespace mqttvet::conformance {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::set<std::string> covered_by_cases(Subject subject) {
  std::set<std::string> ids;
  for (const Case& one : all_cases()) {
    if (one.subject == subject) ids.insert(one.statements.begin(), one.statements.end());
  }
  return ids;
}

TEST(Statements, AreThoseOfTheStandards) {
  int of_311 = 0;
  int of_5 = 0;
  std::set<std::string> ids;
  for (const Statement& statement : all_statements()) {
    EXPECT_TRUE(ids.insert(statement.id).second) << statement.id << " twice";
    EXPECT_THAT(statement.summary, testing::Not(IsEmpty())) << statement.id;
    if (statement.numbered()) ++(statement.version == "5.0" ? of_5 : of_311);
  }
  EXPECT_EQ(of_311, 141);
  EXPECT_EQ(of_5, 251);
}

TEST(Statements, AreFoundByTheirIds) {
  ASSERT_NE(find_statement("MQTT5-3.8.4-1"), nullptr);
  EXPECT_EQ(find_statement("MQTT5-3.8.4-1")->section, "3.8.4");
  EXPECT_EQ(find_statement("MQTT311-3.1.2-24")->section, "3.1.2.10");
  ASSERT_NE(find_statement("MQTT5-4.8.2-n1"), nullptr);
  EXPECT_EQ(find_statement("MQTT5-9.9.9-9"), nullptr);
}

TEST(Statements, KnowOurReadings) {
  EXPECT_THAT(readings_of("MQTT311-4.3.3-2"), ElementsAre(HasSubstr("When does a QoS 2 message"),
                                                          HasSubstr("repeated on a live connection")));
  EXPECT_THAT(readings_of("MQTT5-3.12.4-1"), IsEmpty());
}

TEST(Coverage, CasesNameStatementsThatExist) {
  for (const Case& one : all_cases()) {
    for (const std::string& id : one.statements) {
      EXPECT_NE(find_statement(id), nullptr)
          << one.file << ":" << one.line << ": " << one.name << " names " << id;
    }
  }
}

TEST(Coverage, CasesNameAStatementOfEveryVersionTheyRunIn) {
  for (const Case& one : all_cases()) {
    for (const auto version : {wire::Version::v3_1_1, wire::Version::v5_0}) {
      if (!contains(one.versions, version)) continue;
      EXPECT_THAT(one.statements_of(version), testing::Not(IsEmpty()))
          << one.file << ":" << one.line << ": " << one.name << " names none of " << wire::name_of(version);
    }
  }
}

TEST(Coverage, EveryStatementIsAccountedFor) {
  const std::set<std::string> by_broker_cases = covered_by_cases(Subject::broker);
  const std::set<std::string> by_client_cases = covered_by_cases(Subject::client);
  std::set<std::string> excused;
  for (const Uncovered& row : all_uncovered()) {
    EXPECT_NE(find_statement(row.id), nullptr) << "uncovered.csv names " << row.id;
    EXPECT_TRUE(excused.insert(row.id).second) << "uncovered.csv names " << row.id << " twice";
    EXPECT_THAT(row.kind, testing::AnyOf("oracle", "unobservable")) << row.id;
    EXPECT_FALSE(row.text.empty()) << row.id << ": no reason";
  }
  for (const Statement& statement : all_statements()) {
    // What has no number and binds a client is mostly what a server calls an error.
    const bool of_clients = statement.bound == "client" && statement.numbered();
    const std::set<std::string>& covered = of_clients ? by_client_cases : by_broker_cases;
    if (statement.bound == "client" && by_client_cases.contains(statement.id)) continue;
    EXPECT_TRUE(covered.contains(statement.id) || excused.contains(statement.id))
        << statement.id << " (" << statement.summary
        << ") has no case of its kind, and no reason in conformance/statements/uncovered.csv";
  }
}

}  // namespace
}  // namespace mqttvet::conformance
