// "Sometimes" marks: situations that a sweep must have met, or its silence means little. Each is read off the
// wire or the broker's counters after a run; that one stays at 0 over many seeds is a gap of the generator.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "broker/core/broker.h"
#include "sim/checkers/history.h"

namespace mqttvet::sim {

// Every mark of the catalogue, by name, and how often the run met it; 0 for those it did not.
std::map<std::string, std::uint64_t> marks(const History& history, const core::Counters& counters);

}  // namespace mqttvet::sim
