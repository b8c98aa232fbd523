// What is wrong with a plan, one line each, with the place in its file.
#pragma once

#include <string>
#include <vector>

#include "sim/plan/plan.h"

namespace mqttvet::sim {

struct Problem {
  Source where;      // line 0: of the file as a whole
  std::string text;  // "what; expected what"
};
using Problems = std::vector<Problem>;

// "walk.yaml:12:5: unknown key 'qso'; expected one of topic, qos, ..."
std::string to_text(const Problem& problem, const std::string& file);

}  // namespace mqttvet::sim
