#include "sim/run/divergence.h"

#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "sim/run/child.h"
#include "sim/run/perturb.h"

namespace mqttvet::sim {
namespace {

constexpr std::chrono::minutes kHangAfter{10};

using Listener = std::function<void(const Trace::Entry&)>;
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

// The events of one run, one per line, in a file without a name.
File record(const std::function<void(const Listener&)>& job, bool perturbed) {
  File file(std::tmpfile(), &std::fclose);
  if (!file) return file;
  run_alone(
      [&] {
        if (perturbed) perturb_process();
        job([&](const Trace::Entry& entry) {
          if (entry.is_line) return;
          fmt::print(file.get(), "{:016x} {:.9f} s  {}  {}\n", entry.hash_after,
                     std::chrono::duration<double>(entry.at).count(), entry.who, entry.text);
        });
        std::fflush(file.get());
        return RunResult{};
      },
      kHangAfter);
  std::rewind(file.get());
  return file;
}

bool read_line(std::FILE* file, std::string& line) {
  line.clear();
  for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) {
    if (c == '\n') return true;
    line += static_cast<char>(c);
  }
  return !line.empty();
}

// Without the hash in front.
std::string event_of(const std::string& line) {
  return line.size() > 17 ? line.substr(17) : "nothing";
}

}  // namespace

std::string first_divergence(const std::function<void(const Listener&)>& job) {
  const File first = record(job, false), second = record(job, true);
  if (!first || !second) return "the events could not be recorded";
  std::string one, other;
  for (std::uint64_t number = 1;; ++number) {
    const bool has_one = read_line(first.get(), one), has_other = read_line(second.get(), other);
    if (!has_one && !has_other) return "recorded twice more, the runs were the same";
    if (one != other) {
      return fmt::format("event {} is the first to differ: '{}' against '{}'", number,
                         has_one ? event_of(one) : "the end", has_other ? event_of(other) : "the end");
    }
  }
}

}  // namespace mqttvet::sim
