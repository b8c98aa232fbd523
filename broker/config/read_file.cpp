#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "broker/config/file.h"
#include "broker/config/keys.h"
#include "broker/driver/config_text.h"
#include "broker/driver/nearest.h"

namespace mqttvet::config {
namespace {

// The first mistake; yaml-cpp throws, too, and both end the reading.
struct Mistake {
  YAML::Mark mark;
  std::string text;
};

[[noreturn]] void fail(const YAML::Node& at, std::string text) {
  throw Mistake{at.Mark(), std::move(text)};
}

std::string what_is(const YAML::Node& node) {
  if (node.IsMap()) return "a mapping";
  if (node.IsSequence()) return "a list";
  if (!node.IsScalar()) return "nothing";
  return fmt::format("'{}'", node.Scalar());
}

bool is_quoted(const YAML::Node& scalar) {
  return scalar.Tag() == "!";
}

// Each entry once, its key a word.
template <class Read>
void for_each_entry(const YAML::Node& map, Read read) {
  std::set<std::string> seen;
  for (const auto& entry : map) {
    if (!entry.first.IsScalar()) fail(entry.first, "expected a key, found " + what_is(entry.first));
    const std::string& key = entry.first.Scalar();
    if (!seen.insert(key).second) fail(entry.first, fmt::format("'{}' is there twice", key));
    read(key, entry.first, entry.second);
  }
}

const std::string& scalar_of(const std::string& key, const YAML::Node& value, std::string_view expected,
                             bool is_text) {
  if (!value.IsScalar()) fail(value, fmt::format("{}: expected {}, found {}", key, expected, what_is(value)));
  if (!is_text && is_quoted(value))
    fail(value, fmt::format("{}: expected {}, found a text in quotes", key, expected));
  return value.Scalar();
}

net::ListenerConfig read_listener(const YAML::Node& node) {
  net::ListenerConfig listener;
  if (!node.IsMap()) fail(node, "listeners: expected a mapping with an address, found " + what_is(node));
  for_each_entry(node, [&](const std::string& name, const YAML::Node& key, const YAML::Node& value) {
    const auto known = std::ranges::find(listener_keys(), name, &ListenerKey::name);
    if (known == listener_keys().end()) {
      std::vector<std::string_view> names;
      for (const ListenerKey& one : listener_keys()) names.push_back(one.name);
      fail(key, fmt::format("unknown key '{}' of a listener: did you mean '{}'?", name,
                            driver::nearest(name, names)));
    }
    const std::string& text = scalar_of(name, value, known->unit, known->is_text);
    if (!known->set(listener, text))
      fail(value, fmt::format("{}: expected {}, found '{}'", name, known->unit, text));
  });
  if (listener.address.host.empty()) fail(node, "the listener has no address");
  return listener;
}

std::vector<net::ListenerConfig> read_listeners(const YAML::Node& node) {
  if (!node.IsSequence()) fail(node, "listeners: expected a list, found " + what_is(node));
  std::vector<net::ListenerConfig> listeners;
  for (const YAML::Node& one : node) listeners.push_back(read_listener(one));
  return listeners;
}

// A key of core::Config has a type of its own: whether it is a text.
bool takes_quotes(std::string_view key) {
  const std::vector<driver::ConfigKey> keys = driver::config_keys();
  const auto known = std::ranges::find(keys, key, &driver::ConfigKey::name);
  if (known != keys.end()) return known->is_text;
  const auto program = std::ranges::find(program_keys(), key, &ProgramKey::name);
  return program == program_keys().end() || program->is_text;
}

bool is_section(std::string_view name) {
  return std::ranges::any_of(program_keys(), [&](const ProgramKey& key) {
    return key.name.starts_with(name) && key.name.substr(name.size()).starts_with('.');
  });
}

void read_value(Settings& settings, const std::string& name, const YAML::Node& key, const YAML::Node& value) {
  if (!value.IsScalar())
    fail(value.IsDefined() && !value.IsNull() ? value : key,
         fmt::format("{}: expected a value, found {}", name, what_is(value)));
  Settings changed = settings;
  if (is_quoted(value) && !takes_quotes(name)) {
    fail(value, fmt::format("{}: expected a value without quotes, found \"{}\"", name, value.Scalar()));
  }
  // Whether it is the key or the value that is wrong: an unknown key is wrong with every value.
  if (const auto wrong = apply(changed, name, value.Scalar()))
    fail(wrong->starts_with("unknown") ? key : value, *wrong);
  settings = std::move(changed);
}

Settings read_document(const YAML::Node& root) {
  Settings settings;
  if (root.IsNull()) return settings;
  if (!root.IsMap()) fail(root, "expected keys and values, found " + what_is(root));
  for_each_entry(root, [&](const std::string& name, const YAML::Node& key, const YAML::Node& value) {
    if (name == "listeners") {
      settings.listeners = read_listeners(value);
    } else if (is_section(name)) {
      if (!value.IsMap()) fail(key, fmt::format("{}: expected a mapping, found {}", name, what_is(value)));
      for_each_entry(value, [&](const std::string& inner, const YAML::Node& at, const YAML::Node& what) {
        read_value(settings, name + "." + inner, at, what);
      });
    } else {
      read_value(settings, name, key, value);
    }
  });
  return settings;
}

std::string place(std::string_view file, const YAML::Mark& mark, std::string_view text) {
  return fmt::format("{}:{}:{}: {}", file, mark.line + 1, mark.column + 1, text);
}

}  // namespace

std::variant<Settings, std::string> read(std::string_view yaml, std::string_view file) {
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(yaml));
    if (documents.size() > 1) return place(file, documents[1].Mark(), "expected one document, found another");
    return documents.empty() ? Settings() : read_document(documents[0]);
  } catch (const Mistake& mistake) {
    return place(file, mistake.mark, mistake.text);
  } catch (const YAML::Exception& error) {
    return place(file, error.mark, "not YAML: " + error.msg);
  }
}

std::variant<Settings, std::string> read_file(const std::string& file) {
  std::ifstream stream(file);
  std::stringstream text;
  text << stream.rdbuf();
  if (!stream) return fmt::format("cannot read {}", file);
  return read(text.str(), file);
}

}  // namespace mqttvet::config
