#include "cli/passwd_command.h"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <iostream>

#include "broker/access/files.h"

namespace mqttvet::cli {
namespace {

constexpr std::size_t kSaltBytes = 16;

// While it lives, the terminal does not show what is typed.
class WithoutEcho {
 public:
  WithoutEcho() {
    known_ = tcgetattr(STDIN_FILENO, &before_) == 0;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (known_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~WithoutEcho() {
    if (known_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  WithoutEcho(const WithoutEcho&) = delete;
  WithoutEcho& operator=(const WithoutEcho&) = delete;

 private:
  termios before_{};
  bool known_ = false;
};

std::string ask(std::string_view prompt) {
  std::string line;
  fmt::print(stderr, "{}: ", prompt);
  const WithoutEcho without_echo;
  std::getline(std::cin, line);
  fmt::print(stderr, "\n");
  return line;
}

}  // namespace

std::optional<std::string> passwd(const PasswdOptions& options) {
  if (options.remove) return access::change_user(options.users_file, options.user_name, std::nullopt);
  std::string password;
  if (isatty(STDIN_FILENO) != 0) {
    password = ask("Password of " + options.user_name);
    if (ask("Once more") != password) return "these were two different passwords";
  } else {
    std::getline(std::cin, password);
  }
  if (password.empty()) return "expected a password on standard input, found nothing";
  return access::change_user(
      options.users_file, options.user_name,
      access::make_credentials(password, access::random_bytes(kSaltBytes), access::random_bytes(kSaltBytes)));
}

}  // namespace mqttvet::cli
