#include "broker/access/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "broker/codec/topic.h"

namespace mqttvet::access {
namespace {

using core::AccessRule;
using Who = AccessRule::Who;
using What = AccessRule::What;

struct Word {
  std::string text;
  std::size_t column = 0;
  bool quoted = false;
};

// Cuts one line into words, and remembers the first mistake.
class LineReader {
 public:
  LineReader(std::string_view line, std::size_t number) : line_(line), number_(number) {}

  bool at_end() {
    while (at_ < line_.size() && (line_[at_] == ' ' || line_[at_] == '\t')) ++at_;
    return at_ == line_.size() || line_[at_] == '#';
  }

  // Empty after a mistake.
  Word next(std::string_view expected) {
    if (at_end() && !is_topic_filter_of_hash())
      return fail({}, fmt::format("expected {}, found nothing", expected));
    Word word{{}, at_ + 1, line_[at_] == '"'};
    if (word.quoted) return quoted(std::move(word));
    while (at_ < line_.size() && line_[at_] != ' ' && line_[at_] != '\t') word.text += line_[at_++];
    return word;
  }

  Word fail(const Word& at, std::string text) {
    const std::size_t column = at.column == 0 ? at_ + 1 : at.column;
    if (!error_) error_ = FileError{number_, column, std::move(text)};
    return {};
  }
  const std::optional<FileError>& error() const { return error_; }
  void expect_topic_filter() { expects_topic_filter_ = true; }

 private:
  // Where a topic filter is expected, # is one, and #anything a comment.
  bool is_topic_filter_of_hash() const {
    const bool alone = at_ + 1 >= line_.size() || line_[at_ + 1] == ' ' || line_[at_ + 1] == '\t';
    return expects_topic_filter_ && at_ < line_.size() && alone;
  }

  Word quoted(Word word) {
    for (++at_; at_ < line_.size() && line_[at_] != '"'; ++at_) {
      const bool escaped = line_[at_] == '\\' && at_ + 1 < line_.size();
      word.text += line_[at_ += escaped ? 1 : 0];
    }
    if (at_ == line_.size()) return fail(word, "the closing \" is missing");
    ++at_;
    return word;
  }

  std::string_view line_;
  std::size_t number_;
  std::size_t at_ = 0;
  bool expects_topic_filter_ = false;
  std::optional<FileError> error_;
};

void read_who(LineReader& line, AccessRule& rule) {
  constexpr std::string_view kExpected = "user NAME, client ID, all or anonymous";
  const Word who = line.next(kExpected);
  if (who.text == "all") {
    rule.who = Who::all;
  } else if (who.text == "anonymous") {
    rule.who = Who::anonymous;
  } else if (who.text == "user" || who.text == "client") {
    rule.who = who.text == "user" ? Who::user : Who::client;
    const Word name = line.next(who.text == "user" ? "a user name" : "a client identifier");
    if (name.text.empty()) line.fail(name, "an empty name");
    rule.name = name.text;
  } else {
    line.fail(who, fmt::format("expected {}, found '{}'", kExpected, who.text));
  }
}

void read_what(LineReader& line, AccessRule& rule) {
  constexpr std::string_view kExpected = "publish, subscribe or all";
  const Word what = line.next(kExpected);
  if (what.text == "publish") {
    rule.what = What::publish;
  } else if (what.text == "subscribe") {
    rule.what = What::subscribe;
  } else if (what.text == "all") {
    rule.what = What::all;
  } else {
    line.fail(what, fmt::format("expected {}, found '{}'", kExpected, what.text));
  }
}

void read_topic_filter(LineReader& line, AccessRule& rule) {
  line.expect_topic_filter();
  Word filter = line.next("a topic filter");
  if (filter.text == "eq" && !filter.quoted) {
    rule.literal = true;
    filter = line.next("a topic filter");
  }
  if (!line.error() && !codec::is_valid_topic_filter(filter.text))
    line.fail(filter, fmt::format("'{}' is not a topic filter", filter.text));
  rule.topic_filter = filter.text;
}

AccessRule read_rule(LineReader& line) {
  AccessRule rule;
  const Word verdict = line.next("allow or deny");
  if (verdict.text != "allow" && verdict.text != "deny")
    line.fail(verdict, fmt::format("expected allow or deny, found '{}'", verdict.text));
  rule.allow = verdict.text == "allow";
  if (!line.error()) read_who(line, rule);
  if (!line.error()) read_what(line, rule);
  if (!line.error()) read_topic_filter(line, rule);
  if (!line.error() && !line.at_end()) line.fail({}, "expected the end of the line");
  return rule;
}

std::string quoted(std::string_view word) {
  const bool plain = !word.empty() && word.find_first_of(" \t\"\\") == std::string_view::npos &&
                     !word.starts_with('#') && word != "eq";
  if (plain) return std::string(word);
  std::string text = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + "\"";
}

}  // namespace

std::variant<std::vector<AccessRule>, FileError> parse_rules(std::string_view text) {
  std::vector<AccessRule> rules;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    LineReader reader(line, number);
    if (reader.at_end()) continue;
    AccessRule rule = read_rule(reader);
    if (reader.error()) return *reader.error();
    rules.push_back(std::move(rule));
  }
  return rules;
}

std::string to_text(const AccessRule& rule) {
  constexpr std::string_view kWho[] = {"all", "anonymous", "user", "client"};
  constexpr std::string_view kWhat[] = {"publish", "subscribe", "all"};
  const bool named = rule.who == Who::user || rule.who == Who::client;
  return fmt::format("{} {}{} {} {}{}", rule.allow ? "allow" : "deny",
                     kWho[static_cast<std::size_t>(rule.who)], named ? " " + quoted(rule.name) : "",
                     kWhat[static_cast<std::size_t>(rule.what)], rule.literal ? "eq " : "",
                     quoted(rule.topic_filter));
}

}  // namespace mqttvet::access
