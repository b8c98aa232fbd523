// The ways in which a plan can be made smaller. Each is a list of candidates: plans that say less.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "sim/plan/plan.h"

namespace mqttvet::sim {

// Operations and faults: what a person has to read.
std::size_t size_of(const Plan& plan);

struct Candidates {
  std::size_t count = 0;
  // The candidate of that number; nullopt: it would be no plan.
  std::function<std::optional<Plan>(std::size_t)> make;
};

// A plan's candidates of one kind. They borrow the plan.
using Reduction = std::function<Candidates(const Plan&)>;

// Without one client, all it does and all that is done to it.
Candidates without_a_client(const Plan& plan);
// Without `chunk` neighbouring operations (the last ones first); the same for faults.
Reduction without_steps(std::size_t chunk);
Reduction without_faults(std::size_t chunk);
// One client does what another did; the other's CONNECTs are left out.
Candidates with_clients_merged(const Plan& plan);
// Fewer context switches: nobody is pre-empted; or a client of our own, which has no threads, for one of
// Paho's.
Candidates with_a_calm_schedule(const Plan& plan);
Candidates without_a_guest(const Plan& plan);
// Without one key or item of the scenario file, so that defaults take its place.
Candidates without_an_entry(const Plan& plan);
// With one rounder number or duration.
Candidates with_a_rounder_value(const Plan& plan);
// The clients are alice, bob and carol again, whoever of them is left.
Candidates with_usual_names(const Plan& plan);

}  // namespace mqttvet::sim
