#include "conformance/harness/result_bytes.h"

#include <cstring>
#include <stdexcept>
#include <type_traits>

namespace mqttvet::conformance {
namespace {

// One description of the fields serves both ways: visit(writer, result) and visit(reader, result).
class Writer {
 public:
  void operator()(const std::string& text) {
    number(text.size());
    bytes += text;
  }
  template <typename T>
  void integer(const T& value) {
    number(static_cast<std::uint64_t>(value));
  }
  template <typename T, typename Each>
  void list(const std::vector<T>& values, Each each) {
    number(values.size());
    for (const T& value : values) each(value);
  }
  void pairs(const std::map<std::string, std::string>& values) {
    number(values.size());
    for (const auto& [key, value] : values) {
      (*this)(key);
      (*this)(value);
    }
  }
  std::string bytes;

 private:
  void number(std::uint64_t value) { bytes.append(reinterpret_cast<const char*>(&value), sizeof value); }
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  void operator()(std::string& text) { text = take(number()); }
  template <typename T>
  void integer(T& value) {
    value = static_cast<T>(number());
  }
  template <typename T, typename Each>
  void list(std::vector<T>& values, Each each) {
    for (std::uint64_t left = number(); left > 0; --left) each(values.emplace_back());
  }
  void pairs(std::map<std::string, std::string>& values) {
    for (std::uint64_t left = number(); left > 0; --left) {
      std::string key;
      (*this)(key);
      (*this)(values[key]);
    }
  }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) throw std::runtime_error("a truncated result");
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  std::string_view rest_;
};

template <typename Visitor, typename Result>
void visit(Visitor& fields, Result& result) {
  const auto text = [&](auto& value) { fields(value); };
  fields(result.name);
  fields.integer(result.version);
  fields.list(result.statements, text);
  fields.integer(result.level);
  fields.list(result.tags, text);
  fields.integer(result.verdict);
  fields(result.text);
  fields.list(result.remarks, text);
  fields.list(result.reached, text);
  fields.pairs(result.behaviours);
  fields.list(result.transcript, [&](auto& entry) {
    fields.integer(entry.kind);
    if constexpr (std::is_const_v<Result>) {
      fields.integer(entry.at.count());
    } else {
      std::int64_t at = 0;
      fields.integer(at);
      entry.at = Time(at);
    }
    fields(entry.client);
    fields.integer(entry.connection);
    fields(entry.text);
    fields(entry.bytes);
  });
  if constexpr (std::is_const_v<Result>) {
    fields.integer(result.took.count());
  } else {
    std::int64_t took = 0;
    fields.integer(took);
    result.took = Duration(took);
  }
}

}  // namespace

std::string to_bytes(const CaseResult& result) {
  Writer writer;
  visit(writer, result);
  return std::move(writer.bytes);
}

CaseResult from_bytes(std::string_view bytes) {
  CaseResult result;
  Reader reader(bytes);
  visit(reader, result);
  if (!reader.at_end()) throw std::runtime_error("a result with something behind it");
  return result;
}

}  // namespace mqttvet::conformance
