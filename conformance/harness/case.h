// What a case is, and all that its file needs to include. docs/writing-cases.md is the guide.
//
//   CASE("MQTT5-3.8.4-2/suback-has-the-packet-identifier", {.statements = {"MQTT311-3.8.4-2"},
//                                                           .versions = v3_1_1 | v5_0}) {
//     Client& client = run.client();
//     client.connect();
//     client.send(Subscribe{.packet_id = 77, .subscriptions = {{run.topic("t"), 1}}});
//     check_equal(client.expect<Suback>().packet_id, 77, "packet identifier of SUBACK");
//   }
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "conformance/harness/application.h"  // IWYU pragma: export
#include "conformance/harness/client.h"       // IWYU pragma: export
#include "conformance/harness/run.h"          // IWYU pragma: export
#include "conformance/harness/server.h"       // IWYU pragma: export
#include "conformance/harness/verdict.h"      // IWYU pragma: export

namespace mqttvet::conformance {

enum class Versions : std::uint8_t { by_name = 0, v3_1 = 1, v3_1_1 = 2, v5_0 = 4 };
constexpr Versions operator|(Versions a, Versions b) {
  return static_cast<Versions>(static_cast<unsigned>(a) | static_cast<unsigned>(b));
}
inline constexpr Versions v3_1 = Versions::v3_1;
inline constexpr Versions v3_1_1 = Versions::v3_1_1;
inline constexpr Versions v5_0 = Versions::v5_0;
inline constexpr Versions v3 = v3_1 | v3_1_1;
inline constexpr Versions all_versions = v3_1 | v3_1_1 | v5_0;
bool contains(Versions versions, wire::Version version);

// How much the standard wants what a case checks. A failed check of a `should` case is non-strict, one of a
// `may` case unimplemented.
enum class Level : std::uint8_t { must, should, may };
std::string_view name_of(Level);

struct CaseInfo {
  std::vector<std::string> statements{};  // further ones, beside that of the name
  Versions versions = Versions::by_name;  // default: of the statement in the name (MQTT311-: 3.1.1)
  Level level = Level::must;
  std::vector<Capability> needs{};  // else skipped
  std::vector<std::string> tags{};  // free words to select by: "timer", "malformed", "qos2"
  // The configuration that it is about. A target that has no such runs it as it is; the body then looks
  // whether it can.
  Variant on = Variant::plain;
  bool alone = false;  // sees or disturbs others: no other case at the same time on a live target
};

using Body = std::function<void(Run& run)>;

struct Case {
  Subject subject = Subject::broker;
  std::string name;                     // "MQTT5-3.8.4-2/suback-has-the-packet-identifier"
  std::vector<std::string> statements;  // the name's first
  Versions versions = Versions::by_name;
  Level level = Level::must;
  std::vector<Capability> needs;
  std::vector<std::string> tags;
  Variant on = Variant::plain;
  bool alone = false;
  Body body;
  std::string file;  // where it stands
  int line = 0;

  // Those of its statements that this version has, the main one first.
  std::vector<std::string> statements_of(wire::Version version) const;
};

// Registers a case about a broker. A name that is taken or has another form is our own mistake:
// std::logic_error.
void add_case(std::string name, CaseInfo info, Body body, const char* file = __builtin_FILE(),
              int line = __builtin_LINE());
// The same, about a client library: the case plays the server. Its slug begins with "client-".
void add_client_case(std::string name, CaseInfo info, Body body, const char* file = __builtin_FILE(),
                     int line = __builtin_LINE());

// Every registered case, in the order of their sections and names.
const std::vector<Case>& all_cases();

// Calls `add` before main().
struct Registration {
  explicit Registration(void (*add)()) { add(); }
};

}  // namespace mqttvet::conformance

#define MQTTVET_JOIN_(a, b) a##b
#define MQTTVET_JOIN(a, b) MQTTVET_JOIN_(a, b)

// CASE(name, {info}) { body, with `Run& run` }
#define CASE(name, ...) MQTTVET_CASE(add_case, name, __VA_ARGS__)
// The same about a client library, named by "client-" and a slug.
#define CLIENT_CASE(name, ...) MQTTVET_CASE(add_client_case, name, __VA_ARGS__)

#define MQTTVET_CASE(add, name, ...)                                                             \
  static void MQTTVET_JOIN(body_, __LINE__)([[maybe_unused]] ::mqttvet::conformance::Run & run); \
  static const ::mqttvet::conformance::Registration MQTTVET_JOIN(registration_, __LINE__)([] {   \
    ::mqttvet::conformance::add(name, ::mqttvet::conformance::CaseInfo __VA_ARGS__,              \
                                MQTTVET_JOIN(body_, __LINE__));                                  \
  });                                                                                            \
  static void MQTTVET_JOIN(body_, __LINE__)([[maybe_unused]] ::mqttvet::conformance::Run & run)

// CASES { for (const Row& row : kRows) add_case(..., [row](Run& run) { ... }); }     a family of cases
#define CASES                                                                                                \
  static void MQTTVET_JOIN(family_, __LINE__)();                                                             \
  static const ::mqttvet::conformance::Registration MQTTVET_JOIN(registration_,                              \
                                                                 __LINE__)(MQTTVET_JOIN(family_, __LINE__)); \
  static void MQTTVET_JOIN(family_, __LINE__)()
