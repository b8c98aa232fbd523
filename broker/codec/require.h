// The assertion: on in every build, whatever NDEBUG says.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace mqttvet::codec {

// Ends the program if `condition` is false: the caller broke its contract, and no answer would be right.
inline void require(bool condition, const char* text) {
  if (condition) [[likely]]
    return;
  std::fprintf(stderr, "codec: %s\n", text);
  std::abort();
}

}  // namespace mqttvet::codec
