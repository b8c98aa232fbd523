#include "broker/core/spec.h"

#ifdef MQTTVET_MUTANTS
#include <set>

namespace mqttvet::core {
namespace {

std::set<std::string_view>& reached() {
  static std::set<std::string_view> ids;
  return ids;
}

}  // namespace

void reach_statement(const char* id) {
  reached().insert(id);
}

std::vector<std::string_view> reached_statements() {
  return {reached().begin(), reached().end()};
}

}  // namespace mqttvet::core
#endif
