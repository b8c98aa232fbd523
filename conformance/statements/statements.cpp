#include "conformance/statements/statements.h"

#include <algorithm>
#include <map>

#include "conformance/statements/csv.h"
#include "conformance/statements/embedded.h"

namespace mqttvet::conformance {
namespace {

std::string prefix_of(const std::string& version) {
  if (version == "5.0") return "MQTT5-";
  return version == "3.1.1" ? "MQTT311-" : "MQTT31-";
}

void add_numbered(std::vector<Statement>& all, const char* table) {
  for (CsvRow& row : read_csv(table)) {
    // The standards and their tables leave the version out, though the same number means different things.
    all.push_back({prefix_of(row["version"]) + row["id"].substr(std::string_view("MQTT-").size()),
                   row["version"], row["section"], row["summary"], row["keyword"], row["bound"],
                   row["testable_server_blackbox"], row["testable_reason"], row["server_test_idea"],
                   row["note"]});
  }
}

void add_unnumbered(std::vector<Statement>& all, const char* table) {
  std::map<std::string, int> count;
  for (CsvRow& row : read_csv(table)) {
    std::string section = row["section"].substr(0, row["section"].find_first_not_of("0123456789."));
    if (section.empty()) section = "0";
    const std::string place = prefix_of(row["version"]) + section;
    all.push_back({place + "-n" + std::to_string(++count[place]), row["version"], row["section"],
                   row["summary"], row["kind"], row["bound"], "", "", row["test_idea"],
                   row["expected_reaction_or_code"]});
  }
}

// "MQTT311-4.3.3-1/-2" names two statements, "MQTT5-4.4.0-1" one.
bool names(std::string_view text, std::string_view id) {
  const auto ends = [](std::string_view rest) {
    return rest.empty() || rest.front() < '0' || rest.front() > '9';
  };
  for (std::size_t at = text.find(id); at != text.npos; at = text.find(id, at + 1)) {
    if (ends(text.substr(at + id.size()))) return true;
  }
  const std::size_t dash = id.rfind('-');
  const std::string_view stem = id.substr(0, dash);
  const std::string further = "/" + std::string(id.substr(dash));
  for (std::size_t at = text.find(stem); at != text.npos; at = text.find(stem, at + 1)) {
    const std::string_view word = text.substr(at, text.find_first_of(" ,.:;\n)", at + stem.size()) - at);
    const std::size_t found = word.find(further);
    if (found != word.npos && ends(word.substr(found + further.size()))) return true;
  }
  return false;
}

}  // namespace

const std::vector<Statement>& all_statements() {
  static const std::vector<Statement> all = [] {
    std::vector<Statement> read;
    add_numbered(read, embedded::kMqtt311Normative);
    add_numbered(read, embedded::kMqtt50Normative);
    add_unnumbered(read, embedded::kNonNumbered);
    return read;
  }();
  return all;
}

const Statement* find_statement(std::string_view id) {
  static const std::map<std::string_view, const Statement*> by_id = [] {
    std::map<std::string_view, const Statement*> index;
    for (const Statement& statement : all_statements()) index[statement.id] = &statement;
    return index;
  }();
  const auto found = by_id.find(id);
  return found == by_id.end() ? nullptr : found->second;
}

const std::vector<Uncovered>& all_uncovered() {
  static const std::vector<Uncovered> all = [] {
    std::vector<Uncovered> read;
    for (CsvRow& row : read_csv(embedded::kUncovered)) read.push_back({row["id"], row["kind"], row["text"]});
    return read;
  }();
  return all;
}

std::vector<std::string> readings_of(std::string_view id) {
  std::vector<std::string> readings;
  std::string_view notes = embedded::kSpecNotes;
  for (std::size_t begin = notes.find("\n## "); begin != notes.npos;) {
    const std::size_t next = notes.find("\n## ", begin + 1);
    const std::string_view entry = notes.substr(begin + 4, next == notes.npos ? next : next - begin - 4);
    if (names(entry, id)) readings.emplace_back(entry.substr(0, entry.find_last_not_of('\n') + 1));
    begin = next;
  }
  return readings;
}

}  // namespace mqttvet::conformance
