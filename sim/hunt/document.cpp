#include "sim/hunt/document.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "sim/hunt/simpler.h"
#include "sim/plan/read_plan.h"
#include "sim/plan/write_plan.h"

namespace mqttvet::sim {

// A node of the file. Edited in place and put back, so that a candidate costs no copy of the whole, and every
// node is where it was.
struct Document::Tree {
  enum class Kind { nothing, scalar, list, mapping } kind = Kind::nothing;
  std::string scalar;
  std::vector<std::pair<std::string, Tree>> entries;  // of a list: without keys
};

struct Document::Value {
  Tree* node;
  std::string text;
};

struct Document::Contents {
  Plan plan;
  Tree root;
  std::vector<std::pair<Tree*, std::size_t>> entries;  // parent, place in it
  std::vector<Value> values;

  static Tree tree_of(const YAML::Node& node);
  void list(Tree& parent);
  std::optional<Plan> read() const;
};

namespace {

// Without these there would be another story, and not a smaller one.
bool must_stay(std::string_view key) {
  return key == "driver" || key == "schedule" || key == "name" || key == "format" || key == "clients";
}

}  // namespace

Document::Tree Document::Contents::tree_of(const YAML::Node& node) {
  Tree tree;
  if (node.IsScalar()) {
    tree.kind = Tree::Kind::scalar;
    tree.scalar = node.Scalar();
  } else if (node.IsSequence()) {
    tree.kind = Tree::Kind::list;
    for (const YAML::Node& item : node) tree.entries.emplace_back("", tree_of(item));
  } else if (node.IsMap()) {
    tree.kind = Tree::Kind::mapping;
    for (const auto& entry : node) tree.entries.emplace_back(entry.first.Scalar(), tree_of(entry.second));
  }
  return tree;
}

void Document::Contents::list(Tree& parent) {
  for (std::size_t place = 0; place < parent.entries.size(); ++place) {
    auto& [key, node] = parent.entries[place];
    if (!must_stay(key)) entries.emplace_back(&parent, place);
    if (node.kind == Tree::Kind::scalar && !must_stay(key))
      for (std::string& text : simpler_than(node.scalar)) values.push_back({&node, std::move(text)});
    list(node);
  }
}

std::optional<Plan> Document::Contents::read() const {
  struct Printer {
    YAML::Emitter out;
    void print(const Tree& tree) {
      switch (tree.kind) {
        case Tree::Kind::nothing:
          out << YAML::Null;
          break;
        case Tree::Kind::scalar:
          out << YAML::DoubleQuoted << tree.scalar;
          break;
        case Tree::Kind::list:
          out << YAML::Flow << YAML::BeginSeq;
          for (const auto& [key, item] : tree.entries) print(item);
          out << YAML::EndSeq;
          break;
        case Tree::Kind::mapping:
          out << YAML::Flow << YAML::BeginMap;
          for (const auto& [key, value] : tree.entries) {
            out << YAML::Key << YAML::DoubleQuoted << key << YAML::Value;
            print(value);
          }
          out << YAML::EndMap;
          break;
      }
    }
  } printer;
  printer.print(root);
  ReadPlan again = read_plan(printer.out.c_str(), plan.name);
  if (!again.plan || *again.plan == plan) return std::nullopt;
  return std::move(again.plan);
}

Document::Document(const Plan& plan) : contents_(std::make_unique<Contents>()) {
  contents_->plan = plan;
  contents_->root = Contents::tree_of(YAML::Load(write_plan(plan)));
  contents_->list(contents_->root);
}

Document::~Document() = default;

std::size_t Document::entry_count() const {
  return contents_->entries.size();
}

std::optional<Plan> Document::without_entry(std::size_t entry) const {
  auto [parent, place] = contents_->entries.at(entry);
  const auto at = static_cast<std::ptrdiff_t>(place);
  std::pair<std::string, Tree> taken = std::move(parent->entries[place]);
  parent->entries.erase(parent->entries.begin() + at);
  std::optional<Plan> plan = contents_->read();
  parent->entries.insert(parent->entries.begin() + at, std::move(taken));
  return plan;
}

std::size_t Document::value_count() const {
  return contents_->values.size();
}

std::optional<Plan> Document::with_value(std::size_t value) const {
  const auto& [node, text] = contents_->values.at(value);
  const std::string was = std::exchange(node->scalar, text);
  std::optional<Plan> plan = contents_->read();
  node->scalar = was;
  return plan;
}

}  // namespace mqttvet::sim
