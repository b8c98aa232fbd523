#include "conformance/target_live/target_file.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <filesystem>
#include <functional>
#include <stdexcept>

namespace mqttvet::conformance {
namespace {

// Reads one file; every mistake ends with its line.
class File {
 public:
  explicit File(const std::string& path) : path_(path) {}

  LiveOptions read() {
    LiveOptions options;
    try {
      read_root(YAML::LoadFile(path_), options);
    } catch (const YAML::BadFile&) {
      throw std::runtime_error(path_ + ": can't be read; expected an address (mqtt://...) or a target file");
    } catch (const YAML::Exception& error) {
      fail(error.mark, error.msg);
    }
    return options;
  }

 private:
  using Take = std::function<void(const YAML::Node&)>;

  void read_root(const YAML::Node& root, LiveOptions& options) {
    options.name = path_;
    options.hooks.folder = std::filesystem::path(path_).parent_path();
    options.facts.pace = live_pace();
    TargetFacts& facts = options.facts;
    Hooks& hooks = options.hooks;
    for_each(root,
             {
                 {"address", [&](const YAML::Node& node) { options.url = url_of(node); }},
                 {"user_name", [&](const YAML::Node& node) { facts.credentials.user_name = text(node); }},
                 {"password", [&](const YAML::Node& node) { facts.credentials.password = text(node); }},
                 {"certificate_authority",
                  [&](const YAML::Node& node) { options.certificate_authority_file = text(node); }},
                 {"answer_within", [&](const YAML::Node& node) { facts.pace.answer_within = seconds(node); }},
                 {"quiet_for", [&](const YAML::Node& node) { facts.pace.quiet_for = seconds(node); }},
                 {"timer_slack", [&](const YAML::Node& node) { facts.pace.timer_slack = seconds(node); }},
                 {"has", [&](const YAML::Node& node) { read_capabilities(node, facts.capabilities); }},
                 {"lacks", [&](const YAML::Node& node) { read_capabilities(node, facts.lacks); }},
                 {"limits", [&](const YAML::Node& node) { read_limits(node, facts.limits); }},
                 {"hooks",
                  [&](const YAML::Node& node) {
                    for_each(node,
                             {{"start", [&](const YAML::Node& command) { hooks.start = text(command); }},
                              {"stop", [&](const YAML::Node& command) { hooks.stop = text(command); }},
                              {"restart", [&](const YAML::Node& command) { hooks.restart = text(command); }},
                              {"kill", [&](const YAML::Node& command) { hooks.kill = text(command); }}});
                  }},
             });
    if (options.url.host.empty()) fail(root.Mark(), "expected the key address (mqtt://HOST:PORT)");
    if (!facts.credentials.user_name) facts.credentials.user_name = options.url.credentials.user_name;
    if (!facts.credentials.password) facts.credentials.password = options.url.credentials.password;
  }

  void read_limits(const YAML::Node& node, Limits& limits) {
    const auto count = [this](std::size_t& into) {
      return [this, &into](const YAML::Node& value) { into = whole_number(value); };
    };
    for_each(node, {{"topic_bytes_max", count(limits.topic_bytes_max)},
                    {"topic_levels_max", count(limits.topic_levels_max)},
                    {"client_id_bytes_max", count(limits.client_id_bytes_max)},
                    {"packet_bytes_max", count(limits.packet_bytes_max)},
                    {"topic_prefix", [&](const YAML::Node& value) { limits.topic_prefix = text(value); }},
                    {"forbidden_topics", [&](const YAML::Node& list) {
                       if (!list.IsSequence()) fail(list.Mark(), "expected a list of beginnings of topics");
                       for (const auto& topic : list) limits.forbidden_topics.push_back(text(topic));
                     }}});
  }

  void for_each(const YAML::Node& map, const std::map<std::string, Take>& keys) {
    if (!map.IsMap()) fail(map.Mark(), "expected keys with values");
    for (const auto& entry : map) {
      const std::string key = entry.first.as<std::string>();
      const auto found = keys.find(key);
      if (found == keys.end()) {
        std::string known;
        for (const auto& [name, take] : keys) known += (known.empty() ? "" : ", ") + name;
        fail(entry.first.Mark(), fmt::format("unknown key '{}'; expected one of {}", key, known));
      }
      found->second(entry.second);
    }
  }

  void read_capabilities(const YAML::Node& list, std::set<Capability>& into) {
    if (!list.IsSequence()) fail(list.Mark(), "expected a list of capabilities");
    for (const auto& node : list) {
      const auto capability = capability_from(text(node));
      if (!capability) fail(node.Mark(), fmt::format("unknown capability '{}'", text(node)));
      into.insert(*capability);
    }
  }

  Url url_of(const YAML::Node& node) {
    try {
      return parse_url(text(node));
    } catch (const std::invalid_argument& error) {
      fail(node.Mark(), error.what());
    }
  }

  Duration seconds(const YAML::Node& node) {
    const std::string digits = text(node);
    double value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || !(value > 0) || value > 3600)
      fail(node.Mark(), fmt::format("'{}'; expected seconds, above 0 and at most 3600", digits));
    return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value));
  }

  std::size_t whole_number(const YAML::Node& node) {
    const std::string digits = text(node);
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || value == 0)
      fail(node.Mark(), fmt::format("'{}'; expected a whole number above 0", digits));
    return value;
  }

  std::string text(const YAML::Node& node) {
    if (!node.IsScalar()) fail(node.Mark(), "expected a text");
    return node.as<std::string>();
  }

  [[noreturn]] void fail(const YAML::Mark& mark, const std::string& what) {
    throw std::runtime_error(fmt::format("{}:{}: {}", path_, mark.line + 1, what));
  }

  std::string path_;
};

}  // namespace

LiveOptions read_target_file(const std::string& path) {
  return File(path).read();
}

LiveOptions live_options_of_url(const std::string& url) {
  LiveOptions options;
  options.name = url;
  options.url = parse_url(url);
  options.facts.pace = live_pace();
  options.facts.credentials = options.url.credentials;
  return options;
}

}  // namespace mqttvet::conformance
