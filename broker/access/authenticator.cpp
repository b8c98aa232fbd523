#include "broker/access/authenticator.h"

#include "broker/access/scram.h"

namespace mqttvet::access {

using codec::ReasonCode;

namespace {

// As dear to check as the others', and no password is the right one.
PasswordHash hash_of_nobody(const Users& users) {
  PasswordHash hash{{}, Bytes(16, 'x'), Bytes(kSha256Bytes, '\0')};
  for (const auto& [name, credentials] : users.all()) {
    if (!credentials.password) continue;
    hash.cost = credentials.password->cost;
    break;
  }
  return hash;
}

}  // namespace

Authenticator::Authenticator(std::shared_ptr<const Users> users, Random random)
    : random_(std::move(random)),
      secret_(random_(32)),
      users_(users ? std::move(users) : std::make_shared<const Users>()) {}

std::shared_ptr<const Users> Authenticator::users() const {
  const std::lock_guard lock(mutex_);
  return users_;
}

void Authenticator::replace(std::shared_ptr<const Users> users) {
  const std::lock_guard lock(mutex_);
  users_ = users ? std::move(users) : std::make_shared<const Users>();
}

core::Authenticated Authenticator::answer(const core::Authenticate& question) {
  core::Authenticated answer{.connection = question.connection};
  if (question.method.empty()) {
    answer.reason_code = check_password(question);
    answer.user_name = question.user_name;
  } else if (question.method == kScramSha256) {
    answer_scram(question, answer);
  } else {
    answer.reason_code = ReasonCode::bad_authentication_method;
  }
  return answer;
}

ReasonCode Authenticator::check_password(const core::Authenticate& question) const {
  const std::shared_ptr<const Users> users = this->users();
  const Credentials* known = users->find(question.user_name);
  const bool has_password = known != nullptr && known->password;
  const bool right = is_password(has_password ? *known->password : hash_of_nobody(*users), question.password);
  return right && has_password ? ReasonCode::success : ReasonCode::bad_user_name_or_password;
}

// An exchange is two questions. SCRAM begins with the client: its first must have data.
void Authenticator::answer_scram(const core::Authenticate& question, core::Authenticated& answer) {
  const std::shared_ptr<const Users> users = this->users();
  if (question.exchange.empty()) {
    const auto exchange = answer_client_first(*users, question.data, to_base64(random_(18)), secret_);
    if (!exchange) return;
    answer.reason_code = ReasonCode::continue_authentication;
    answer.data = exchange->server_first;
    answer.exchange = to_bytes(*exchange);
    return;
  }
  const auto exchange = scram_exchange_from(question.exchange);
  const auto signature = exchange ? answer_client_final(*users, *exchange, question.data) : std::nullopt;
  if (!signature) return;
  answer.reason_code = ReasonCode::success;
  answer.user_name = exchange->user_name;
  answer.data = *signature;
}

}  // namespace mqttvet::access
