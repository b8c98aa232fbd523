// catalogue.csv accounts for every known mistake: each of the 130 in brokers that are in use, and each defect
// of emqttd 1.1.3. It is planted, or it says why it isn't.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "broker/mutants/mutants.h"

namespace mqttvet::mutants {
namespace {

using ::testing::UnorderedElementsAreArray;

struct Row {
  std::string source, difficulty, state, mutants, note;

  bool is_emqttd() const { return source.starts_with("emqttd "); }
  std::vector<std::string> names() const {
    std::istringstream text(mutants);
    return {std::istream_iterator<std::string>(text), {}};
  }
};

// A field with a comma stands in quotation marks; there are none within fields.
std::string next_field(std::istream& line) {
  std::string field;
  if (line.peek() != '"') {
    std::getline(line, field, ',');
    return field;
  }
  line.get();
  std::getline(line, field, '"');
  line.get();
  return field;
}

std::vector<Row> catalogue() {
  std::ifstream file(std::filesystem::path(__FILE__).parent_path() / "catalogue.csv");
  std::vector<Row> rows;
  std::string text;
  std::getline(file, text);
  EXPECT_EQ(text, "source,class,state,mutants,note");
  while (std::getline(file, text)) {
    std::istringstream line(text);
    Row row;
    for (std::string* field : {&row.source, &row.difficulty, &row.state, &row.mutants, &row.note})
      *field = next_field(line);
    rows.push_back(row);
  }
  return rows;
}

TEST(Catalogue, AccountsForEachOfTheHundredAndThirty) {
  std::vector<std::string> sources;
  for (const Row& row : catalogue())
    if (!row.is_emqttd()) sources.push_back(row.source);
  std::vector<std::string> expected;
  for (int number = 1; number <= 130; ++number) {
    const std::string digits = std::to_string(number);
    expected.push_back("B" + std::string(3 - digits.size(), '0') + digits);
  }
  EXPECT_EQ(sources, expected);
}

// docs/emqttd-defects.md has a line for each defect, or for some together.
TEST(Catalogue, AccountsForEachDefectOfEmqttd) {
  std::vector<std::string> sources;
  for (const Row& row : catalogue())
    if (row.is_emqttd()) sources.push_back(row.source);
  const std::map<char, int> last{{'A', 9},  {'B', 9}, {'C', 7}, {'D', 12}, {'E', 10},
                                 {'F', 18}, {'G', 5}, {'H', 9}, {'I', 7},  {'K', 8}};
  std::vector<std::string> expected;
  for (const auto& [group, count] : last)
    for (int number = 1; number <= count; ++number)
      expected.push_back(std::string("emqttd ") + group + (number < 10 ? "-0" : "-") +
                         std::to_string(number));
  EXPECT_EQ(sources, expected);
}

TEST(Catalogue, SaysWhatEachIsOrWhyItIsNot) {
  const std::set<std::string> classes{"easy", "medium", "hard", "-"};
  for (const Row& row : catalogue()) {
    EXPECT_TRUE(classes.contains(row.difficulty)) << row.source;
    if (row.state == "planted") {
      EXPECT_FALSE(row.names().empty()) << row.source;
    } else {
      EXPECT_TRUE(row.state == "cannot arise" || row.state == "no defect") << row.source << ": " << row.state;
      EXPECT_TRUE(row.names().empty()) << row.source;
      EXPECT_FALSE(row.note.empty()) << row.source;
    }
  }
}

TEST(Catalogue, AgreesWithWhatIsPlanted) {
  std::set<std::string> named;
  for (const Row& row : catalogue()) {
    for (const std::string& name : row.names()) {
      EXPECT_TRUE(find_mutant(name)) << row.source << ": there is no " << name;
      named.insert(name);
    }
  }
  for (const MutantInfo& mutant : kMutants) {
    const bool catalogued = mutant.name.starts_with('B') || mutant.name.starts_with("E_");
    EXPECT_TRUE(!catalogued || named.contains(std::string(mutant.name))) << mutant.name;
  }
}

// The profile is what emqttd 1.1.3 had: neither what it does right nor what a later version had.
TEST(Catalogue, MakesTheProfileOfEmqttd) {
  std::set<std::string> had;
  for (const Row& row : catalogue()) {
    if (!row.is_emqttd() || row.note.starts_with("emqttd does it right") || row.source == "emqttd C-07")
      continue;
    for (const std::string& name : row.names()) had.insert(name);
  }
  std::set<std::string> switched;
  for (const Mutant mutant : find_mutants("emqttd-1.1.3"))
    switched.insert(std::string(kMutants[static_cast<std::size_t>(mutant)].name));
  EXPECT_THAT(switched, UnorderedElementsAreArray(had));
}

}  // namespace
}  // namespace mqttvet::mutants
