// A plan as its scenario file, for edits that need not know what the keys mean. Whatever the format learns
// can so be made smaller, and the reader judges what is still a plan.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "sim/plan/plan.h"

namespace mqttvet::sim {

class Document {
 public:
  explicit Document(const Plan& plan);
  ~Document();
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  // Every key of a mapping and every item of a list, in the order of the file, an outer one before the inner
  // ones.
  std::size_t entry_count() const;
  // The plan without that entry: its key then has the default value. nullopt: that is no plan, or the same
  // one; or the entry is one that must stay (a client's driver: without it there would be more to it).
  std::optional<Plan> without_entry(std::size_t entry) const;

  // Every number and duration, each with some simpler ones to take its place, the simplest first.
  std::size_t value_count() const;
  // The plan with that value. nullopt: that is no plan.
  std::optional<Plan> with_value(std::size_t value) const;

 private:
  struct Tree;
  struct Value;
  struct Contents;
  std::unique_ptr<Contents> contents_;
};

}  // namespace mqttvet::sim
