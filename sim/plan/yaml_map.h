// Strict reading of YAML: every key is asked for by name and type, everything else is a Problem with its
// place. Nothing here throws; a wrong value is reported and the variable keeps what it was.
#pragma once

#include <yaml-cpp/yaml.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/plan/names.h"
#include "sim/plan/problem.h"

namespace mqttvet::sim {

Source source_of(const YAML::Node& node);

// "a list", "a mapping", "nothing", "'text'": what stands there, for messages.
std::string what_is(const YAML::Node& node);

// Each reads one node into a variable of its type.
class YamlReader {
 public:
  explicit YamlReader(Problems& problems) : problems_(problems) {}

  void complain(const YAML::Node& node, std::string text);
  // How many were reported so far: what grew it could not be read, and is not checked further.
  std::size_t problem_count() const { return problems_.size(); }

  bool read(const YAML::Node& node, std::string& into);
  bool read(const YAML::Node& node, bool& into);
  bool read(const YAML::Node& node, Duration& into);  // not negative
  bool read_signed(const YAML::Node& node, Duration& into);
  bool read(const YAML::Node& node,
            std::chrono::seconds& into);  // whole, not negative; "never": 2^32-1 seconds
  bool read(const YAML::Node& node, std::uint64_t& into);
  bool read_number(const YAML::Node& node, std::int64_t low, std::int64_t high, std::int64_t& into);

  template <class Enum>
  bool read_word(const YAML::Node& node, Enum& into) {
    std::string text;
    if (!read(node, text)) return false;
    const auto value = from_name<Enum>(text);
    if (!value) {
      complain(node, "'" + text + "' is not known; expected one of " + all_names<Enum>());
      return false;
    }
    into = *value;
    return true;
  }

 private:
  Problems& problems_;
};

// One mapping with known keys. finish() reports every key nobody asked for.
class YamlMap {
 public:
  // `what` names the mapping in messages: "client 'alice'". Reports at once what is no mapping, keys that are
  // no plain text, and keys that stand there twice.
  YamlMap(const YAML::Node& node, YamlReader& reader, std::string what);

  bool has(std::string_view key) const;
  // The value of the key; undefined (false) if it is absent. The key counts as known from now on.
  YAML::Node take(std::string_view key);
  // As take(), and a Problem if it is absent.
  YAML::Node require(std::string_view key);

  template <class T>
  void read(std::string_view key, T& into) {
    if (const YAML::Node node = take(key)) reader_.read(node, into);
  }
  template <class T>
  void read(std::string_view key, std::optional<T>& into) {
    T value{};
    if (const YAML::Node node = take(key); node && reader_.read(node, value)) into = value;
  }
  template <class Number>
  void read_number(std::string_view key, std::int64_t low, std::int64_t high, Number& into) {
    std::int64_t value = 0;
    if (const YAML::Node node = take(key); node && reader_.read_number(node, low, high, value)) {
      into = static_cast<Number>(value);
    }
  }
  template <class Number>
  void read_number(std::string_view key, std::int64_t low, std::int64_t high, std::optional<Number>& into) {
    std::int64_t value = 0;
    if (const YAML::Node node = take(key); node && reader_.read_number(node, low, high, value)) {
      into = static_cast<Number>(value);
    }
  }
  template <class Enum>
  void read_word(std::string_view key, Enum& into) {
    if (const YAML::Node node = take(key)) reader_.read_word(node, into);
  }

  struct Entry {
    std::string name;
    YAML::Node value;
    YAML::Node key;  // for its place
  };
  // Every key in the order of the file.
  const std::vector<Entry>& entries() const { return entries_; }
  void finish();

  const YAML::Node& node() const { return node_; }

 private:
  YAML::Node node_;
  YamlReader& reader_;
  std::string what_;
  std::vector<Entry> entries_;
  std::vector<std::string> known_;  // asked for, in this order
};

}  // namespace mqttvet::sim
