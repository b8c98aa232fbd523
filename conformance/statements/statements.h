// The statements of MQTT 3.1.1 and 5.0 (and a few rules of 3.1), in our own words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mqttvet::conformance {

struct Statement {
  // "MQTT5-3.8.4-1". A rule that the standard gives no number is the n-th of its section in
  // non-numbered.csv: "MQTT5-4.8.2-n1".
  std::string id;
  std::string version;   // "5.0", "3.1.1", "3.1"
  std::string section;   // "3.1.2.11.4": its heading
  std::string summary;   // what it says
  std::string keyword;   // "MUST NOT", "SHOULD"; of un-numbered ones the kind of rule
  std::string bound;     // server, client, both, sender, receiver
  std::string testable;  // on a server from outside: yes, partly, no; empty for un-numbered ones
  std::string why;       // it is testable, or not
  std::string idea;      // how a server may be tested
  std::string note;

  bool numbered() const { return !testable.empty(); }
};

// 3.1.1, 5.0, then the un-numbered ones; each in the order of its table.
const std::vector<Statement>& all_statements();
// nullptr: there is none.
const Statement* find_statement(std::string_view id);

// Why no case covers a statement.
struct Uncovered {
  std::string id;
  std::string kind;  // oracle (of the simulation), unobservable
  std::string text;  // which oracle; why it can't be observed
};
const std::vector<Uncovered>& all_uncovered();

// The entries of docs/SPEC_NOTES.md that name this statement.
std::vector<std::string> readings_of(std::string_view id);

}  // namespace mqttvet::conformance
