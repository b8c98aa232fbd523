// The users file and the ACL file on disk.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "broker/access/rules.h"
#include "broker/access/users.h"

namespace mqttvet::access {

struct Loaded {
  std::shared_ptr<const Users> users;  // null: there is no users file
  core::AccessLists lists;             // the names of these users, and the rules
};

// Reads both; an empty path: there is none. The string: one line that says what is wrong, and where.
std::variant<Loaded, std::string> load(const std::string& users_file, const std::string& acl_file);

// Writes the user's line into the file, in place of the one there is or at the end; without credentials takes
// it out. Comments stay. The file appears as a whole or not at all, readable by its owner only. Returns what
// went wrong.
std::optional<std::string> change_user(const std::string& users_file, const std::string& user_name,
                                       const std::optional<Credentials>& credentials);

}  // namespace mqttvet::access
