// The users file: one user a line, the name and what is kept of the password.
//
//   # a comment
//   ann:$scrypt$ln=14,r=8,p=1$SALT$HASH:$scram-sha-256$i=4096$SALT$STORED_KEY$SERVER_KEY
//
// Either of the two may be left out: then the user can't come that way.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "broker/access/credentials.h"

namespace mqttvet::access {

// A mistake in a file: "FILE:LINE: text", without the file's name.
struct FileError {
  std::size_t line = 0;
  std::size_t column = 0;  // 0: the whole line
  std::string text;
};
std::string to_text(const FileError& error, std::string_view file);

class Users {
 public:
  // nullptr: there is none of this name.
  const Credentials* find(std::string_view user_name) const;
  void put(const std::string& user_name, Credentials credentials);
  bool erase(std::string_view user_name);  // false: there was none

  std::set<std::string, std::less<>> names() const;
  const std::map<std::string, Credentials, std::less<>>& all() const { return users_; }

  // The whole text of a file.
  static std::variant<Users, FileError> parse(std::string_view text);
  std::string text() const;  // without comments

 private:
  std::map<std::string, Credentials, std::less<>> users_;
};

// nullptr, or why it can't be a user's name in the file.
const char* objection_to_user_name(std::string_view user_name);

}  // namespace mqttvet::access
