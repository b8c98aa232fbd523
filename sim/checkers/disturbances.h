// When something was wrong that a client could feel: only outside of these times may an oracle blame what
// did not come in time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/checkers/wire_view.h"

namespace mqttvet::sim {

class Disturbances {
 public:
  explicit Disturbances(const WireView& view);

  // No fault struck this client, all clients or the broker, nor had one its effects, between two times.
  bool quiet(std::string_view client, Time from, Time to) const;
  // The same for everybody.
  bool quiet(Time from, Time to) const;
  // How long a packet may have been on its way to this client when it arrived, at most.
  Duration delay(std::string_view client, Time arrived) const;

 private:
  struct Disturbance {
    Time from;
    Time to;
    std::string client;  // empty: everybody's
  };
  std::vector<Disturbance> all_;
};

}  // namespace mqttvet::sim
