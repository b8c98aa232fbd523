// How a fuzz target says that something is wrong: a line on stderr, and abort(), which libFuzzer and
// replay.cpp turn into a finding.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

namespace mqttvet::fuzz {

[[noreturn]] inline void fail(const std::string& text) {
  std::fprintf(stderr, "finding: %s\n", text.c_str());
  std::abort();
}

inline void require(bool holds, const char* text) {
  if (!holds) fail(text);
}

}  // namespace mqttvet::fuzz
