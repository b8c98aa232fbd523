// What storage answers when it cannot do what was asked: a value, with one line for the operator.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace mqttvet::storage {

// What failed, where, and what was expected instead: "/var/lib/mqttvet/mqttvet.db: is not a mqttvet database
// (...)".
struct StorageError {
  std::string text;
};

// Either what was asked for or the reason why not.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : outcome_(std::move(value)) {}
  Result(StorageError error) : outcome_(std::move(error)) {}

  bool ok() const { return outcome_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // REQUIRES: ok().
  T& value() { return std::get<0>(outcome_); }
  const T& value() const { return std::get<0>(outcome_); }
  T& operator*() { return value(); }
  T* operator->() { return &value(); }

  // REQUIRES: !ok().
  const StorageError& error() const { return std::get<1>(outcome_); }

 private:
  std::variant<T, StorageError> outcome_;
};

}  // namespace mqttvet::storage
