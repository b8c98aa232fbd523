// The words of a scenario file for the enumerators of a plan. Exactly one word each, lower case, as users
// write them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/plan/plan.h"

namespace mqttvet::sim {

// One enumerator and its word. A table of these has every enumerator once, in the order of the declaration.
template <class Enum>
struct Word {
  Enum value;
  std::string_view text;
};

std::span<const Word<Driver>> words_of(Driver);
std::span<const Word<Version>> words_of(Version);
std::span<const Word<Acknowledge>> words_of(Acknowledge);
std::span<const Word<FaultKind>> words_of(FaultKind);
std::span<const Word<Path>> words_of(Path);
std::span<const Word<Schedule>> words_of(Schedule);
std::span<const Word<Expect::Mode>> words_of(Expect::Mode);

// "paho_cpp", "3.1.1", "broker_crash"
template <class Enum>
std::string_view name_of(Enum value) {
  for (const Word<Enum>& word : words_of(Enum{})) {
    if (word.value == value) return word.text;
  }
  return "?";
}

// The reverse, exact; nullopt: no such word.
template <class Enum>
std::optional<Enum> from_name(std::string_view text) {
  for (const Word<Enum>& word : words_of(Enum{})) {
    if (word.text == text) return word.value;
  }
  return std::nullopt;
}

// "paho_cpp, paho_c, raw": what was expected.
template <class Enum>
std::string all_names() {
  std::string all;
  for (const Word<Enum>& word : words_of(Enum{})) {
    if (!all.empty()) all += ", ";
    all += word.text;
  }
  return all;
}

// "connect", "publish": the key of an operation in a step, by its place in the variant.
std::string_view name_of(const Operation& operation);

// Whether the fault strikes the broker's node itself, and not the network of its target.
bool strikes_broker(FaultKind kind);
// Whether `duration` means anything for it.
bool has_duration(FaultKind kind);

}  // namespace mqttvet::sim
