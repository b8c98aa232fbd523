// Which runs a sweep consists of: the scenarios and seeds of a shard, one after the other.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/common.h"
#include "sim/run/sweep.h"

namespace mqttvet::cli {

inline constexpr std::uint64_t kNoEnd = UINT64_MAX;

struct SeedRange {
  std::uint64_t first = 1;
  std::uint64_t last = 0;  // below first: empty
};
// "1..500" or "42"; nullopt: neither.
std::optional<SeedRange> parse_seeds(const std::string& text);

// Every N-th job, beginning with the I-th.
struct Shard {
  std::uint64_t index = 1;
  std::uint64_t count = 1;
  bool has(std::uint64_t job) const { return job % count == index - 1; }
};
// "I/N"; nullopt: it is no such thing.
std::optional<Shard> parse_shard(const std::string& text);

// What is to be run, one after the other: the scenarios of the shard, then its seeds; each once or twice.
// Borrows the choices and options.
class SimJobs {
 public:
  SimJobs(std::vector<Subject> scenarios, SeedRange seeds, Shard shard, bool twice, const RunChoices& choices,
          const sim::RunOptions& options);

  std::optional<sim::SweepJob> next();
  // nullopt: no end.
  std::optional<std::uint64_t> count() const;
  // What that run of ours carried out.
  sim::Plan plan_of(const sim::RunResult& result) const;
  // Where two more runs of it part, in one line.
  std::string divergence(const sim::RunResult& result) const;

 private:
  std::optional<sim::SweepJob> next_subject();
  sim::SweepJob job(std::string name, std::string argument, std::uint64_t seed,
                    std::function<sim::Plan()> plan);

  std::vector<std::shared_ptr<Subject>> scenarios_;
  std::size_t next_scenario_ = 0;
  SeedRange seeds_;
  bool seeds_over_ = false;
  Shard shard_;
  bool twice_;
  std::optional<sim::SweepJob> again_;
  const RunChoices& choices_;
  const sim::RunOptions& options_;
};

}  // namespace mqttvet::cli
