// SPEC("MQTT5-3.3.4-6"): the branch below obeys this statement. A citation and a coverage mark in one: builds
// with MQTTVET_MUTANTS record that it was reached, and a test compares the reached ids with those that stand
// in the source.
#pragma once

#ifdef MQTTVET_MUTANTS
#include <string_view>
#include <vector>

namespace mqttvet::core {
void reach_statement(const char* id);
std::vector<std::string_view> reached_statements();  // in this process so far, sorted
}  // namespace mqttvet::core
#define SPEC(id)                            \
  do {                                      \
    static bool mqttvet_reached = false;    \
    if (!mqttvet_reached) {                 \
      mqttvet_reached = true;               \
      ::mqttvet::core::reach_statement(id); \
    }                                       \
  } while (false)
#else
#define SPEC(id) \
  do {           \
  } while (false)
#endif
