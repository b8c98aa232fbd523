#include "conformance/wire/hex.h"

#include <stdexcept>

namespace mqttvet::wire {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

// nullopt would do, but -1 keeps the arithmetic in one line.
int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

int require_digit(std::string_view text, std::size_t at) {
  const std::string column = "column " + std::to_string(at + 1) + ": ";
  if (at >= text.size() || is_space(text[at])) {
    throw std::invalid_argument(column + "a byte has two hex digits, the second is missing");
  }
  const int value = digit_value(text[at]);
  if (value < 0) throw std::invalid_argument(column + "'" + text[at] + "' is not a hex digit");
  return value;
}

}  // namespace

std::string from_hex(std::string_view text) {
  std::string bytes;
  for (std::size_t at = 0; at < text.size();) {
    if (is_space(text[at])) {
      ++at;
      continue;
    }
    const int high = require_digit(text, at);
    bytes += static_cast<char>(high * 16 + require_digit(text, at + 1));
    at += 2;
  }
  return bytes;
}

std::string to_hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (!text.empty()) text += ' ';
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0x0F];
  }
  return text;
}

}  // namespace mqttvet::wire
