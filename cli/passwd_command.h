// mqttvet-broker passwd FILE USER: adds a user to the users file, gives it another password, or deletes it.
#pragma once

#include <optional>
#include <string>

namespace mqttvet::cli {

struct PasswdOptions {
  std::string users_file;
  std::string user_name;
  bool remove = false;
};

// The password is one line of standard input; on a terminal it is asked for, twice and without echo. Returns
// what went wrong, in one line.
std::optional<std::string> passwd(const PasswdOptions& options);

}  // namespace mqttvet::cli
