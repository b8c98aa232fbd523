// The ACL file: one rule a line, the first that fits decides (broker/core/access_lists.h).
//
//   # allow|deny  user NAME | client ID | all | anonymous  publish|subscribe|all  [eq] TOPIC_FILTER
//   allow  user ann    all        home/#
//   allow  all         publish    dev/%c/up
//   deny   all         subscribe  eq #
//
// Words are separated by blanks; one that has blanks, or starts with # or ", stands in double quotes, with \"
// and \\ in it.
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "broker/access/users.h"
#include "broker/core/access_lists.h"

namespace mqttvet::access {

// The whole text of a file.
std::variant<std::vector<core::AccessRule>, FileError> parse_rules(std::string_view text);

// One line of it, as parse_rules() reads it.
std::string to_text(const core::AccessRule& rule);

}  // namespace mqttvet::access
