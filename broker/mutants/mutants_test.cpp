#include "broker/mutants/mutants.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace mqttvet::mutants {
namespace {

const std::filesystem::path kBroker = std::filesystem::path(__FILE__).parent_path().parent_path();

// Everything that the broker is made of, its tests left out.
std::string source() {
  std::stringstream text;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(kBroker)) {
    const std::string name = entry.path().filename();
    const bool is_source = name.ends_with(".cpp") || name.ends_with(".h");
    if (is_source && !name.ends_with("_test.cpp")) text << std::ifstream(entry.path()).rdbuf();
  }
  return text.str();
}

TEST(Mutants, AreSortedAndFoundByNameOrId) {
  EXPECT_TRUE(std::is_sorted(std::begin(kMutants), std::end(kMutants),
                             [](const MutantInfo& a, const MutantInfo& b) { return a.name < b.name; }));
  EXPECT_EQ(find_mutant("B008"), Mutant::B008_no_pump_after_ack);
  EXPECT_EQ(find_mutant("E_A03_pubrec_frees_id"), Mutant::E_A03_pubrec_frees_id);
  EXPECT_EQ(find_mutant("B999"), std::nullopt);
  EXPECT_EQ(find_mutant(""), std::nullopt);
}

TEST(Mutants, StandEachInTheSource) {
  const std::string text = source();
  for (const MutantInfo& info : kMutants) {
    EXPECT_NE(text.find("MUTANT(" + std::string(info.name) + ")"), std::string::npos) << info.name;
  }
}

}  // namespace
}  // namespace mqttvet::mutants
