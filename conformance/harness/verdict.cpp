#include "conformance/harness/verdict.h"

#include <fmt/format.h>

#include "conformance/wire/describe.h"

namespace mqttvet::conformance {

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::fail:
      return "fail";
    case Verdict::non_strict:
      return "non-strict";
    case Verdict::unimplemented:
      return "unimplemented";
    case Verdict::inconclusive:
      return "inconclusive";
    case Verdict::skipped:
      return "skipped";
  }
  return "";
}

void check(bool holds, std::string_view expected) {
  if (!holds) throw Stop(Verdict::fail, fmt::format("expected: {}", expected));
}

void check_equal(std::uint64_t actual, std::uint64_t expected, std::string_view what) {
  if (actual != expected)
    throw Stop(Verdict::fail, fmt::format("{} is {}, expected {}", what, actual, expected));
}

void check_equal(std::string_view actual, std::string_view expected, std::string_view what) {
  if (actual == expected) return;
  throw Stop(Verdict::fail,
             fmt::format("{} is {}, expected {}", what, wire::quoted(actual), wire::quoted(expected)));
}

}  // namespace mqttvet::conformance
