// Answers the broker's question who a client is: by user name and password, or by SCRAM-SHA-256.
#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include "broker/access/users.h"
#include "broker/core/seam.h"

namespace mqttvet::access {

class Authenticator {
 public:
  // So many random bytes.
  using Random = std::function<Bytes(std::size_t)>;

  // random: random_bytes(), or what a seed makes of it. Users may be null: then nobody is known.
  Authenticator(std::shared_ptr<const Users> users, Random random);

  // Slow on purpose. For a user that is not known as for one that is: the time does not tell. May be called
  // by several threads at once, if `random` may.
  core::Authenticated answer(const core::Authenticate& question);

  // From the next question on.
  void replace(std::shared_ptr<const Users> users);

 private:
  std::shared_ptr<const Users> users() const;
  codec::ReasonCode check_password(const core::Authenticate& question) const;
  void answer_scram(const core::Authenticate& question, core::Authenticated& answer);

  Random random_;
  Bytes secret_;  // of the salts of users that do not exist
  mutable std::mutex mutex_;
  std::shared_ptr<const Users> users_;  // guarded by mutex_
};

}  // namespace mqttvet::access
