// A directory that is there for one test. Header only, for tests.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace mqttvet::storage::testing {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "mqttvet-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  std::string path(const std::string& file = "") const { return file.empty() ? path_ : path_ + "/" + file; }

 private:
  std::string path_;
};

}  // namespace mqttvet::storage::testing
