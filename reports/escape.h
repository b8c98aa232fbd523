// Text from anywhere, made safe to print: a payload or a client's name may hold any byte.
#pragma once

#include <string>
#include <string_view>

namespace mqttvet::reports {

// UTF-8 without control characters: those (also the line feed) and bytes that are no UTF-8 become \xNN. What
// a terminal might obey is text after that.
std::string for_terminal(std::string_view text);

// The content of an XML 1.0 attribute or element: as for_terminal(), and & < > " ' are entities.
std::string for_xml(std::string_view text);

}  // namespace mqttvet::reports
