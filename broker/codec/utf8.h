// UTF-8 as the strings of MQTT must be (section 1.5.4).
#pragma once

#include <cstdint>
#include <string_view>

namespace mqttvet::codec {

enum class Utf8 : std::uint8_t {
  valid,
  ill_formed,     // not UTF-8: overlong, truncated, a surrogate (U+D800-DFFF), beyond U+10FFFF
  null_character  // well-formed so far, but holds U+0000
};

// Says what is wrong first. Control characters and non-characters, which SHOULD NOT be sent, are accepted,
// and so is U+FEFF, which is an ordinary character [MQTT5-1.5.4-3, MQTT311-1.5.3-3].
Utf8 check_utf8(std::string_view text);

inline bool is_valid_utf8(std::string_view text) {
  return check_utf8(text) == Utf8::valid;
}

}  // namespace mqttvet::codec
