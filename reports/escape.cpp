#include "reports/escape.h"

#include <fmt/format.h>

namespace mqttvet::reports {
namespace {

// The length of the well-formed UTF-8 character at the front (Unicode, table 3-7), or 0.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && byte(1) < 0xA0;
    const bool surrogate = first == 0xED && byte(1) >= 0xA0;
    return follows(1) && follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && byte(1) < 0x90;
    const bool too_high = first == 0xF4 && byte(1) >= 0x90;
    return follows(1) && follows(2) && follows(3) && !overlong && !too_high ? 4 : 0;
  }
  return 0;
}

// C0, DEL, C1 (U+0080..9F), the marks that turn the direction of writing, and U+FFFE, U+FFFF, which XML
// forbids.
bool is_control(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first < 0x20 || first == 0x7F;
  if (character.size() == 2) return first == 0xC2 && static_cast<unsigned char>(character[1]) < 0xA0;
  return character == "\u202A" || character == "\u202B" || character == "\u202C" || character == "\u202D" ||
         character == "\u202E" || character == "\u2066" || character == "\u2067" || character == "\u2068" ||
         character == "\u2069" || character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF";
}

template <class Write>
void for_each_character(std::string_view text, Write write) {
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    const std::string_view character = text.substr(0, length == 0 ? 1 : length);
    write(character, length != 0 && !is_control(character));
    text.remove_prefix(character.size());
  }
}

void append_escaped(std::string& into, std::string_view bytes) {
  for (const char byte : bytes) into += fmt::format("\\x{:02X}", static_cast<unsigned char>(byte));
}

std::string_view entity_of(std::string_view character) {
  if (character == "&") return "&amp;";
  if (character == "<") return "&lt;";
  if (character == ">") return "&gt;";
  if (character == "\"") return "&quot;";
  if (character == "'") return "&apos;";
  return character;
}

}  // namespace

std::string for_terminal(std::string_view text) {
  std::string safe;
  for_each_character(text, [&](std::string_view character, bool harmless) {
    if (harmless) {
      safe += character;
    } else {
      append_escaped(safe, character);
    }
  });
  return safe;
}

std::string for_xml(std::string_view text) {
  std::string safe;
  for_each_character(text, [&](std::string_view character, bool harmless) {
    if (harmless) {
      safe += entity_of(character);
    } else {
      append_escaped(safe, character);
    }
  });
  return safe;
}

}  // namespace mqttvet::reports
