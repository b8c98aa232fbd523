#include "broker/access/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <utility>

namespace mqttvet::access {
namespace {

// Bounds what a wrong path (a disk image, a device) makes us read.
constexpr std::size_t kFileBytesMax = 64 * 1024 * 1024;

std::string why() {
  return std::strerror(errno);
}

// Empty, and `error` says why, if it cannot be read.
std::string read_file(const std::string& path, std::string& error) {
  std::ifstream file(path, std::ios::binary);
  std::string text;
  char buffer[65536];
  while (file && text.size() <= kFileBytesMax) {
    file.read(buffer, sizeof buffer);
    text.append(buffer, static_cast<std::size_t>(file.gcount()));
  }
  if (file.eof() && text.size() <= kFileBytesMax) return text;
  error = text.size() > kFileBytesMax ? fmt::format("{}: larger than {} bytes", path, kFileBytesMax)
                                      : fmt::format("cannot read {}: {}", path, why());
  return {};
}

// Whether this line is the user's.
bool is_line_of(std::string_view line, std::string_view user_name) {
  return line.size() > user_name.size() && line.starts_with(user_name) && line[user_name.size()] == ':';
}

std::string with_line(std::string_view text, std::string_view user_name, const std::string& new_line) {
  std::string changed;
  bool written = new_line.empty();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!is_line_of(line, user_name)) {
      changed.append(line).append("\n");
    } else if (!std::exchange(written, true)) {
      changed += new_line;
    }
  }
  return written ? changed : changed + new_line;
}

std::optional<std::string> replace_file(const std::string& path, std::string_view text) {
  const std::string temporary = path + ".new";
  const int file = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return fmt::format("cannot write {}: {}", temporary, why());
  bool done = true;
  while (done && !text.empty()) {
    const ssize_t count = write(file, text.data(), text.size());
    done = count > 0;
    if (done) text.remove_prefix(static_cast<std::size_t>(count));
  }
  done = done && fsync(file) == 0;
  done = close(file) == 0 && done;
  if (done && std::rename(temporary.c_str(), path.c_str()) == 0) return std::nullopt;
  std::string error = fmt::format("cannot write {}: {}", path, why());
  unlink(temporary.c_str());
  return error;
}

}  // namespace

std::variant<Loaded, std::string> load(const std::string& users_file, const std::string& acl_file) {
  Loaded loaded;
  std::string error;
  if (!users_file.empty()) {
    const std::string text = read_file(users_file, error);
    if (!error.empty()) return error;
    auto users = Users::parse(text);
    if (const auto* wrong = std::get_if<FileError>(&users)) return to_text(*wrong, users_file);
    loaded.users = std::make_shared<const Users>(std::move(std::get<Users>(users)));
    loaded.lists.users = loaded.users->names();
  }
  if (!acl_file.empty()) {
    const std::string text = read_file(acl_file, error);
    if (!error.empty()) return error;
    auto rules = parse_rules(text);
    if (const auto* wrong = std::get_if<FileError>(&rules)) return to_text(*wrong, acl_file);
    loaded.lists.rules = std::move(std::get<std::vector<core::AccessRule>>(rules));
  }
  return loaded;
}

std::optional<std::string> change_user(const std::string& users_file, const std::string& user_name,
                                       const std::optional<Credentials>& credentials) {
  if (const char* objection = objection_to_user_name(user_name))
    return fmt::format("'{}': {}", user_name, objection);
  std::string text;
  if (::access(users_file.c_str(), F_OK) == 0) {
    std::string error;
    text = read_file(users_file, error);
    if (!error.empty()) return error;
    const auto users = Users::parse(text);
    if (const auto* wrong = std::get_if<FileError>(&users)) return to_text(*wrong, users_file);
    if (!credentials && std::get<Users>(users).find(user_name) == nullptr)
      return fmt::format("{} has no user '{}'", users_file, user_name);
  } else if (!credentials) {
    return fmt::format("cannot read {}: {}", users_file, why());
  }
  std::string line;
  if (credentials) {
    Users one;
    one.put(user_name, *credentials);
    line = one.text();
  }
  return replace_file(users_file, with_line(text, user_name, line));
}

}  // namespace mqttvet::access
