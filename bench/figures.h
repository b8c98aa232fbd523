// The figures that brokers are compared by.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bench/broker_process.h"
#include "bench/load.h"

namespace mqttvet::bench {

// How much is done for one figure: as long as one of them lasts.
struct Effort {
  std::uint64_t messages_max = 1'000'000;  // and connections
  std::chrono::milliseconds time{1500};
};

struct Value {
  double measured = 0;
  // The same per second of the broker's own processor time: what a busy machine changes little. Absent: it
  // used too little to tell, or the figure is no rate.
  std::optional<double> per_core = {};
};

struct Figure {
  std::string name;
  std::string unit;
  bool more_is_better = true;
  bool tls = false;
  std::function<std::vector<Value>(BrokerProcess&)> measure;  // of a broker that has just started
  std::vector<std::string> parts = {""};                      // what `measure` returns, one name each
};

std::vector<Figure> all_figures(const Effort& effort);

}  // namespace mqttvet::bench
