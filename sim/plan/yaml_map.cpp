#include "sim/plan/yaml_map.h"

#include <algorithm>
#include <charconv>

#include "sim/plan/duration.h"

namespace mqttvet::sim {
namespace {

constexpr std::chrono::seconds kNever{0xFFFFFFFF};

// The whole of `text` is a decimal number that fits.
template <class Number>
bool is_whole(const std::string& text, Number& value) {
  const char* end_of_text = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), end_of_text, value);
  return error == std::errc{} && end == end_of_text;
}

}  // namespace

std::string to_text(const Problem& problem, const std::string& file) {
  if (problem.where.line == 0) return file + ": " + problem.text;
  return file + ":" + std::to_string(problem.where.line) + ":" + std::to_string(problem.where.column) + ": " +
         problem.text;
}

Source source_of(const YAML::Node& node) {
  const YAML::Mark mark = node.Mark();
  return mark.is_null() ? Source{} : Source{mark.line + 1, mark.column + 1};
}

std::string what_is(const YAML::Node& node) {
  if (!node || node.IsNull()) return "nothing";
  if (node.IsSequence()) return "a list";
  if (node.IsMap()) return "a mapping";
  return "'" + node.Scalar() + "'";
}

void YamlReader::complain(const YAML::Node& node, std::string text) {
  problems_.push_back({source_of(node), std::move(text)});
}

bool YamlReader::read(const YAML::Node& node, std::string& into) {
  if (!node.IsScalar()) {
    complain(node, "found " + what_is(node) + "; expected text");
    return false;
  }
  into = node.Scalar();
  return true;
}

bool YamlReader::read(const YAML::Node& node, bool& into) {
  if (!node.IsScalar() || (node.Scalar() != "true" && node.Scalar() != "false")) {
    complain(node, "found " + what_is(node) + "; expected true or false");
    return false;
  }
  into = node.Scalar() == "true";
  return true;
}

bool YamlReader::read_signed(const YAML::Node& node, Duration& into) {
  const auto duration = node.IsScalar() ? parse_duration(node.Scalar()) : std::nullopt;
  if (!duration) {
    complain(node, "found " + what_is(node) + "; expected a duration such as 500ms, 1.5s, 3min or 2h");
    return false;
  }
  into = *duration;
  return true;
}

bool YamlReader::read(const YAML::Node& node, Duration& into) {
  Duration duration{0};
  if (!read_signed(node, duration)) return false;
  if (duration < Duration{0}) {
    complain(node, "negative duration " + what_is(node) + "; expected 0 or more");
    return false;
  }
  into = duration;
  return true;
}

bool YamlReader::read(const YAML::Node& node, std::chrono::seconds& into) {
  if (node.IsScalar() && node.Scalar() == "never") {
    into = kNever;
    return true;
  }
  Duration duration{0};
  if (!read(node, duration)) return false;
  if (duration % std::chrono::seconds(1) != Duration{0} || duration > kNever) {
    complain(node, "found " + what_is(node) + "; expected whole seconds, or never");
    return false;
  }
  into = std::chrono::duration_cast<std::chrono::seconds>(duration);
  return true;
}

bool YamlReader::read(const YAML::Node& node, std::uint64_t& into) {
  std::uint64_t value = 0;
  if (!node.IsScalar() || !is_whole(node.Scalar(), value)) {
    complain(node, "found " + what_is(node) + "; expected a whole number below 2^64");
    return false;
  }
  into = value;
  return true;
}

bool YamlReader::read_number(const YAML::Node& node, std::int64_t low, std::int64_t high,
                             std::int64_t& into) {
  std::int64_t value = 0;
  if (!node.IsScalar() || !is_whole(node.Scalar(), value) || value < low || value > high) {
    complain(node, "found " + what_is(node) + "; expected a whole number, " + std::to_string(low) + " to " +
                       std::to_string(high));
    return false;
  }
  into = value;
  return true;
}

YamlMap::YamlMap(const YAML::Node& node, YamlReader& reader, std::string what)
    : node_(node), reader_(reader), what_(std::move(what)) {
  if (!node.IsMap()) {
    reader_.complain(node, "found " + what_is(node) + "; expected a mapping for " + what_);
    return;
  }
  for (const auto& entry : node) {
    if (!entry.first.IsScalar()) {
      reader_.complain(entry.first, "found " + what_is(entry.first) + " as a key; expected plain text");
      continue;
    }
    const std::string& key = entry.first.Scalar();
    if (has(key)) {
      reader_.complain(entry.first, "duplicate '" + key + "' in " + what_ + "; expected it once");
      continue;
    }
    entries_.push_back({key, entry.second, entry.first});
  }
}

bool YamlMap::has(std::string_view key) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.name == key; });
}

YAML::Node YamlMap::take(std::string_view key) {
  known_.emplace_back(key);
  for (const Entry& entry : entries_) {
    if (entry.name == key) return entry.value;
  }
  return YAML::Node(YAML::NodeType::Undefined);
}

YAML::Node YamlMap::require(std::string_view key) {
  YAML::Node node = take(key);
  if (!node && node_.IsMap()) {
    reader_.complain(node_, what_ + " has no '" + std::string(key) + "'; expected it");
  }
  return node;
}

void YamlMap::finish() {
  for (const Entry& entry : entries_) {
    if (std::find(known_.begin(), known_.end(), entry.name) != known_.end()) continue;
    std::string expected;
    for (const std::string& name : known_) expected += (expected.empty() ? "" : ", ") + name;
    reader_.complain(entry.key,
                     "unknown key '" + entry.name + "' in " + what_ + "; expected one of " + expected);
  }
}

}  // namespace mqttvet::sim
