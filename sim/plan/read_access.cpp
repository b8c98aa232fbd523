// Users and access control list: {users: {NAME: PASSWORD, ...}, acl: [LINE, ...]}, of the broker and of
// reload.
#include "broker/access/rules.h"
#include "sim/plan/read_parts.h"

namespace mqttvet::sim {
namespace {

void read_users(YamlMap& map, YamlReader& reader, std::map<std::string, std::string>& users) {
  const YAML::Node node = map.take("users");
  if (!node) return;
  YamlMap names(node, reader, "users");
  for (const auto& [name, value, key] : names.entries()) {
    if (const char* objection = access::objection_to_user_name(name)) reader.complain(key, objection);
    reader.read(value, users[name]);
  }
}

// A list of rules, each a line of an ACL file.
void read_acl(YamlMap& map, YamlReader& reader, std::optional<std::vector<std::string>>& acl) {
  const YAML::Node node = map.take("acl");
  if (!node) return;
  acl.emplace();
  if (!node.IsSequence()) return reader.complain(node, "found no list; expected a list for acl");
  for (const YAML::Node& line : node) {
    std::string text;
    if (!reader.read(line, text)) continue;
    const auto rules = access::parse_rules(text);
    if (const auto* wrong = std::get_if<access::FileError>(&rules)) reader.complain(line, wrong->text);
    acl->push_back(std::move(text));
  }
}

}  // namespace

void read_access(YamlMap& map, YamlReader& reader, std::map<std::string, std::string>& users,
                 std::optional<std::vector<std::string>>& acl) {
  read_users(map, reader, users);
  read_acl(map, reader, acl);
}

}  // namespace mqttvet::sim
