// Everything that happens in a simulated world, in order: a rolling hash always, and the lines themselves on demand.
// Two runs of one seed are the same run exactly if their hashes are equal.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace mqttvet::sim {

using Time = std::chrono::nanoseconds;  // since the world began
using Duration = std::chrono::nanoseconds;

class Trace {
 public:
  // One event: when, who ("alice", "broker", "network"), what ("write", "deliver", "switch"), and what else tells it from
  // another. Nothing that depends on an address, a hash table or the host may be among them.
  void note(Time at, std::string_view who, std::string_view what, std::uint64_t number = 0,
            std::string_view bytes = {});

  // A line for people, beside the events; not hashed (derived from what is).
  void line(Time at, std::string_view who, const std::function<std::string()>& text);

  std::uint64_t hash() const { return hash_; }
  std::uint64_t event_count() const { return event_count_; }

  // Called for each event or line from now on; null: nobody listens and no text is made.
  struct Entry {
    Time at;
    std::string who;
    std::string text;
    bool is_line = false;
    std::uint64_t hash_after = 0;
  };
  using Listener = std::function<void(const Entry&)>;
  void listen(Listener listener);

 private:
  std::uint64_t hash_ = 0x6d71747476657431;
  std::uint64_t event_count_ = 0;
  Listener listener_;
};

}  // namespace mqttvet::sim
