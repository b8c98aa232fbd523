#include "reports/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "reports/escape.h"

namespace mqttvet::reports {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int kBarCells = 30;

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string row(std::string_view title, const std::string& text) {
  return fmt::format("  {:<11}{}\n", title, text);
}

std::string fault_table(const std::map<std::string, sim::FaultCount>& faults) {
  std::string table =
      row("faults", fmt::format("{:<14}{:>9}{:>9}{:>11}", "kind", "armed", "fired", "effective"));
  for (const auto& [kind, count] : faults) {
    table += row("", fmt::format("{:<14}{:>9}{:>9}{:>11}", kind, for_people(count.armed),
                                 for_people(count.fired), for_people(count.effective)));
  }
  return table;
}

// Of a few runs it says nothing that some situation did not come up.
constexpr std::uint64_t kRunsForMarks = 100;

std::string marks_table(const sim::Summary& all) {
  if (all.runs < kRunsForMarks) return "";
  std::string table;
  for (const auto& [mark, runs] : all.marks)
    table +=
        row(table.empty() ? "met" : "",
            fmt::format("{:<60}{}", mark, runs == 0 ? "never" : fmt::format("in {} runs", for_people(runs))));
  return table;
}

}  // namespace

std::string for_people(std::chrono::nanoseconds duration) {
  const double all = seconds(duration);
  if (all < 1) return fmt::format("{:.0f} ms", all * 1000);
  if (all < 60) return fmt::format("{:.1f} s", all);
  const auto whole = static_cast<std::uint64_t>(all);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  if (whole < 48 * 3600) return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
  return fmt::format("{} days {} h", whole / 86400, whole / 3600 % 24);
}

std::string for_people(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t place = digits.size(); place > 3;) digits.insert(place -= 3, " ");
  return digits;
}

std::string headline(const sim::Finding& finding) {
  std::string line = fmt::format("{} at {:.6f} s", finding.code, seconds(finding.at));
  if (!finding.client.empty()) line += ", " + for_terminal(finding.client);
  line += ": " + for_terminal(finding.text);
  if (!finding.statement.empty()) line += " [" + finding.statement + "]";
  return line;
}

std::string failure(const sim::RunResult& run, std::size_t findings_max) {
  std::string text = "FAILED " + for_terminal(run.name) + "\n";
  for (std::size_t i = 0; i < run.findings.size() && i < findings_max; ++i) {
    text += "  " + headline(run.findings[i]) + "\n";
    for (const std::string& detail : run.findings[i].details) text += "      " + for_terminal(detail) + "\n";
  }
  if (run.findings.size() > findings_max) {
    text += fmt::format("  and {} more\n", run.findings.size() - findings_max);
  }
  for (const sim::Finding& finding : run.client_findings)
    text += "  the client's fault: " + headline(finding) + "\n";
  return text + "  replay it: mqttvet replay " + for_terminal(run.replay) + "\n";
}

std::string success(const sim::RunResult& run) {
  return fmt::format("passed {}: {} simulated, {} packets, hash {:016x}\n", for_terminal(run.name),
                     for_people(run.simulated), for_people(run.packets), run.hash);
}

std::string summary(const sim::Summary& all) {
  std::string text =
      fmt::format("{} run{} in {}: {} passed, {} failed\n", for_people(all.runs), all.runs == 1 ? "" : "s",
                  for_people(all.wall), for_people(all.runs - all.failed), for_people(all.failed));
  const double faster = all.wall.count() > 0 ? seconds(all.simulated) / seconds(all.wall) : 0;
  text += row("simulated", fmt::format("{}, {} times faster than real time", for_people(all.simulated),
                                       for_people(static_cast<std::uint64_t>(faster))));
  if (all.cpu.count() > 0) {
    const double per_hour = static_cast<double>(all.runs) * 3600 / seconds(all.cpu);
    text +=
        row("speed", fmt::format("{} runs per core-hour", for_people(static_cast<std::uint64_t>(per_hour))));
  }
  text += row("traffic", fmt::format("{} connections, {} packets, {} messages published, {} delivered",
                                     for_people(all.connections), for_people(all.packets),
                                     for_people(all.publishes), for_people(all.deliveries)));
  text += row("events", for_people(all.events));
  if (!all.faults.empty()) text += fault_table(all.faults);
  text += marks_table(all);
  for (const auto& [mutant, hits] : all.mutants) {
    text += row("mutant", fmt::format("{} reached {} times", mutant, for_people(hits)));
  }
  for (const auto& [code, runs] : all.client_findings) {
    text += row("clients", fmt::format("{} of a client library in {} run{}", code, for_people(runs),
                                       runs == 1 ? "" : "s"));
  }
  if (all.findings.empty()) return text + row("violations", "none");
  for (const auto& [code, runs] : all.findings) {
    text += row("violations", fmt::format("{} in {} run{}", code, for_people(runs), runs == 1 ? "" : "s"));
  }
  return text;
}

std::string gaps(const sim::Summary& all) {
  std::string text;
  for (const auto& [kind, count] : all.faults)
    if (count.effective == 0)
      text += fmt::format("never effective: {} (armed {}, fired {})\n", kind, for_people(count.armed),
                          for_people(count.fired));
  for (const auto& [mark, runs] : all.marks)
    if (runs == 0) text += fmt::format("never met: {}\n", mark);
  return text;
}

Progress::Progress(std::FILE* out, bool quiet, std::optional<std::uint64_t> total,
                   std::optional<std::chrono::nanoseconds> budget)
    : out_(out),
      quiet_(quiet),
      terminal_(isatty(fileno(out)) == 1),
      total_(total),
      budget_(budget),
      begun_(Clock::now()),
      last_(begun_) {}

void Progress::update(const sim::Summary& so_far) {
  const auto now = Clock::now();
  if (quiet_ || now - last_ < (terminal_ ? Clock::duration(100ms) : Clock::duration(10s))) return;
  last_ = now;
  const double by_time = budget_ ? seconds(now - begun_) / seconds(*budget_) : 0;
  const double by_count = total_ ? static_cast<double>(so_far.runs) / static_cast<double>(*total_) : 0;
  const double share = std::clamp(std::max(by_time, by_count), 0.0, 1.0);
  const std::string text =
      fmt::format("{:3.0f} %  {} runs, {} failed, {} simulated", share * 100, for_people(so_far.runs),
                  for_people(so_far.failed), for_people(so_far.simulated));
  if (terminal_) {
    const auto full = static_cast<std::size_t>(share * kBarCells);
    const std::string bar = std::string(full, '#') + std::string(kBarCells - full, '.');
    fmt::print(out_, "\r\x1b[K[{}] {}", bar, text);
    shown_ = true;
  } else {
    fmt::print(out_, "{}\n", text);
  }
  std::fflush(out_);
}

void Progress::clear() {
  if (!shown_) return;
  fmt::print(out_, "\r\x1b[K");
  std::fflush(out_);
  shown_ = false;
}

}  // namespace mqttvet::reports
