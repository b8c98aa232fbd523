#include "cli/explain_command.h"

#include <fmt/format.h>

#include <algorithm>

#include "conformance/harness/case.h"
#include "conformance/statements/statements.h"

namespace mqttvet::cli {
namespace {

using namespace conformance;

bool is_about(const Case& one, const std::string& id) {
  return std::find(one.statements.begin(), one.statements.end(), id) != one.statements.end();
}

void explain(const Statement& statement) {
  fmt::print("{}   MQTT {}, section {}\n  {}\n", statement.id, statement.version, statement.section,
             statement.summary);
  fmt::print("  {}; binds: {}\n", statement.keyword, statement.bound);
  if (!statement.testable.empty())
    fmt::print("  testable on a server from outside: {} ({})\n", statement.testable, statement.why);
  if (!statement.note.empty()) fmt::print("  note: {}\n", statement.note);
  for (const std::string& reading : readings_of(statement.id)) fmt::print("  our reading {}\n", reading);
  bool any = false;
  for (const Case& one : all_cases()) {
    if (!is_about(one, statement.id)) continue;
    any = true;
    fmt::print("  case {} ({})\n", one.name, name_of(one.level));
  }
  for (const Uncovered& row : all_uncovered()) {
    if (row.id == statement.id && !any)
      fmt::print("  no case: {}{}\n", row.kind, row.text.empty() ? "" : ": " + row.text);
  }
  if (any) fmt::print("  the packets: mqttvet conform {} -v\n", statement.id);
}

}  // namespace

ExplainCommand::ExplainCommand(CLI::App& app)
    : command_(app.add_subcommand("explain", "One statement in our words, and what checks it")) {
  command_->add_option("id", id_, "A statement (MQTT5-3.8.4-2), or a section: all of its statements")
      ->type_name("ID|SECTION")
      ->required();
}

int ExplainCommand::run() {
  const std::string id = id_.substr(0, id_.find('/'));
  if (const Statement* statement = find_statement(id)) {
    explain(*statement);
    return kPassed;
  }
  bool any = false;
  for (const Statement& statement : all_statements()) {
    const std::size_t dash = statement.id.find('-');
    const bool of_section = statement.id.starts_with(id + "-") || statement.id.starts_with(id + ".") ||
                            statement.id.substr(dash + 1).starts_with(id + "-") ||
                            statement.id.substr(dash + 1).starts_with(id + ".");
    if (!of_section) continue;
    if (any) fmt::print("\n");
    any = true;
    explain(statement);
  }
  if (any) return kPassed;
  complain(
      fmt::format("unknown statement '{}'; expected for example MQTT5-3.8.4-2, MQTT311-3.8.4 or 3.8", id_));
  return kUsage;
}

}  // namespace mqttvet::cli
