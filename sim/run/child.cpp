#include "sim/run/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>

#include "sim/guest/guest.h"
#include "sim/run/result_text.h"

namespace mqttvet::sim {
namespace {

constexpr std::size_t kErrorBytesMax = 8 * 1024;           // of stderr, its end
constexpr std::size_t kResultBytesMax = 64 * 1024 * 1024;  // a child that sends more has lost its mind

struct Pipe {
  int read = -1;
  int write = -1;
};

Pipe make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  return {ends[0], ends[1]};
}

void write_all(int descriptor, const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = write(descriptor, text.data() + written, text.size() - written);
    if (count < 0 && errno != EINTR) return;
    if (count > 0) written += static_cast<std::size_t>(count);
  }
}

// --- The end of a guest ------------------------------------------------------------------------------------

constexpr int kGuestCrashed = 77;  // exit status

// In guest mode it is the client library that broke down, and not the simulator or the broker.
void tell_whose_fault(int number) {
  if (current != nullptr) _exit(kGuestCrashed);
  signal(number, SIG_DFL);
  raise(number);
}

// On a stack of its own: a guest's may be used up. A sanitizer tells more, and is left alone.
void watch_guests() {
#ifndef __SANITIZE_ADDRESS__
  static char stack[64 * 1024];
  stack_t alternate{};
  alternate.ss_sp = stack;
  alternate.ss_size = sizeof stack;
  sigaltstack(&alternate, nullptr);
  struct sigaction action {};
  action.sa_handler = tell_whose_fault;
  action.sa_flags = SA_ONSTACK;
  for (const int number : {SIGSEGV, SIGBUS}) sigaction(number, &action, nullptr);
#endif
}

// The child's whole life; returns its exit status.
int carry_out(const std::function<RunResult()>& job, int result) {
  try {
    const std::string text = to_text(job());
    std::fflush(stdout);
    write_all(result, text);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::fflush(nullptr);
    return 3;
  }
}

// Reads what is there. False: the end.
bool drain(int& descriptor, std::string& into) {
  char buffer[16 * 1024];
  while (descriptor >= 0) {
    const ssize_t count = read(descriptor, buffer, sizeof buffer);
    if (count > 0) {
      into.append(buffer, static_cast<std::size_t>(count));
    } else if (count < 0 && errno == EINTR) {
      continue;
    } else if (count < 0 && errno == EAGAIN) {
      return true;
    } else {
      close(descriptor);
      descriptor = -1;
    }
  }
  return false;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin) lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

}  // namespace

Child::Child(std::function<RunResult()> job, std::chrono::steady_clock::time_point now) : started_(now) {
  std::fflush(nullptr);  // or the child would write our buffers again
  const Pipe result = make_pipe(), errors = make_pipe();
  pid_ = fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ == 0) {
    dup2(errors.write, STDERR_FILENO);
    watch_guests();
    _exit(carry_out(job, result.write));
  }
  close(result.write);
  close(errors.write);
  for (int descriptor : {result.read, errors.read}) fcntl(descriptor, F_SETFL, O_NONBLOCK);
  result_ = result.read;
  errors_ = errors.read;
}

Child::~Child() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    wait_for_status();
  }
  for (int descriptor : {result_, errors_}) {
    if (descriptor >= 0) close(descriptor);
  }
}

bool Child::read_some() {
  const bool result_open = drain(result_, result_text_);
  const bool errors_open = drain(errors_, error_text_);
  if (error_text_.size() > kErrorBytesMax) error_text_.erase(0, error_text_.size() - kErrorBytesMax);
  return (result_open || errors_open) && result_text_.size() <= kResultBytesMax;
}

int Child::wait_for_status() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return status;
}

RunResult Child::collect() {
  if (result_text_.size() > kResultBytesMax) kill(pid_, SIGKILL);
  const int status = wait_for_status();
  if (auto result = result_from(result_text_); result && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    return std::move(*result);
  }
  Finding finding;
  finding.code = "crash";
  if (WIFEXITED(status) && WEXITSTATUS(status) == kGuestCrashed) {
    finding.text =
        "a client library broke down with a segmentation fault; the run ended there and was not judged";
    RunResult result;
    result.client_findings.push_back(std::move(finding));
    return result;
  }
  if (WIFSIGNALED(status)) {
    finding.text = "the process of the run died of signal " + std::to_string(WTERMSIG(status)) + " (" +
                   strsignal(WTERMSIG(status)) + ")";
  } else {
    finding.text = "the process of the run ended with status " + std::to_string(WEXITSTATUS(status)) +
                   " and without a result";
  }
  finding.details = lines_of(error_text_);
  RunResult result;
  result.findings.push_back(std::move(finding));
  return result;
}

RunResult Child::kill_hung(std::chrono::steady_clock::duration after) {
  kill(pid_, SIGKILL);
  wait_for_status();
  Finding finding;
  finding.code = "hang";
  finding.text = "the run was not over after " +
                 std::to_string(std::chrono::duration_cast<std::chrono::seconds>(after).count()) +
                 " s of real time and was killed";
  finding.details = lines_of(error_text_);
  RunResult result;
  result.findings.push_back(std::move(finding));
  return result;
}

}  // namespace mqttvet::sim
