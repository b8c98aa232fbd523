#include "conformance/wire/describe.h"

#include "conformance/wire/cursor.h"
#include "conformance/wire/hex.h"
#include "conformance/wire/reason_code_table.h"

namespace mqttvet::wire {
namespace {

constexpr std::size_t kPayloadLimit =
    48;  // bytes of a payload in a trace's line: enough for "publisher#number"

std::string hex_byte(std::uint8_t byte) {
  return "0x" + to_hex(std::string(1, static_cast<char>(byte)));
}

std::string id_text(std::uint16_t packet_id) {
  return " id=" + std::to_string(packet_id);
}

std::string payload_text(std::string_view payload) {
  std::string text = " " + std::to_string(payload.size()) + "B";
  if (!payload.empty()) text += " " + quoted(payload, kPayloadLimit);
  return text;
}

struct ValueText {
  std::string operator()(std::uint32_t number) const { return "=" + std::to_string(number); }
  std::string operator()(const std::string& text) const { return "=" + quoted(text, kPayloadLimit); }
  std::string operator()(const StringPair& pair) const {
    return "=" + quoted(pair.name, kPayloadLimit) + ":" + quoted(pair.value, kPayloadLimit);
  }
  std::string operator()(const RawBytes& raw) const { return "=raw " + to_hex(raw.bytes); }
};

// " {receive-maximum=10 user-property="colour":"red"}"; nothing if there are none.
std::string properties_text(const Properties& properties) {
  if (properties.empty()) return {};
  std::string text;
  for (const Property& property : properties) {
    text += text.empty() ? " {" : " ";
    text += name_of(property.id) + std::visit(ValueText{}, property.value);
  }
  return text + "}";
}

// " 0x8E session taken over"; nothing for 0x00.
std::string reason_text(PacketType type, std::uint8_t code) {
  if (code == 0) return {};
  const std::string_view name = reason_code_name(type, code);
  return " " + hex_byte(code) + (name.empty() ? "" : " " + std::string(name));
}

// " [q2, 0x80]"
template <typename Items, typename Text>
std::string list_text(const Items& items, Text text_of) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : ", ") + text_of(item);
  return " [" + text + "]";
}

std::string qos_text(std::uint8_t qos) {
  return "q" + std::to_string(qos);
}

std::string subscription_text(const Subscription& s) {
  std::string text = quoted(s.topic_filter) + " " + qos_text(s.qos);
  if (s.no_local) text += " no-local";
  if (s.retain_as_published) text += " retain-as-published";
  if (s.retain_handling != 0) text += " retain-handling=" + std::to_string(s.retain_handling);
  return text;
}

std::string will_text(const Will& will) {
  return " will=" + quoted(will.topic) + " will-" + qos_text(will.qos) + (will.retain ? " will-retain" : "") +
         payload_text(will.payload) + properties_text(will.properties);
}

// What follows the packet's name.
struct Details {
  std::string operator()(const Connect& p) const {
    std::string text = " " + std::string(name_of(p.version)) + (p.bridge ? " bridge" : "");
    text += " client=" + quoted(p.client_id) + (p.clean_start ? " clean=1" : " clean=0");
    text += " keep-alive=" + std::to_string(p.keep_alive) + "s" + properties_text(p.properties);
    if (p.will) text += will_text(*p.will);
    if (p.user_name) text += " user=" + quoted(*p.user_name);
    if (p.password) text += " password=" + std::to_string(p.password->size()) + "B";
    return text;
  }
  std::string operator()(const Connack& p) const {
    std::string text = p.reason_code == 0 ? " ok" : reason_text(PacketType::connack, p.reason_code);
    return text + (p.session_present ? " session-present" : "") + properties_text(p.properties);
  }
  std::string operator()(const Publish& p) const {
    std::string text = " " + qos_text(p.qos) + (p.dup ? " dup" : "") + (p.retain ? " retain" : "");
    if (p.qos > 0) text += id_text(p.packet_id);
    return text + " " + quoted(p.topic) + payload_text(p.payload) + properties_text(p.properties);
  }
  template <PacketType type>
  std::string operator()(const Acknowledgement<type>& p) const {
    return id_text(p.packet_id) + reason_text(type, p.reason_code) + properties_text(p.properties);
  }
  std::string operator()(const Subscribe& p) const {
    return id_text(p.packet_id) + list_text(p.subscriptions, subscription_text) +
           properties_text(p.properties);
  }
  std::string operator()(const Suback& p) const {
    const auto granted = [](std::uint8_t code) { return code <= 2 ? qos_text(code) : hex_byte(code); };
    return id_text(p.packet_id) + list_text(p.reason_codes, granted) + properties_text(p.properties);
  }
  std::string operator()(const Unsubscribe& p) const {
    const auto filter = [](const std::string& topic_filter) { return quoted(topic_filter); };
    return id_text(p.packet_id) + list_text(p.topic_filters, filter) + properties_text(p.properties);
  }
  std::string operator()(const Unsuback& p) const {
    if (p.reason_codes.empty()) return id_text(p.packet_id);
    const auto removed = [](std::uint8_t code) { return code == 0 ? "ok" : hex_byte(code); };
    return id_text(p.packet_id) + list_text(p.reason_codes, removed) + properties_text(p.properties);
  }
  std::string operator()(const Pingreq&) const { return {}; }
  std::string operator()(const Pingresp&) const { return {}; }
  std::string operator()(const Disconnect& p) const {
    return reason_text(PacketType::disconnect, p.reason_code) + properties_text(p.properties);
  }
  std::string operator()(const Auth& p) const {
    const std::string text = p.reason_code == 0 ? " ok" : reason_text(PacketType::auth, p.reason_code);
    return text + properties_text(p.properties);
  }
};

// Where to cut: not inside a UTF-8 sequence.
std::string_view cut(std::string_view bytes, std::size_t limit) {
  if (bytes.size() <= limit) return bytes;
  std::size_t end = limit;
  for (int back = 0; back < 3 && end > 0 && (bytes[end] & 0xC0) == 0x80; ++back) --end;
  return bytes.substr(0, end);
}

// Control characters: 00-1F, 7F, and U+0080-U+009F, whose second byte shows after C2.
bool is_control(std::uint8_t byte, std::uint8_t next) {
  return byte < 0x20 || byte == 0x7F || (byte == 0xC2 && next < 0xA0);
}

std::string escaped(std::uint8_t byte) {
  switch (byte) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return "\\x" + to_hex(std::string(1, static_cast<char>(byte)));
  }
}

}  // namespace

std::string describe(const Packet& packet) {
  return std::string(name_of(type_of(packet))) + std::visit(Details{}, packet);
}

std::string describe_reason_code(PacketType type, std::uint8_t code) {
  const std::string_view name = reason_code_name(type, code);
  return name.empty() ? hex_byte(code) : std::string(name);
}

std::string quoted(std::string_view bytes, std::size_t limit) {
  const std::string_view shown = cut(bytes, limit);
  const bool is_text = is_mqtt_utf8(shown);
  std::string text = "\"";
  for (std::size_t at = 0; at < shown.size(); ++at) {
    const auto byte = static_cast<std::uint8_t>(shown[at]);
    const auto next = static_cast<std::uint8_t>(at + 1 < shown.size() ? shown[at + 1] : 0);
    if (byte == '"' || byte == '\\') {
      text += '\\';
      text += shown[at];
    } else if (is_text && is_control(byte, next)) {
      text += escaped(byte);
      if (byte == 0xC2) text += escaped(static_cast<std::uint8_t>(shown[++at]));
    } else if (!is_text && (byte < 0x20 || byte >= 0x7F)) {
      text += escaped(byte);
    } else {
      text += shown[at];
    }
  }
  text += '"';
  if (shown.size() < bytes.size()) text += "...";
  return text;
}

}  // namespace mqttvet::wire
