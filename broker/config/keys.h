// The tables of the keys that are the program's and not core::Config's: those of its sections, and those of
// one listener.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "broker/config/settings.h"

namespace mqttvet::config {

template <class Target>
struct Key {
  std::string_view name;  // "storage.directory"; of a listener: "certificate_file"
  std::string_view unit;  // what a value looks like
  std::string_view description;
  bool is_text;                                        // quoted in YAML
  bool (*set)(Target& target, std::string_view text);  // false: it is not one; nothing has changed
  std::string (*text)(const Target& target);
};

using ProgramKey = Key<Settings>;
using ListenerKey = Key<net::ListenerConfig>;

std::span<const ProgramKey> program_keys();
std::span<const ListenerKey> listener_keys();

}  // namespace mqttvet::config
