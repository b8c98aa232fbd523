// A seed -> a plan. The same seed gives the same plan on every machine, for ever (until this generator is
// changed).
//
// Swarm testing: the seed first picks which features, drivers and fault classes take part at all, and only
// then what they do, since a run with everything in it hides what a run with half of it shows (Groce et al.,
// "Swarm Testing", 2012). Every purpose (clients, subscriptions, publishes, each class of faults ...) draws
// from a random stream of its own, so that leaving one out moves no other.
//
// The values are RapidCheck generators, run with RapidCheck's own splittable generator from the seed of the
// stream: it uses integer arithmetic only. Its property loop, with its clock and environment, takes no part.
#pragma once

#include <cstdint>

#include "sim/plan/plan.h"

namespace mqttvet::sim {

// Features the broker under test may lack; a sweep leaves those out.
struct GeneratorOptions {
  bool clock_jumps = true;
  bool disk_faults = true;
  bool held_acknowledgements = true;  // raw clients that keep their acknowledgements back for a while
  bool topic_aliases = true;
  bool shared_subscriptions = true;
  bool access = true;  // users, an access control list, both changed by reloads
};

// check_plan() finds nothing in it. Every client is told to be connected at the end, except "twin", which has
// the first client's identifier and comes only to take over its session, "mallory", who has no right to come
// in, "trudy", who keeps to no rule, and one that may have crashed for good.
Plan generate(std::uint64_t seed, const GeneratorOptions& options = {});

// The same for a plan of 24 hours: a handful of bursts, and idle hours.
Plan generate_day(std::uint64_t seed, const GeneratorOptions& options = {});

}  // namespace mqttvet::sim
