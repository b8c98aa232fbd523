#include "reports/catalogue.h"

#include <iterator>
#include <sstream>

namespace mqttvet::reports {
namespace {

std::string next_field(std::istream& line) {
  std::string field;
  if (line.peek() != '"') {
    std::getline(line, field, ',');
    return field;
  }
  line.get();
  std::getline(line, field, '"');
  line.get();  // the comma
  return field;
}

}  // namespace

std::vector<CatalogueRow> parse_catalogue(const std::string& text) {
  std::istringstream lines(text);
  std::vector<CatalogueRow> rows;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    CatalogueRow row;
    std::string mutants;
    for (std::string* field : {&row.source, &row.difficulty, &row.state, &mutants, &row.note})
      *field = next_field(fields);
    std::istringstream names(mutants);
    row.mutants.assign(std::istream_iterator<std::string>(names), {});
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace mqttvet::reports
