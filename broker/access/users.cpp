#include "broker/access/users.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace mqttvet::access {
namespace {

std::optional<FileError> read_line(std::string_view line, std::size_t number, Users& users) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos)
    return FileError{number, 0, "expected NAME:$scrypt$... and, or, :$scram-sha-256$..."};
  const std::string_view name = line.substr(0, colon);
  if (const char* objection = objection_to_user_name(name)) return FileError{number, 1, objection};
  if (users.find(name) != nullptr) return FileError{number, 1, fmt::format("'{}' is there twice", name)};
  Credentials credentials;
  for (std::size_t at = colon + 1; at <= line.size();) {
    const std::size_t end = std::min(line.find(':', at), line.size());
    const std::string_view field = line.substr(at, end - at);
    if (auto hash = parse_password_hash(field); hash && !credentials.password)
      credentials.password = std::move(hash);
    else if (auto scram = parse_scram_credentials(field); scram && !credentials.scram)
      credentials.scram = std::move(scram);
    else
      return FileError{number, at + 1,
                       "expected $scrypt$ln=..,r=..,p=..$SALT$HASH or "
                       "$scram-sha-256$i=..$SALT$STORED_KEY$SERVER_KEY, each once"};
    at = end + 1;
  }
  users.put(std::string(name), std::move(credentials));
  return std::nullopt;
}

}  // namespace

std::string to_text(const FileError& error, std::string_view file) {
  return error.column == 0 ? fmt::format("{}:{}: {}", file, error.line, error.text)
                           : fmt::format("{}:{}:{}: {}", file, error.line, error.column, error.text);
}

const char* objection_to_user_name(std::string_view user_name) {
  if (user_name.empty()) return "a user name is missing";
  if (user_name.starts_with('#')) return "a user name must not start with '#'";
  if (user_name.find(':') != std::string_view::npos) return "a user name must not have a ':'";
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::any_of(user_name.begin(), user_name.end(), is_control))
    return "a user name must not have control characters";
  return nullptr;
}

const Credentials* Users::find(std::string_view user_name) const {
  const auto found = users_.find(user_name);
  return found == users_.end() ? nullptr : &found->second;
}

void Users::put(const std::string& user_name, Credentials credentials) {
  users_.insert_or_assign(user_name, std::move(credentials));
}

bool Users::erase(std::string_view user_name) {
  const auto found = users_.find(user_name);
  if (found == users_.end()) return false;
  users_.erase(found);
  return true;
}

std::set<std::string, std::less<>> Users::names() const {
  std::set<std::string, std::less<>> names;
  for (const auto& [name, credentials] : users_) names.insert(names.end(), name);
  return names;
}

std::variant<Users, FileError> Users::parse(std::string_view text) {
  Users users;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    if (auto error = read_line(line, number, users)) return *error;
  }
  return users;
}

std::string Users::text() const {
  std::string text;
  for (const auto& [name, credentials] : users_) {
    text += name;
    if (credentials.password) text += ":" + to_text(*credentials.password);
    if (credentials.scram) text += ":" + to_text(*credentials.scram);
    text += "\n";
  }
  return text;
}

}  // namespace mqttvet::access
