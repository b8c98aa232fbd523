#include "sim/plan/read_plan.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "broker/driver/config_text.h"
#include "conformance/wire/hex.h"
#include "sim/plan/check_plan.h"
#include "sim/plan/properties.h"
#include "sim/plan/read_parts.h"

namespace mqttvet::sim {
namespace {

constexpr std::int64_t kDriftPpmMax = 100'000;          // 10 %: worse than any clock one can buy
constexpr std::size_t kFileBytesMax = 4 * 1024 * 1024;  // a scenario is written by a person or a shrinker

void read_texts(YamlMap& map, std::string_view key, YamlReader& reader, std::vector<std::string>& into) {
  const YAML::Node node = map.take(key);
  if (!node) return;
  if (!node.IsSequence()) {
    reader.complain(node, "found " + what_is(node) + "; expected a list for " + std::string(key));
    return;
  }
  for (const YAML::Node& item : node) {
    std::string text;
    if (reader.read(item, text)) into.push_back(text);
  }
}

// "MQTT5-4.4.0-1", "MQTT311-4.3.3-2"
bool is_statement_id(std::string_view id) {
  const std::size_t prefix = id.starts_with("MQTT5-") ? 6 : id.starts_with("MQTT311-") ? 8 : 0;
  id.remove_prefix(prefix);
  return prefix != 0 && !id.empty() && id.find_first_not_of("0123456789.-") == std::string_view::npos &&
         id.find('-') != std::string_view::npos;
}

void read_broker(const YAML::Node& node, YamlReader& reader, Plan& plan) {
  plan.broker.source = source_of(node);
  YamlMap map(node, reader, "broker");
  read_texts(map, "mutants", reader, plan.broker.mutants);
  read_access(map, reader, plan.broker.users, plan.broker.acl);
  map.read_number("message_rate_max", 0, 10'000'000, plan.broker.message_rate_max);
  map.read_number("clock_drift_ppm", -kDriftPpmMax, kDriftPpmMax, plan.broker.clock_drift_ppm);
  read_config(map, reader, {"mutants", "users", "acl", "message_rate_max", "clock_drift_ppm"},
              plan.broker.config);
}

WillPlan read_will(const YAML::Node& node, YamlReader& reader, const std::string& client) {
  WillPlan will;
  YamlMap map(node, reader, "the will of '" + client + "'");
  if (const YAML::Node topic = map.require("topic")) reader.read(topic, will.topic);
  map.read("payload", will.payload);
  map.read_number("qos", 0, 2, will.qos);
  map.read("retain", will.retain);
  map.read("delay", will.delay);
  map.read("expiry", will.expiry);
  if (const YAML::Node properties = map.take("properties"))
    will.properties = read_properties(properties, reader, "the will of '" + client + "'");
  map.finish();
  return will;
}

// Authentication Data, in hex.
void read_auth_answers(YamlMap& map, YamlReader& reader, ClientPlan& client) {
  std::vector<std::string> answers;
  read_texts(map, "auth_answers", reader, answers);
  for (const std::string& answer : answers) {
    try {
      client.auth_answers.push_back(wire::from_hex(answer));
    } catch (const std::invalid_argument& error) {
      reader.complain(map.take("auth_answers"), std::string(error.what()) + "; expected bytes in hex");
    }
  }
}

ClientPlan read_client(const std::string& name, const YAML::Node& node, YamlReader& reader) {
  ClientPlan client;
  client.name = client.client_id = name;
  client.source = source_of(node);
  if (node.IsNull()) return client;  // "alice:" and nothing else
  YamlMap map(node, reader, "client '" + name + "'");
  map.read("client_id", client.client_id);
  if (const YAML::Node driver = map.take("driver");
      driver && !(driver.IsScalar() && driver.Scalar() == "paho")) {
    reader.read_word(driver, client.driver);
  }
  map.read_word("version", client.version);
  map.read("clean_start", client.clean_start);
  map.read("session_expiry", client.session_expiry);
  map.read("keep_alive", client.keep_alive);
  map.read_number("receive_maximum", 1, 65535, client.receive_maximum);
  map.read_number("maximum_packet_size", 1, 0xFFFFFFFF, client.maximum_packet_size);
  map.read("user_name", client.user_name);
  map.read("password", client.password);
  if (const YAML::Node properties = map.take("properties"))
    client.properties = read_properties(properties, reader, "client '" + name + "'");
  map.read("topic_aliases", client.topic_aliases);
  read_auth_answers(map, reader, client);
  map.read("persistent", client.persistent);
  map.read("reconnect", client.reconnect);
  map.read("reconnect_min", client.reconnect_min);
  map.read("reconnect_max", client.reconnect_max);
  if (const YAML::Node will = map.take("will")) client.will = read_will(will, reader, name);
  map.read_word("acknowledge", client.acknowledge);
  map.finish();
  return client;
}

template <class Each>
void for_each_item(YamlMap& map, std::string_view key, YamlReader& reader, Each each) {
  const YAML::Node list = map.take(key);
  if (!list) return;
  if (!list.IsSequence()) {
    reader.complain(list, "found " + what_is(list) + "; expected a list for " + std::string(key));
    return;
  }
  for (const YAML::Node& item : list) each(item);
}

void read_document(const YAML::Node& document, YamlReader& reader, Plan& plan) {
  YamlMap map(document, reader, "the scenario");
  std::int64_t format = 0;
  if (const YAML::Node node = map.require("format")) reader.read_number(node, 1, 1, format);
  map.read("name", plan.name);
  map.read("about", plan.about);
  read_texts(map, "statements", reader, plan.statements);
  for (const std::string& id : plan.statements) {
    if (is_statement_id(id)) continue;
    reader.complain(map.take("statements"),
                    "'" + id + "' is no statement; expected an id such as MQTT5-4.4.0-1");
  }
  map.read("seed", plan.seed);
  map.read_word("schedule", plan.schedule);
  if (const YAML::Node broker = map.take("broker")) read_broker(broker, reader, plan);
  map.read_number("socket_buffer_bytes", 1, 1 << 30, plan.socket_buffer_bytes);
  if (const YAML::Node clients = map.require("clients")) {
    plan.clients_source = source_of(clients);
    YamlMap by_name(clients, reader, "clients");
    for (const auto& entry : by_name.entries()) {
      plan.clients.push_back(read_client(entry.name, entry.value, reader));
    }
  }
  for_each_item(map, "steps", reader,
                [&](const YAML::Node& item) { read_step_or_fault(item, reader, plan); });
  for_each_item(map, "faults", reader,
                [&](const YAML::Node& item) { read_fault(item, reader, std::nullopt, plan); });
  map.read("heal_at", plan.heal_at);
  if (const YAML::Node settle = map.take("settle"); settle && reader.read(settle, plan.settle))
    plan.settle_source = source_of(settle);
  map.finish();
  std::stable_sort(plan.faults.begin(), plan.faults.end(),
                   [](const Fault& one, const Fault& other) { return one.id < other.id; });
}

}  // namespace

void read_config(const YamlMap& map, YamlReader& reader, const std::vector<std::string>& others,
                 std::map<std::string, std::string>& into) {
  core::Config scratch;
  for (const auto& [name, value, key] : map.entries()) {
    std::string text;
    const bool is_other = std::find(others.begin(), others.end(), name) != others.end();
    if (is_other || !reader.read(value, text)) continue;
    if (auto problem = driver::apply(scratch, name, text)) {
      reader.complain(key, *problem);
    } else {
      into[name] = text;
    }
  }
}

std::string ReadPlan::messages(const std::string& file) const {
  std::string lines;
  for (const Problem& problem : problems) lines += to_text(problem, file) + "\n";
  return lines;
}

ReadPlan read_plan(const std::string& text, const std::string& name) {
  ReadPlan result;
  YamlReader reader(result.problems);
  Plan plan;
  plan.name = name;
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() != 1) {
      result.problems.push_back(
          {{}, "found " + std::to_string(documents.size()) + " YAML documents; expected exactly one"});
      return result;
    }
    read_document(documents.front(), reader, plan);
  } catch (const YAML::Exception& error) {
    const Source where = error.mark.is_null() ? Source{} : Source{error.mark.line + 1, error.mark.column + 1};
    result.problems.push_back({where, "this is not YAML: " + error.msg + "; expected a YAML mapping"});
    return result;
  }
  const Problems broken_rules = check_plan(plan);
  result.problems.insert(result.problems.end(), broken_rules.begin(), broken_rules.end());
  std::stable_sort(
      result.problems.begin(), result.problems.end(), [](const Problem& one, const Problem& other) {
        return std::pair(one.where.line, one.where.column) < std::pair(other.where.line, other.where.column);
      });
  if (result.problems.empty()) result.plan = std::move(plan);
  return result;
}

ReadPlan read_plan_file(const std::string& path) {
  const auto failed = [](std::string text) { return ReadPlan{std::nullopt, {{{}, std::move(text)}}}; };
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return failed("this is a folder; expected a scenario file");
  std::ifstream file(path, std::ios::binary);
  if (!file) return failed("cannot be read; expected a scenario file");
  std::string text(kFileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kFileBytesMax) return failed("longer than 4 MiB; expected a scenario file");
  return read_plan(text, std::filesystem::path(path).stem().string());
}

}  // namespace mqttvet::sim
