#include "conformance/target_live/hooks.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <climits>
#include <csignal>
#include <stdexcept>

namespace mqttvet::conformance {
namespace {

using namespace std::chrono_literals;

constexpr auto kDoneWithin = 60s;

// A broker that a hook starts would else keep the harness's connections open for as long as it lives.
[[noreturn]] void become_shell(const char* command, const char* folder) {
  setpgid(0, 0);
  if (*folder != '\0' && chdir(folder) != 0) _exit(126);
  close_range(STDERR_FILENO + 1, UINT_MAX, 0);
  execl("/bin/sh", "sh", "-c", command, nullptr);
  _exit(127);
}

}  // namespace

void carry_out(const std::string& name, const std::string& command, const std::string& folder,
               const std::function<void()>& meanwhile) {
  const pid_t child = fork();
  if (child == 0) become_shell(command.c_str(), folder.c_str());
  if (child < 0) throw std::runtime_error(fmt::format("hook {}: can't be started", name));
  int status = 0;
  const auto limit = std::chrono::steady_clock::now() + kDoneWithin;
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > limit) {
      kill(-child, SIGKILL);
      waitpid(child, &status, 0);
      throw std::runtime_error(fmt::format("hook {}: `{}` is not done within a minute", name, command));
    }
    meanwhile();
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    throw std::runtime_error(fmt::format("hook {}: `{}` ended with {}", name, command,
                                         WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status)));
  }
}

}  // namespace mqttvet::conformance
