// What comes out of a case, and how a body ends early.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

namespace mqttvet::conformance {

enum class Verdict : std::uint8_t {
  pass,
  fail,           // a MUST is broken
  non_strict,     // a SHOULD is not followed, or a reaction is permitted but not the best
  unimplemented,  // an optional feature that the target says or shows it lacks
  inconclusive,   // the target refused what the case needs, or went away
  skipped,        // not run: a capability, a version or a hook is absent
};
// "pass", "non-strict", ...
std::string_view name_of(Verdict);

// Thrown by expectations and by skip() and its like; caught by whoever runs the body.
struct Stop : std::exception {
  Stop(Verdict v, std::string t) : verdict(v), text(std::move(t)) {}
  const char* what() const noexcept override { return text.c_str(); }

  Verdict verdict;
  std::string text;
  bool whatever_the_level = false;  // the target broke something more basic than what the case is about
};

// Ends the case with `fail` unless `holds`. `expected` says what should be, in a clause: "the packet
// identifier of SUBACK is that of SUBSCRIBE".
void check(bool holds, std::string_view expected);
// The same, and tells both values.
void check_equal(std::uint64_t actual, std::uint64_t expected, std::string_view what);
void check_equal(std::string_view actual, std::string_view expected, std::string_view what);

}  // namespace mqttvet::conformance
