#include "conformance/statements/csv.h"

#include <stdexcept>

namespace mqttvet::conformance {
namespace {

// One row from the front of `text`, which loses it.
std::vector<std::string> take_row(std::string_view& text) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      const bool doubled = c == '"' && i + 1 < text.size() && text[i + 1] == '"';
      if (c == '"' && !doubled) {
        quoted = false;
      } else {
        cells.back() += c;
        if (doubled) ++i;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      cells.emplace_back();
    } else if (c == '\n') {
      ++i;
      break;
    } else if (c != '\r') {
      cells.back() += c;
    }
  }
  text.remove_prefix(i);
  return cells;
}

}  // namespace

std::vector<CsvRow> read_csv(std::string_view text) {
  std::vector<CsvRow> rows;
  if (text.empty()) return rows;
  const std::vector<std::string> names = take_row(text);
  for (std::size_t number = 2; !text.empty(); ++number) {
    std::vector<std::string> cells = take_row(text);
    if (cells.size() == 1 && cells.front().empty()) continue;
    if (cells.size() != names.size())
      throw std::runtime_error("row " + std::to_string(number) + ": " + std::to_string(cells.size()) +
                               " cells, expected " + std::to_string(names.size()));
    CsvRow row;
    for (std::size_t i = 0; i < names.size(); ++i) row[names[i]] = std::move(cells[i]);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace mqttvet::conformance
