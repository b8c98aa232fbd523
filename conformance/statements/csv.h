// Comma-separated values (RFC 4180), with the names of the columns in the first row.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mqttvet::conformance {

using CsvRow = std::map<std::string, std::string>;

// Throws std::runtime_error with the row's number (the heading is 1) if one has too many or too few cells.
std::vector<CsvRow> read_csv(std::string_view text);

}  // namespace mqttvet::conformance
