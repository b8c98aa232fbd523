#include "sim/plan/read_plan.h"

#include <gmock/gmock.h>

#include <fstream>

#include "sim/plan/write_plan.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// Every key of the format at least once.
constexpr const char* kEverything = R"(format: 1
name: everything
about: All that can be said.
statements: [MQTT5-4.4.0-1, MQTT311-4.3.3-2]
seed: 18446744073709551615
schedule: pct
broker: {max_inflight: 2, session_expiry_interval_v3: 7200, queue_qos0: true, mutants: [B015_pid_collision_at_wrap],
         users: {ann: a}, acl: ["allow all all #"], message_rate_max: 9}
clients:
  alice:
  bob: {driver: raw, version: 5.0, client_id: robert, session_expiry: never, receive_maximum: 3, keep_alive: 0,
        maximum_packet_size: 1000, reconnect: false, reconnect_min: 500ms, reconnect_max: 1.5s, acknowledge: none,
        clean_start: true, will: {topic: w, payload: gone, qos: 1, retain: true, delay: 5s, expiry: 1min}}
  carol: {driver: paho_c, version: "3.1"}
  dave: {driver: paho}
steps:
  - fault: {slow: broker, for: 3s, factor: 20}
  - alice: connect
  - bob: {connect: {clean_start: false, session_expiry: 10s, receive_maximum: 7}}
  - alice: {subscribe: [{filter: t/#, qos: 2}, {filter: +/x}]}
  - bob: {subscribe: {filters: [{filter: a, qos: 1, no_local: true, retain_as_published: true, retain_handling: 2}], identifier: 9}}
  - bob: {publish: {topic: t/1, qos: 1, retain: true, payload: "x", count: 3, gap: 10ms, expiry: 30s, pad_to_bytes: 100}}
    background: true
  - fault: {reset: alice, when: {received: PUBREL, nth: 2, after_bytes: 1}}
  - fault: {broker_crash: broker, when: {client: alice, sent: PUBREC, whole: true}, for: 2s}
  - bob: {publish: {topic: t/1, empty_payload: true}}
    may_fail: true
  - bob: {acknowledge: {release: [3, 1]}}
  - bob: {acknowledge: automatic}
  - bob: {acknowledge: none}
  - bob: {acknowledge: {policy: none, release: all}}
  - bob: {send: C0 00}
  - wait: 5s
  - alice: {expect: {exactly: [CONNACK, {PUBLISH: {qos: 1, dup: false, id: 1..3, topic: t/1}}], within: 5s}}
  - alice: {expect: {in_order: [{SUBACK: {reasons: [1, 0x80]}}]}}
  - alice: {expect: {none: [PUBLISH]}}
  - alice: {unsubscribe: [t/#]}
  - {at: 90s, id: 40, alice: drop}
  - alice: {crash: {restart_after: 2s}}
  - alice: expect_closed
  - bob: {expect_closed: {within: 1s}}
  - alice: disconnect
  - bob: {disconnect: {reason_code: 4, session_expiry: 0}}
faults:
  - {clock_jump: broker, at: 3s, by: -10s}
  - {torn_commit: broker, at: 5s, count: 4, id: 9}
  - {reload: broker, at: 6s, users: {ann: "b, c"}, acl: ["deny all publish \"a b\"", "allow user ann all #"]}
heal_at: 2min
settle: 60s
)";

ReadPlan read(const std::string& text) {
  return read_plan(text, "test");
}

TEST(ReadPlan, UnderstandsEveryKey) {
  const ReadPlan result = read(kEverything);
  ASSERT_TRUE(result.plan) << result.messages("everything.yaml");
  const Plan& plan = *result.plan;
  EXPECT_EQ(plan.name, "everything");
  EXPECT_EQ(plan.seed, 18446744073709551615u);
  EXPECT_EQ(plan.schedule, Schedule::pct);
  EXPECT_EQ(plan.broker.config.at("max_inflight"), "2");
  EXPECT_EQ(plan.broker.mutants, std::vector<std::string>{"B015_pid_collision_at_wrap"});
  ASSERT_EQ(plan.clients.size(), 4u);
  EXPECT_EQ(plan.clients[0].client_id, "alice");
  EXPECT_EQ(plan.clients[1].client_id, "robert");
  EXPECT_EQ(plan.clients[1].session_expiry, 4294967295s);
  EXPECT_EQ(plan.clients[1].reconnect_max, 1500ms);
  EXPECT_EQ(plan.clients[1].will->delay, 5s);
  EXPECT_EQ(plan.clients[2].version, Version::v3_1);
  ASSERT_EQ(plan.steps.size(), 22u);
  EXPECT_EQ(plan.steps[4].id, 5);
  EXPECT_TRUE(plan.steps[4].background);
  EXPECT_EQ(std::get<DoPublish>(plan.steps[4].operation).count, 3);
  EXPECT_EQ(std::get<DoAcknowledge>(plan.steps[6].operation).packet_ids, (std::vector<std::uint16_t>{3, 1}));
  EXPECT_FALSE(std::get<DoAcknowledge>(plan.steps[8].operation).release);
  EXPECT_EQ(std::get<DoSend>(plan.steps[10].operation).bytes, std::string("\xC0\0", 2));
  EXPECT_EQ(std::get<Expect>(plan.steps[13].operation).packets[0].fields.at("reasons"), "1 128");
  EXPECT_EQ(plan.steps[16].at, 90s);
  EXPECT_EQ(plan.steps[16].id, 40);
  EXPECT_EQ(plan.steps[17].id, 41);
  EXPECT_EQ(plan.heal_at, 2min);
}

TEST(ReadPlan, PutsAFaultAmongTheStepsAfterTheStepBeforeIt) {
  const Plan plan = *read(kEverything).plan;
  ASSERT_EQ(plan.faults.size(), 6u);
  EXPECT_EQ(plan.faults[0].after_step, 0);
  EXPECT_EQ(plan.faults[0].factor, 20);
  EXPECT_EQ(plan.faults[1].after_step, 5);
  EXPECT_EQ(plan.faults[1].aim->packet_type, "PUBREL");
  EXPECT_FALSE(plan.faults[1].aim->client_sent);
  EXPECT_EQ(plan.faults[2].aim->client, "alice");
  EXPECT_TRUE(plan.faults[2].aim->whole);
  EXPECT_EQ(plan.faults[3].at, 3s);
  EXPECT_EQ(plan.faults[3].jump, -10s);
  EXPECT_EQ(plan.faults[4].id, 9);
  EXPECT_EQ(plan.faults[5].users.at("ann"), "b, c");
  EXPECT_EQ(plan.faults[5].acl->at(0), "deny all publish \"a b\"");
  EXPECT_EQ(plan.broker.message_rate_max, 9u);
}

TEST(ReadPlan, ReadsBackWhatWasWritten) {
  const Plan plan = *read(kEverything).plan;
  const std::string written = write_plan(plan);
  const ReadPlan again = read(written);
  ASSERT_TRUE(again.plan) << written << again.messages("written.yaml");
  EXPECT_EQ(*again.plan, plan) << written;
  EXPECT_EQ(write_plan(*again.plan), written);
}

TEST(ReadPlan, KeepsTextThatLooksLikeSomethingElse) {
  Plan plan = *read(kEverything).plan;
  for (const char* text :
       {"true",  "~",       "null",   "1", "- x", "a: b",       "[x]",  "{x}",          "#",
        " lead", "trail ",  "\"",     "'", "\\",  "two\nlines", "\x01", "\u00e4\u20ac", "t/#, x",
        "!tag",  "&anchor", "*alias", "%", "@",   "`"}) {
    std::get<DoPublish>(plan.steps[4].operation).payload = text;
    plan.about = text;
    const std::string written = write_plan(plan);
    const ReadPlan again = read(written);
    ASSERT_TRUE(again.plan) << written << again.messages("written.yaml");
    EXPECT_EQ(*again.plan, plan) << written;
  }
}

// --- What is wrong, in one line each
// -------------------------------------------------------------------------------

// A scenario of alice (Paho, 3.1.1) and rita (raw, 5.0) with these steps, which begin at line 5.
std::string with_steps(const std::string& steps) {
  return "format: 1\nclients:\n  {alice: {}, rita: {driver: raw, version: 5.0}}\nsteps:\n" + steps;
}

struct Mistake {
  const char* steps;
  const char* message;
};

TEST(ReadPlan, SaysWhatIsWrongWithAStepAndWhere) {
  const Mistake mistakes[] = {
      {"  - alice: conect\n", "x.yaml:5:12: unknown operation 'conect'; expected one of connect, disconnect"},
      {"  - alicia: connect\n", "x.yaml:5:5: unknown client 'alicia'; expected one of alice, rita"},
      {"  - alice: {publish: {topic: t, qso: 1}}\n",
       "x.yaml:5:33: unknown key 'qso' in publish; expected one of topic"},
      {"  - alice: {publish: {topic: t, qos: 3}}\n",
       "x.yaml:5:38: found '3'; expected a whole number, 0 to 2"},
      {"  - alice: {publish: {topic: t, qos: one}}\n", "x.yaml:5:38: found 'one'; expected a whole number"},
      {"  - alice: {publish: {topic: t, qos: 1, qos: 1}}\n",
       "x.yaml:5:41: duplicate 'qos' in publish; expected it once"},
      {"  - alice: {publish: {topic: t, retain: 1}}\n", "x.yaml:5:41: found '1'; expected true or false"},
      {"  - alice: {publish: {topic: [t]}}\n", "x.yaml:5:30: found a list; expected text"},
      {"  - alice: {publish: {qos: 1}}\n", "x.yaml:5:22: publish has no 'topic'; expected it"},
      {"  - alice: {publish: {topic: t/#}}\n",
       "x.yaml:5:5: 't/#' is no topic name; expected one without wildcards"},
      {"  - alice: {subscribe: [{filter: a/#/b}]}\n",
       "x.yaml:5:5: 'a/#/b' is no topic filter; expected + and # alone"},
      {"  - alice: {subscribe: {filter: a}}\n",
       "x.yaml:5:25: unknown key 'filter' in subscribe; expected one of filters"},
      {"  - alice: {subscribe: []}\n", "x.yaml:5:5: subscribe has no filters; expected at least one"},
      {"  - alice: {unsubscribe: t}\n", "x.yaml:5:26: found 't'; expected a list of filters"},
      {"  - wait: -5s\n", "x.yaml:5:11: negative duration '-5s'; expected 0 or more"},
      {"  - wait: 5\n", "x.yaml:5:11: found '5'; expected a duration such as 500ms"},
      {"  - {at: -1s, alice: connect}\n", "x.yaml:5:10: negative duration '-1s'; expected 0 or more"},
      {"  - {alice: connect, rita: connect}\n",
       "x.yaml:5:5: a step with 2 subjects; expected exactly one client"},
      {"  - {at: 5s}\n", "x.yaml:5:5: a step with 0 subjects; expected exactly one client"},
      {"  - connect\n", "x.yaml:5:5: found 'connect'; expected a mapping for a step"},
      {"  - alice: {drop: {hard: true}}\n", "x.yaml:5:12: drop has details; expected drop alone"},
      {"  - alice: publish\n", "x.yaml:5:12: publish stands alone; expected publish: with its details"},
      {"  - alice: {acknowledge: none}\n",
       "x.yaml:5:5: acknowledge is nothing a Paho client can do, but client 'alice' is paho_cpp; expected "
       "driver: raw"},
      {"  - alice: {send: C0 00}\n", "x.yaml:5:5: send is nothing a Paho client can do"},
      {"  - rita: {send: C0 0}\n", "expected bytes in hex such as C0 00"},
      {"  - rita: {acknowledge: sometimes}\n",
       "x.yaml:5:25: 'sometimes' is not known; expected one of automatic, none"},
      {"  - rita: {acknowledge: {release: [0]}}\n",
       "x.yaml:5:36: found '0'; expected a whole number, 1 to 65535"},
      {"  - alice: {connect: {receive_maximum: 2}}\n",
       "x.yaml:5:5: receive_maximum needs 5.0, but client 'alice' speaks 3.1.1; expected version: 5.0"},
      {"  - {id: 5, alice: connect}\n  - {id: 5, alice: connect}\n",
       "x.yaml:6:5: step id 5 is not above the one before it; expected ids that grow from 1"},
      {"  - alice: {expect: {within: 5s}}\n",
       "x.yaml:5:21: expect has 0 modes; expected exactly one of exactly"},
      {"  - alice: {expect: {none: [PUBLSH]}}\n",
       "x.yaml:5:29: no broker sends a packet 'PUBLSH'; expected one of CONNACK, PUBLISH"},
      {"  - alice: {expect: {none: [CONNECT]}}\n", "x.yaml:5:29: no broker sends a packet 'CONNECT'"},
      {"  - alice: {expect: {none: [{PUBREL: {qos: 1}}]}}\n",
       "x.yaml:5:29: a PUBREL has no 'qos'; expected one of id, reason"},
      {"  - alice: {expect: {none: [{PUBREL: {id: one}}]}}\n",
       "x.yaml:5:29: id is 'one'; expected a number such as 7 or 0x82"},
      {"  - alice: {expect: {none: [{PUBLISH: {dup: 1}}]}}\n",
       "x.yaml:5:29: dup is '1'; expected true or false"},
  };
  for (const Mistake& mistake : mistakes) {
    const ReadPlan result = read(with_steps(mistake.steps));
    EXPECT_FALSE(result.plan) << mistake.steps;
    EXPECT_THAT(result.messages("x.yaml"), HasSubstr(mistake.message)) << mistake.steps;
  }
}

TEST(ReadPlan, SaysWhatIsWrongWithAFaultAndWhere) {
  const Mistake mistakes[] = {
      {"  - fault: {rset: alice}\n", "x.yaml:5:13: unknown key 'rset' in a fault; expected one of reset"},
      {"  - fault: {reset: bob}\n",
       "x.yaml:5:12: reset strikes unknown 'bob'; expected broker or one of alice, rita"},
      {"  - alice: connect\nfaults: [{reset: alice, at: -1s}]\n",
       "x.yaml:6:29: negative duration '-1s'; expected 0 or more"},
      {"  - fault: {partition: server}\n",
       "x.yaml:5:12: partition strikes unknown 'server'; expected broker or one of alice, rita"},
      {"  - fault: {broker_crash: alice}\n", "x.yaml:5:12: broker_crash strikes 'alice'; expected broker"},
      {"  - fault: {reset: alice, stall: alice}\n", "x.yaml:5:12: a fault of 2 kinds; expected one of reset"},
      {"  - fault: {stall: alice, for: 0}\n",
       "x.yaml:5:12: stall lasts no time; expected a positive duration"},
      {"  - fault: {clock_jump: broker}\n", "x.yaml:5:12: clock_jump by 0; expected by:"},
      {"  - fault: {reset: alice, when: {nth: 2}}\n",
       "x.yaml:5:33: when: needs a packet; expected either sent: or"},
      {"  - fault: {reset: alice, when: {sent: PUBRECK}}\n",
       "x.yaml:5:12: when: a client sends no 'PUBRECK'"},
      {"  - fault: {reset: alice, when: {sent: CONNACK}}\n",
       "x.yaml:5:12: when: a client sends no 'CONNACK'"},
      {"  - fault: {reset: alice, when: {received: SUBSCRIBE}}\n", "when: a client receives no 'SUBSCRIBE'"},
      {"  - fault: {reset: alice, when: {client: bob, sent: PUBREC}}\n",
       "when: unknown client 'bob'; expected one of"},
      {"  - fault: {reset: alice, at: 1s, when: {sent: PUBREC}}\n",
       "reset has both a time and an aim or a step"},
      {"  - alice: connect\nfaults: [{reset: alice}]\n",
       "x.yaml:6:10: reset never happens; expected at: or when:"},
      {"  - alice: connect\nfaults: [{reset: alice, at: 9s}]\nheal_at: 5s\n",
       "reset at 9s comes after heal_at 5s"},
      {"  - alice: connect\nfaults: [{id: 3, reset: alice, at: 9s}, {id: 3, fin: alice, at: 9s}]\n",
       "duplicate fault id 3; expected every id once"},
      {"  - fault: {fin: alice, acl: []}\n", "fin has users or an acl; expected them with reload only"},
      {"  - fault: {reload: broker, acl: [allow nobody]}\n", "found 'nobody'"},
  };
  for (const Mistake& mistake : mistakes) {
    const ReadPlan result = read(with_steps(mistake.steps));
    EXPECT_FALSE(result.plan) << mistake.steps;
    EXPECT_THAT(result.messages("x.yaml"), HasSubstr(mistake.message)) << mistake.steps;
  }
}

TEST(ReadPlan, SaysWhatIsWrongWithTheRest) {
  const std::pair<const char*, const char*> mistakes[] = {
      {"", "x.yaml: found 0 YAML documents; expected exactly one"},
      {"format: 1\nclients: {a: {}}\n---\nformat: 1\n",
       "x.yaml: found 2 YAML documents; expected exactly one"},
      {"format: [\n", "x.yaml:2:1: this is not YAML"},
      {"hello\n", "x.yaml:1:1: found 'hello'; expected a mapping for the scenario"},
      {"clients: {a: {}}\n", "x.yaml:1:1: the scenario has no 'format'; expected it"},
      {"format: 2\nclients: {a: {}}\n", "x.yaml:1:9: found '2'; expected a whole number, 1 to 1"},
      {"format: 1\n", "the scenario has no 'clients'; expected it"},
      {"format: 1\nclients: {}\n", "x.yaml:2:10: the plan has no clients; expected at least one"},
      {"format: 1\nclients: {a: {}, a: {}}\n", "x.yaml:2:18: duplicate 'a' in clients; expected it once"},
      {"format: 1\nclients: {a b: {}}\n", "client 'a b' has a bad name; expected 1 to 32 letters"},
      {"format: 1\nclients: {wait: {}}\n", "client 'wait' has a reserved name"},
      {"format: 1\nclients: {a: {driver: mosquitto}}\n",
       "x.yaml:2:23: 'mosquitto' is not known; expected one of paho_cpp, paho_c, raw"},
      {"format: 1\nclients: {a: {version: 4}}\n", "'4' is not known; expected one of 3.1, 3.1.1, 5.0"},
      {"format: 1\nclients: {a: {session_expiry: 10s}}\n",
       "session_expiry needs 5.0, but client 'a' speaks 3.1.1"},
      {"format: 1\nclients: {a: {version: 5.0, session_expiry: 1500ms}}\n",
       "expected whole seconds, or never"},
      {"format: 1\nclients: {a: {acknowledge: none}}\n", "Paho acknowledges by itself; expected driver: raw"},
      {"format: 1\nclients: {a: {reconnect_min: 1500ms}}\n",
       "Paho counts reconnect_min and reconnect_max in seconds"},
      {"format: 1\nclients: {a: {reconnect_min: 9s}}\n", "reconnect_min is 0 or above reconnect_max"},
      {"format: 1\nclients: {a: {will: {qos: 1}}}\n", "the will of 'a' has no 'topic'; expected it"},
      {"format: 1\nclients: {a: {}}\nbroker: {max_inflght: 1}\n",
       "x.yaml:3:10: unknown configuration key 'max_inflght': did you mean 'max_inflight'?"},
      {"format: 1\nclients: {a: {}}\nbroker: {max_inflight: 70000}\n",
       "x.yaml:3:10: max_inflight: expected a whole number from 0 to 65535"},
      {"format: 1\nclients: {a: {}}\nbroker: {first_packet_id: 9, last_packet_id: 8}\n",
       "x.yaml:3:30: last_packet_id: first_packet_id 9 would be above last_packet_id 8"},
      {"format: 1\nclients: {a: {}}\nbroker: {mutants: [B999]}\n", "unknown mutant 'B999'; expected one of"},
      {"format: 1\nclients: {a: {}}\nstatements: [MQTT-1]\n",
       "x.yaml:3:13: 'MQTT-1' is no statement; expected an id"},
      {"format: 1\nclients: {a: {}}\nsettle: 0\n", "x.yaml:3:9: settle is 0; expected a positive duration"},
      {"format: 1\nclients: {a: {}}\nheal_at: -1s\n",
       "x.yaml:3:10: negative duration '-1s'; expected 0 or more"},
      {"format: 1\nclients: {a: {}}\nschedule: quick\n",
       "x.yaml:3:11: 'quick' is not known; expected one of random, pct, calm"},
      {"format: 1\nclients: {a: {}}\nseed: -1\n",
       "x.yaml:3:7: found '-1'; expected a whole number below 2^64"},
      {"format: 1\nclients: {a: {}}\nsteps: x\n", "x.yaml:3:8: found 'x'; expected a list for steps"},
      {"format: 1\nclients: {a: {}}\ntiming: 3\n",
       "x.yaml:3:1: unknown key 'timing' in the scenario; expected one of"},
  };
  for (const auto& [text, message] : mistakes) {
    const ReadPlan result = read(text);
    EXPECT_FALSE(result.plan) << text;
    EXPECT_THAT(result.messages("x.yaml"), HasSubstr(message)) << text;
  }
}

constexpr const char* kVersion5 = R"(format: 1
clients:
  alice:
    {driver: raw, version: 5.0, user_name: ann, password: secret, topic_aliases: true, persistent: true,
     auth_answers: [0A FF], properties: {topic_alias_maximum: 3, user_property: [[a, b], [a, c]]},
     will: {topic: w, properties: {content_type: text/plain, correlation_data: 00 01}}}
steps:
  - alice: {connect: {with_will: false, user_name: bert, properties: {request_problem_information: 0}}}
  - alice: {subscribe: {filters: [{filter: t}], properties: {user_property: [[d, e]]}}}
  - alice: {unsubscribe: {filters: [t], properties: {user_property: [[d, e]]}}}
  - alice: {publish: {topic: "", payload: x, properties: {topic_alias: 3, response_topic: r}}}
  - alice: {acknowledge: {policy: automatic, reason: 151}}
  - alice: {send: {PUBREC: {id: 7, reason: 131, properties: {reason_string: no}}}}
  - alice: {expect: {in_order: [{PUBLISH: {topic_alias: absent, user_properties: a=b a=c}}]}}
  - alice: {disconnect: {reason_code: 4, properties: {reason_string: bye}}}
)";

TEST(ReadPlan, KnowsEveryPropertyOf5_0) {
  const ReadPlan result = read(kVersion5);
  ASSERT_TRUE(result.plan) << result.messages("x.yaml");
  const ClientPlan& alice = result.plan->clients.front();
  EXPECT_EQ(wire::number(alice.properties, wire::PropertyId::topic_alias_maximum), 3u);
  EXPECT_EQ(wire::user_properties(alice.properties).size(), 2u);
  EXPECT_EQ(wire::text(alice.will->properties, wire::PropertyId::correlation_data), std::string("\0\1", 2));
  EXPECT_EQ(alice.auth_answers, std::vector<std::string>{"\x0A\xFF"});
  const auto& send = std::get<DoSend>(result.plan->steps[5].operation);
  EXPECT_EQ(std::get<wire::Pubrec>(*send.packet).packet_id, 7);
  EXPECT_EQ(std::get<wire::Pubrec>(*send.packet).reason_code, 0x83);
  const ReadPlan again = read(write_plan(*result.plan));
  ASSERT_TRUE(again.plan) << again.messages("again.yaml");
  EXPECT_EQ(*again.plan, *result.plan);
}

TEST(ReadPlan, ReportsMistakesInProperties) {
  const std::pair<std::string, std::string> mistakes[] = {
      {"{topic_alias: 65536}", "expected a whole number, 0 to 65535"},
      {"{contenttype: x}", "unknown property 'contenttype'; expected one of payload_format_indicator"},
      {"{correlation_data: xy}", "expected bytes in hex such as 0A FF"},
      {"{user_property: {a: b}}", "expected user properties such as [[colour, red]]"},
      {"[content_type]", "expected a mapping for the properties of publish"},
  };
  for (const auto& [properties, message] : mistakes) {
    const ReadPlan result = read(
        "format: 1\nclients: {a: {version: 5.0}}\nsteps:\n  - a: {publish: {topic: t, "
        "properties: " +
        properties + "}}\n");
    EXPECT_THAT(result.messages("x.yaml"), testing::AllOf(HasSubstr("x.yaml:4:"), HasSubstr(message)));
  }
  EXPECT_THAT(
      read(with_steps("  - alice: {publish: {topic: t, properties: {content_type: x}}}\n")).messages("x"),
      HasSubstr("properties needs 5.0"));
}

TEST(ReadPlan, ReportsEveryMistakeInTheOrderOfTheFile) {
  const ReadPlan result = read(with_steps("  - alice: conect\n  - bob: connect\n  - wait: 5\n"));
  ASSERT_EQ(result.problems.size(), 3u) << result.messages("x.yaml");
  EXPECT_EQ(result.problems[0].where.line, 5);
  EXPECT_EQ(result.problems[1].where.line, 6);
  EXPECT_EQ(result.problems[2].where.line, 7);
}

TEST(ReadPlan, TakesItsNameFromTheFileUnlessTheFileNamesIt) {
  const std::string path = testing::TempDir() + "lost_puback.yaml";
  std::ofstream(path) << "format: 1\nclients: {alice: {}}\n";
  EXPECT_EQ(read_plan_file(path).plan->name, "lost_puback");
}

TEST(ReadPlan, SaysThatAFileIsMissingOrAFolder) {
  EXPECT_EQ(read_plan_file("no/such.yaml").messages("no/such.yaml"),
            "no/such.yaml: cannot be read; expected a scenario file\n");
  EXPECT_EQ(read_plan_file(".").messages("."), ".: this is a folder; expected a scenario file\n");
}

}  // namespace
}  // namespace mqttvet::sim
