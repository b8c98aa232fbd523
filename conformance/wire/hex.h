// Bytes as people write them.
#pragma once

#include <string>
#include <string_view>

namespace mqttvet::wire {

// "20 02 00 00" -> 4 bytes. Upper or lower case; white space may stand between bytes, not inside one. Throws
// std::invalid_argument that says what is wrong and at which column (from 1).
std::string from_hex(std::string_view text);

// "20 02 00 00": upper case, one space between bytes.
std::string to_hex(std::string_view bytes);

}  // namespace mqttvet::wire
