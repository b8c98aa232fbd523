#include "broker/driver/nearest.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace mqttvet::driver {
namespace {

// How many single letters have to change, come or go.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string_view nearest(std::string_view name, std::span<const std::string_view> known) {
  return *std::ranges::min_element(known, {}, [&](std::string_view one) { return distance(name, one); });
}

}  // namespace mqttvet::driver
