// The catalogue of known mistakes (broker/mutants/catalogue.csv): which planted bug stands for each, or why
// none.
#pragma once

#include <string>
#include <vector>

namespace mqttvet::reports {

struct CatalogueRow {
  std::string source;                // "B017", "emqttd C-01"
  std::string difficulty;            // "easy"
  std::string state;                 // "planted", "cannot arise"
  std::vector<std::string> mutants;  // their whole names; none unless planted
  std::string note;                  // why it can't arise, or where else it is tested
};

// The rows of the file's text, without its first line. A field with a comma stands in quotation marks.
std::vector<CatalogueRow> parse_catalogue(const std::string& text);

}  // namespace mqttvet::reports
