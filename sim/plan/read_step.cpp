// The items of `steps`.
#include "conformance/wire/hex.h"
#include "sim/plan/packet_fields.h"
#include "sim/plan/properties.h"
#include "sim/plan/read_parts.h"

namespace mqttvet::sim {
namespace {

// Whether the operation stands there as its name alone ("alice: connect") instead of with its details.
bool stands_alone(const YAML::Node& details) {
  return !details;
}

void read_properties_of(YamlMap& map, YamlReader& reader, const std::string& what, wire::Properties& into) {
  if (const YAML::Node node = map.take("properties")) into = read_properties(node, reader, what);
}

std::string read_hex(const YAML::Node& node, YamlReader& reader, const std::string& text) {
  try {
    return wire::from_hex(text);
  } catch (const std::invalid_argument& error) {
    reader.complain(node, std::string(error.what()) + "; expected bytes in hex such as C0 00");
    return {};
  }
}

Operation read_connect(const YAML::Node& details, YamlReader& reader) {
  DoConnect connect;
  if (stands_alone(details)) return connect;
  YamlMap map(details, reader, "connect");
  map.read("clean_start", connect.clean_start);
  map.read("session_expiry", connect.session_expiry);
  map.read_number("receive_maximum", 1, 65535, connect.receive_maximum);
  map.read("user_name", connect.user_name);
  map.read("password", connect.password);
  read_properties_of(map, reader, "connect", connect.properties);
  map.read("with_will", connect.with_will);
  std::string bytes;
  map.read("bytes", bytes);
  connect.bytes = read_hex(details, reader, bytes);
  map.finish();
  return connect;
}

Operation read_disconnect(const YAML::Node& details, YamlReader& reader) {
  DoDisconnect disconnect;
  if (stands_alone(details)) return disconnect;
  YamlMap map(details, reader, "disconnect");
  map.read_number("reason_code", 0, 255, disconnect.reason_code);
  map.read("session_expiry", disconnect.session_expiry);
  read_properties_of(map, reader, "disconnect", disconnect.properties);
  map.finish();
  return disconnect;
}

DoSubscribe::Filter read_filter(const YAML::Node& node, YamlReader& reader) {
  DoSubscribe::Filter filter;
  YamlMap map(node, reader, "a subscription");
  if (const YAML::Node text = map.require("filter")) reader.read(text, filter.filter);
  map.read_number("qos", 0, 2, filter.qos);
  map.read("no_local", filter.no_local);
  map.read("retain_as_published", filter.retain_as_published);
  map.read_number("retain_handling", 0, 2, filter.retain_handling);
  map.finish();
  return filter;
}

void read_filters(const YAML::Node& list, YamlReader& reader, DoSubscribe& subscribe) {
  if (!list.IsSequence()) {
    reader.complain(list, "found " + what_is(list) + "; expected a list such as [{filter: t/#, qos: 2}]");
    return;
  }
  for (const YAML::Node& item : list) subscribe.filters.push_back(read_filter(item, reader));
}

// subscribe: [{filter: t/#, qos: 2}], or with an identifier: {filters: [...], identifier: 7}
Operation read_subscribe(const YAML::Node& details, YamlReader& reader) {
  DoSubscribe subscribe;
  if (!details.IsMap()) {
    read_filters(details, reader, subscribe);
    return subscribe;
  }
  YamlMap map(details, reader, "subscribe");
  if (const YAML::Node filters = map.require("filters")) read_filters(filters, reader, subscribe);
  map.read_number("identifier", 1, 268435455, subscribe.subscription_identifier);
  read_properties_of(map, reader, "subscribe", subscribe.properties);
  map.finish();
  return subscribe;
}

void read_filters(const YAML::Node& list, YamlReader& reader, DoUnsubscribe& unsubscribe) {
  if (!list.IsSequence()) {
    reader.complain(list, "found " + what_is(list) + "; expected a list of filters such as [t/#]");
    return;
  }
  for (const YAML::Node& item : list) {
    std::string filter;
    if (reader.read(item, filter)) unsubscribe.filters.push_back(filter);
  }
}

// unsubscribe: [t/#], or with properties: {filters: [t/#], properties: {...}}
Operation read_unsubscribe(const YAML::Node& details, YamlReader& reader) {
  DoUnsubscribe unsubscribe;
  if (!details.IsMap()) {
    read_filters(details, reader, unsubscribe);
    return unsubscribe;
  }
  YamlMap map(details, reader, "unsubscribe");
  if (const YAML::Node filters = map.require("filters")) read_filters(filters, reader, unsubscribe);
  read_properties_of(map, reader, "unsubscribe", unsubscribe.properties);
  map.finish();
  return unsubscribe;
}

Operation read_publish(const YAML::Node& details, YamlReader& reader) {
  DoPublish publish;
  YamlMap map(details, reader, "publish");
  if (const YAML::Node topic = map.require("topic")) reader.read(topic, publish.topic);
  map.read_number("qos", 0, 2, publish.qos);
  map.read("retain", publish.retain);
  map.read("payload", publish.payload);
  map.read("empty_payload", publish.empty_payload);
  map.read_number("count", 1, 100'000, publish.count);
  map.read("gap", publish.gap);
  map.read("expiry", publish.expiry);
  map.read_number("pad_to_bytes", 0, 16 * 1024 * 1024, publish.pad_to_bytes);
  read_properties_of(map, reader, "publish", publish.properties);
  map.finish();
  return publish;
}

Operation read_crash(const YAML::Node& details, YamlReader& reader) {
  DoCrash crash;
  if (stands_alone(details)) return crash;
  YamlMap map(details, reader, "crash");
  map.read("restart_after", crash.restart_after);
  map.read("for_good", crash.for_good);
  map.finish();
  return crash;
}

// acknowledge: automatic | none | {release: [3, 1]} | {policy: automatic, reason: 0x97}
Operation read_acknowledge(const YAML::Node& details, YamlReader& reader) {
  DoAcknowledge acknowledge;
  if (details.IsScalar()) {
    reader.read_word(details, acknowledge.from_now);
    acknowledge.release = acknowledge.from_now == Acknowledge::automatic;
    return acknowledge;
  }
  YamlMap map(details, reader, "acknowledge");
  acknowledge.from_now = Acknowledge::none;
  map.read_word("policy", acknowledge.from_now);
  map.read_number("reason", 0, 255, acknowledge.reason_code);
  acknowledge.release = acknowledge.from_now == Acknowledge::automatic;
  if (const YAML::Node release = map.take("release")) {
    if (release.IsSequence()) {
      acknowledge.release = true;
      for (const YAML::Node& item : release) {
        std::int64_t packet_id = 0;
        if (reader.read_number(item, 1, 65535, packet_id)) {
          acknowledge.packet_ids.push_back(static_cast<std::uint16_t>(packet_id));
        }
      }
    } else if (release.IsScalar() && (release.Scalar() == "all" || release.Scalar() == "nothing")) {
      acknowledge.release = release.Scalar() == "all";
    } else {
      reader.complain(release,
                      "found " + what_is(release) + "; expected all, nothing or a list of packet ids");
    }
  }
  map.finish();
  return acknowledge;
}

// {PUBREC: {id: 7, reason: 0x83, properties: {...}}}: which fields there are depends on the packet.
template <class Packet>
wire::Packet read_packet(const YAML::Node& fields, YamlReader& reader) {
  Packet packet;
  const std::string name(wire::name_of(Packet::kType));
  YamlMap map(fields, reader, "a " + name);
  if constexpr (requires { packet.packet_id; }) map.read_number("id", 0, 65535, packet.packet_id);
  map.read_number("reason", 0, 255, packet.reason_code);
  read_properties_of(map, reader, "a " + name, packet.properties);
  map.finish();
  return packet;
}

std::optional<wire::Packet> read_sent_packet(const YAML::Node& node, YamlReader& reader) {
  const YAML::Node key = node.begin()->first, fields = node.begin()->second;
  const auto type = key.IsScalar() ? wire::packet_type_from(key.Scalar()) : std::nullopt;
  switch (type.value_or(wire::PacketType::connect)) {
    case wire::PacketType::puback:
      return read_packet<wire::Puback>(fields, reader);
    case wire::PacketType::pubrec:
      return read_packet<wire::Pubrec>(fields, reader);
    case wire::PacketType::pubrel:
      return read_packet<wire::Pubrel>(fields, reader);
    case wire::PacketType::pubcomp:
      return read_packet<wire::Pubcomp>(fields, reader);
    case wire::PacketType::disconnect:
      return read_packet<wire::Disconnect>(fields, reader);
    case wire::PacketType::auth:
      return read_packet<wire::Auth>(fields, reader);
    default:
      reader.complain(key, "found " + what_is(key) +
                               "; expected PUBACK, PUBREC, PUBREL, PUBCOMP, DISCONNECT or AUTH (or bytes in "
                               "hex)");
      return std::nullopt;
  }
}

// send: C0 00, or a packet: {PUBREC: {id: 7, reason: 0x83}}
Operation read_send(const YAML::Node& details, YamlReader& reader) {
  DoSend send;
  if (details.IsMap() && details.size() == 1) {
    send.packet = read_sent_packet(details, reader);
    return send;
  }
  std::string text;
  if (!reader.read(details, text)) return send;
  send.bytes = read_hex(details, reader, text);
  return send;
}

Operation read_expect_closed(const YAML::Node& details, YamlReader& reader) {
  ExpectClosed closed;
  if (stands_alone(details)) return closed;
  YamlMap map(details, reader, "expect_closed");
  map.read("within", closed.within);
  map.finish();
  return closed;
}

Operation read_expectation(const YAML::Node& details, YamlReader& reader) {
  return read_expect(details, reader);
}

Operation read_drop(const YAML::Node&, YamlReader&) {
  return DoDrop{};
}

enum class Details { none, optional, required };
struct OperationWord {
  std::string_view name;
  Details details;
  Operation (*read)(const YAML::Node& details, YamlReader& reader);
};
constexpr OperationWord kOperations[] = {
    {"connect", Details::optional, read_connect},
    {"disconnect", Details::optional, read_disconnect},
    {"subscribe", Details::required, read_subscribe},
    {"unsubscribe", Details::required, read_unsubscribe},
    {"publish", Details::required, read_publish},
    {"drop", Details::none, read_drop},
    {"crash", Details::optional, read_crash},
    {"acknowledge", Details::required, read_acknowledge},
    {"send", Details::required, read_send},
    {"expect", Details::required, read_expectation},
    {"expect_closed", Details::optional, read_expect_closed},
};

std::string operation_names() {
  std::string names;
  for (const OperationWord& word : kOperations) names += (names.empty() ? "" : ", ") + std::string(word.name);
  return names;
}

// What stands behind "alice:": the name of an operation, or a mapping from its name to its details.
std::optional<Operation> read_operation(const YAML::Node& node, YamlReader& reader) {
  const bool one_entry = node.IsMap() && node.size() == 1 && node.begin()->first.IsScalar();
  if (!node.IsScalar() && !one_entry) {
    reader.complain(node, "found " + what_is(node) + "; expected one operation of " + operation_names());
    return std::nullopt;
  }
  const std::string name = node.IsScalar() ? node.Scalar() : node.begin()->first.Scalar();
  const YAML::Node details = node.IsScalar() ? YAML::Node(YAML::NodeType::Undefined) : node.begin()->second;
  for (const OperationWord& word : kOperations) {
    if (word.name != name) continue;
    if (word.details == Details::required && node.IsScalar()) {
      reader.complain(node, name + " stands alone; expected " + name + ": with its details");
      return std::nullopt;
    }
    if (word.details == Details::none && one_entry) {
      reader.complain(node, name + " has details; expected " + name + " alone");
      return std::nullopt;
    }
    return word.read(details, reader);
  }
  reader.complain(node, "unknown operation '" + name + "'; expected one of " + operation_names());
  return std::nullopt;
}

constexpr std::string_view kStepKeys[] = {"at", "id", "background", "may_fail"};

bool is_step_key(std::string_view key) {
  for (const std::string_view known : kStepKeys) {
    if (known == key) return true;
  }
  return false;
}

}  // namespace

void read_step_or_fault(const YAML::Node& node, YamlReader& reader, Plan& plan) {
  Step step;
  step.source = source_of(node);
  const std::size_t problems_before = reader.problem_count();
  YamlMap map(node, reader, "a step");
  if (!node.IsMap()) return;
  const int id_before = plan.steps.empty() ? 0 : plan.steps.back().id;
  if (map.has("fault")) {
    read_fault(map.take("fault"), reader, id_before, plan);
    map.finish();
    return;
  }
  step.id = id_before + 1;
  map.read_number("id", 1, 1'000'000'000, step.id);
  map.read("at", step.at);
  map.read("background", step.background);
  map.read("may_fail", step.may_fail);
  std::optional<Operation> operation;
  int subjects = 0;
  for (const auto& [name, value, key] : map.entries()) {
    if (is_step_key(name) || ++subjects > 1) continue;
    if (name == "wait") {
      DoWait wait;
      if (reader.read(value, wait.duration)) operation = wait;
    } else {
      step.client = name;
      operation = read_operation(value, reader);
    }
  }
  if (subjects != 1) {
    reader.complain(node,
                    "a step with " + std::to_string(subjects) +
                        " subjects; expected exactly one client, wait or fault, beside at, id, background, "
                        "may_fail");
    return;
  }
  if (reader.problem_count() > problems_before) return;
  step.operation = std::move(*operation);
  plan.steps.push_back(std::move(step));
}

}  // namespace mqttvet::sim
