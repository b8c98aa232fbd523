// The four ways to read a suite: everything a target said is data, never markup or a command for the
// terminal.
#include "reports/conformance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "reports/case_export.h"

namespace mqttvet::reports {
namespace {

using conformance::CaseResult;
using conformance::SuiteReport;
using conformance::Time;
using conformance::TranscriptEntry;
using conformance::Verdict;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

CaseResult result_of(const std::string& name, Verdict verdict, const std::string& text = "") {
  CaseResult result;
  result.name = name;
  result.version = wire::Version::v5_0;
  result.statements = {name.substr(0, name.find('/'))};
  result.verdict = verdict;
  result.text = text;
  return result;
}

// One of each, with what a hostile target might say.
SuiteReport report() {
  SuiteReport report;
  report.target = "mqtt://<b>:1883";
  report.version_of_mqttvet = "1";
  report.results = {result_of("MQTT5-3.8.4-1/passes", Verdict::pass),
                    result_of("MQTT5-3.8.4-2/fails", Verdict::fail, "<script>alert(1)</script>\x1b[2J"),
                    result_of("MQTT5-3.9.3-1/is-known", Verdict::fail, "as ever"),
                    result_of("MQTT5-3.9.3-2/is-lax", Verdict::non_strict, "no code"),
                    result_of("MQTT5-3.10.4-1/is-unclear", Verdict::inconclusive, "refused"),
                    result_of("MQTT5-3.10.4-2/is-not-run", Verdict::skipped, "needs retain")};
  report.results[2].known = "ticket 1";
  report.results[1].took = std::chrono::seconds(2);
  using Kind = TranscriptEntry::Kind;
  report.results[1].transcript = {{Kind::opened, Time(1000), "alice", 1, "is connected", ""},
                                  {Kind::sent, Time(2000), "alice", 1, "PINGREQ", std::string("\xC0\0", 2)},
                                  {Kind::malformed, Time(3000), "alice", 1, "type 0", std::string(1, '\0')},
                                  {Kind::ended, Time(4000), "alice", 1, "closes", ""}};
  return report;
}

TEST(ConformanceTerminal, GroupsBySectionAndTellsWhatFailed) {
  const std::string text = conformance_terminal(report(), {});
  EXPECT_THAT(text, HasSubstr("MQTT 5.0   3.8   SUBSCRIBE                 1 pass  1 fail"));
  EXPECT_THAT(text, HasSubstr("mqttvet conform MQTT5-3.8.4-2/fails --mqtt 5.0 --target mqtt://<b>:1883"));
  EXPECT_THAT(text, HasSubstr("alice        -> PINGREQ"));
  EXPECT_THAT(text, HasSubstr("MQTT5-3.8.4-2: SUBACK repeats the id."));
  EXPECT_THAT(text, HasSubstr("known: ticket 1"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("/passes")));
  EXPECT_THAT(conformance_terminal(report(), {.verbose = true}), HasSubstr("/passes"));
  EXPECT_THAT(conformance_summary(report()),
              HasSubstr("1 pass, 2 fail, 1 non-strict, 1 inconclusive, 1 skipped, 1 of these known"));
}

TEST(ConformanceJunit, HasASuiteForEachSection) {
  const std::string xml = conformance_junit(report());
  EXPECT_THAT(xml, HasSubstr("tests=\"6\" failures=\"1\" errors=\"1\" skipped=\"2\""));
  EXPECT_THAT(xml, HasSubstr("<testsuite name=\"MQTT 5.0 3.10 UNSUBSCRIBE\" tests=\"2\""));
  EXPECT_THAT(xml, HasSubstr("<error type=\"inconclusive\" message=\"refused\">"));
  EXPECT_THAT(xml, HasSubstr("known: ticket 1 (as ever)"));
  EXPECT_THAT(xml, Not(HasSubstr("<script>")));
  EXPECT_THAT(xml, Not(HasSubstr("\x1b")));
}

TEST(ConformanceJson, IsWhatItsDocumentSays) {
  const auto json = nlohmann::json::parse(conformance_json(report()));
  EXPECT_EQ(json["format"], 1);
  EXPECT_EQ(json["passed"], false);
  EXPECT_EQ(json["counts"]["fail"], 2);
  EXPECT_THAT(json["results"], SizeIs(6));
  const auto& failed = json["results"][1];
  EXPECT_EQ(failed["verdict"], "fail");
  EXPECT_EQ(failed["transcript"][1]["bytes"], "C0 00");
  EXPECT_EQ(failed["transcript"][2]["kind"], "malformed");
  EXPECT_EQ(json["results"][2]["known"], "ticket 1");
  EXPECT_FALSE(json["results"][0].contains("transcript"));
}

TEST(ConformanceHtml, NeedsNothingAndObeysNobody) {
  const std::string html = conformance_html(report());
  EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;\\x1B[2J"));
  EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(html, Not(HasSubstr("src=")));
  EXPECT_THAT(html, Not(HasSubstr("href=")));
  EXPECT_THAT(html, HasSubstr("mqtt://&lt;b&gt;:1883"));
}

TEST(CaseExport, WritesEveryNewFailureThreeWays) {
  const auto files = export_failures(report());
  ASSERT_THAT(files, SizeIs(6));  // one fail, one inconclusive
  EXPECT_EQ(files[0].name, "MQTT5-3.8.4-2-fails-mqtt-5.0.hex");
  EXPECT_THAT(files[0].content, HasSubstr("0.000002 1 > C0 00   # PINGREQ"));
  EXPECT_THAT(files[0].content, HasSubstr("0.000003 1 < 00   # type 0"));
  EXPECT_THAT(files[2].content, HasSubstr("(0.000, 1, \"send\", \"C0 00\"),  # PINGREQ"));
}

TEST(CaseExport, WhatATargetSaysIsNeverCode) {
  const std::string program =
      python_program(result_of("MQTT5-3.8.4-2/fails", Verdict::fail, "\"\"\"\nimport os; os.abort()"));
  EXPECT_THAT(program, HasSubstr("# MQTT5-3.8.4-2/fails [MQTT 5.0]: \"\"\"\\x0Aimport os"));
  EXPECT_THAT(program, Not(HasSubstr("\nimport os; os.abort")));
}

// File header; handshake (3 packets), PINGREQ, one byte from the target, FIN.
TEST(CaseExport, PcapHoldsTheConversation) {
  const std::string bytes = pcap(report().results[1]);
  ASSERT_THAT(bytes, SizeIs(24 + 6 * 16 + 6 * 40 + 3));
  EXPECT_EQ(bytes.substr(0, 4), "\xA1\xB2\xC3\xD4");
  // The checksum of a header that has its checksum in it is 0.
  std::uint32_t sum = 0;
  for (std::size_t i = 40; i < 60; i += 2)
    sum += static_cast<unsigned char>(bytes[i]) << 8 | static_cast<unsigned char>(bytes[i + 1]);
  EXPECT_EQ((sum & 0xFFFF) + (sum >> 16), 0xFFFFu);
}

}  // namespace
}  // namespace mqttvet::reports
