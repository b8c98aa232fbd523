// What came of the hunt for planted bugs, for people, for docs/mutants.md and for other programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/catalogue.h"
#include "sim/hunt/hunt.h"

namespace mqttvet::reports {

struct MutantReport {
  std::string origin;  // where it was seen: "EMQX 5.8"
  std::string text;    // what the broker does wrong
  sim::Hunt hunt;
  // Operations and faults of the run that killed it, and of the story that is left of it.
  std::optional<std::size_t> size_before;
  std::optional<std::size_t> size_after;
};

// One line: its name, what became of it, and at what cost.
std::string line(const MutantReport& report);
// How many were killed; those that were not, and whether their code was reached.
std::string summary(const std::vector<MutantReport>& reports);
// The page of the documentation: a summary and a table, and what became of each row of the catalogue.
std::string mutants_markdown(const std::vector<MutantReport>& reports, const sim::HuntOptions& budget,
                             const std::vector<CatalogueRow>& catalogue);
std::string mutants_json(const std::vector<MutantReport>& reports);

// Of the stories that are left: the middle one's size. nullopt: none was shrunk.
std::optional<std::size_t> median_size(const std::vector<MutantReport>& reports);

}  // namespace mqttvet::reports
