// Expectations: patterns over packets.
#include "sim/plan/packet_fields.h"
#include "sim/plan/read_parts.h"

namespace mqttvet::sim {
namespace {

// A value as the trace shows it: text as it is, "[1, 0x80]" as "1 128".
bool read_value(const YAML::Node& node, YamlReader& reader, std::string& into) {
  if (!node.IsSequence()) return reader.read(node, into);
  into.clear();
  for (const YAML::Node& item : node) {
    std::string text;
    if (!reader.read(item, text)) return false;
    const auto number = parse_number_range(text);
    if (!number || number->low != number->high) {
      reader.complain(item, "found '" + text + "'; expected a number such as 1 or 0x80");
      return false;
    }
    into += (into.empty() ? "" : " ") + std::to_string(number->low);
  }
  return true;
}

// "PUBREL", or {PUBLISH: {qos: 1, id: 7}}
std::optional<PacketPattern> read_pattern(const YAML::Node& node, YamlReader& reader) {
  PacketPattern pattern;
  pattern.source = source_of(node);
  if (node.IsScalar()) {
    pattern.type = node.Scalar();
    return pattern;
  }
  if (!node.IsMap() || node.size() != 1 || !node.begin()->first.IsScalar()) {
    reader.complain(node,
                    "found " + what_is(node) + "; expected a packet such as PUBREL or {PUBLISH: {id: 7}}");
    return std::nullopt;
  }
  pattern.type = node.begin()->first.Scalar();
  YamlMap fields(node.begin()->second, reader, "a " + pattern.type);
  for (const auto& field : fields.entries()) {
    std::string text;
    if (read_value(field.value, reader, text)) pattern.fields[field.name] = text;
  }
  return pattern;
}

}  // namespace

Expect read_expect(const YAML::Node& node, YamlReader& reader) {
  Expect expect;
  YamlMap map(node, reader, "expect");
  if (!node.IsMap()) return expect;  // reported
  int modes = 0;
  for (const auto& word : words_of(Expect::Mode{})) {
    const YAML::Node packets = map.take(word.text);
    if (!packets) continue;
    ++modes;
    expect.mode = word.value;
    if (!packets.IsSequence()) {
      reader.complain(packets, "found " + what_is(packets) + "; expected a list of packets");
      continue;
    }
    for (const YAML::Node& item : packets) {
      if (auto pattern = read_pattern(item, reader)) expect.packets.push_back(std::move(*pattern));
    }
  }
  map.read("within", expect.within);
  map.finish();
  if (modes != 1) {
    reader.complain(node, "expect has " + std::to_string(modes) + " modes; expected exactly one of " +
                              all_names<Expect::Mode>());
  }
  return expect;
}

}  // namespace mqttvet::sim
