#include "broker/storage/data_directory.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

namespace mqttvet::storage {

Result<Store> open_data_directory(const std::string& directory, const StoreOptions& options) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (!std::filesystem::is_directory(directory)) {
    const std::string reason = error ? error.message() : "it is a file";
    return StorageError{fmt::format("{}: cannot be used as data directory: {}", directory, reason)};
  }
  if (::access(directory.c_str(), W_OK | X_OK) != 0) {
    return StorageError{
        fmt::format("{}: cannot be used as data directory: no permission to write", directory)};
  }
  return Store::open((std::filesystem::path(directory) / "mqttvet.db").string(), options);
}

}  // namespace mqttvet::storage
