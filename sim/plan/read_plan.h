// Scenario files: YAML -> Plan. docs/scenario-format.md describes the format for its users.
#pragma once

#include <optional>
#include <string>

#include "sim/plan/problem.h"

namespace mqttvet::sim {

// Either a plan that can be run, or everything that is wrong with the text (at least one problem).
struct ReadPlan {
  std::optional<Plan> plan;
  Problems problems;  // in the order of the file

  // One line per problem: "FILE:LINE:COLUMN: what; expected what".
  std::string messages(const std::string& file) const;
};

// `name` is the plan's name if the text gives none.
ReadPlan read_plan(const std::string& text, const std::string& name);

// Also reports a file that can't be read. The default name is the file's, without folder and ending.
ReadPlan read_plan_file(const std::string& path);

}  // namespace mqttvet::sim
