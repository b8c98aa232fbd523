// The answers to the broker's questions.
#include "broker/access/authenticator.h"

#include <gtest/gtest.h>

#include "broker/access/scram.h"

namespace mqttvet::access {
namespace {

using codec::ReasonCode;

constexpr Hardness kCheap{.scrypt = {.log2_n = 2}, .scram_iterations = 2};

std::shared_ptr<const Users> ann() {
  Users users;
  users.put("ann", make_credentials("secret", "salt", "salt", kCheap));
  return std::make_shared<const Users>(std::move(users));
}
Bytes all_n(std::size_t count) {
  return Bytes(count, 'n');
}

class AuthenticatorTest : public testing::Test {
 protected:
  ReasonCode password(const std::string& user_name, const std::string& text) {
    core::Authenticate question;
    question.user_name = user_name;
    question.password = text;
    return authenticator.answer(question).reason_code;
  }
  core::Authenticated scram(const Bytes& data, const Bytes& exchange = {}) {
    core::Authenticate question;
    question.connection = core::ConnectionId{7};
    question.method = "SCRAM-SHA-256";
    question.data = data;
    question.exchange = exchange;
    return authenticator.answer(question);
  }
  // As a client computes it (RFC 5802, section 3).
  static Bytes client_final(const Bytes& client_first_bare, const Bytes& server_first,
                            const Bytes& password) {
    const std::string without_proof = "c=biws," + server_first.substr(0, server_first.find(','));
    const Bytes salted = pbkdf2_sha256(password, "salt", kCheap.scram_iterations);
    Bytes proof = hmac_sha256(salted, "Client Key");
    const Bytes signature =
        hmac_sha256(sha256(proof), client_first_bare + "," + server_first + "," + without_proof);
    for (std::size_t i = 0; i < proof.size(); ++i) proof[i] = static_cast<char>(proof[i] ^ signature[i]);
    return without_proof + ",p=" + to_base64(proof);
  }

  Authenticator authenticator{ann(), all_n};
};

TEST_F(AuthenticatorTest, ChecksPasswords) {
  EXPECT_EQ(password("ann", "secret"), ReasonCode::success);
  EXPECT_EQ(password("ann", "wrong"), ReasonCode::bad_user_name_or_password);
  EXPECT_EQ(password("bob", "secret"), ReasonCode::bad_user_name_or_password);
  EXPECT_EQ(password("", ""), ReasonCode::bad_user_name_or_password);
}

TEST_F(AuthenticatorTest, ReplacedUsersHoldFromTheNextQuestionOn) {
  authenticator.replace(std::make_shared<const Users>());
  EXPECT_EQ(password("ann", "secret"), ReasonCode::bad_user_name_or_password);
}

TEST_F(AuthenticatorTest, UnknownMethod) {
  core::Authenticate question;
  question.method = "PLAIN";
  EXPECT_EQ(authenticator.answer(question).reason_code, ReasonCode::bad_authentication_method);
}

TEST_F(AuthenticatorTest, ScramInTwoSteps) {
  const core::Authenticated first = scram("n,,n=ann,r=abc");
  EXPECT_EQ(first.reason_code, ReasonCode::continue_authentication);
  const core::Authenticated last = scram(client_final("n=ann,r=abc", first.data, "secret"), first.exchange);
  EXPECT_EQ(last.reason_code, ReasonCode::success);
  EXPECT_EQ(last.user_name, "ann");
  EXPECT_EQ(last.connection, core::ConnectionId{7});
  EXPECT_EQ(last.data.substr(0, 2), "v=");
}

TEST_F(AuthenticatorTest, ScramFails_WithAnotherPassword_WithoutData_AndForNobody) {
  const core::Authenticated first = scram("n,,n=ann,r=abc");
  const core::Authenticated last = scram(client_final("n=ann,r=abc", first.data, "guess"), first.exchange);
  EXPECT_EQ(last.reason_code, ReasonCode::not_authorized);
  EXPECT_EQ(last.user_name, "");
  EXPECT_EQ(scram("").reason_code, ReasonCode::not_authorized);
  EXPECT_EQ(scram("n,,n=bob,r=abc").reason_code, ReasonCode::continue_authentication);
}

}  // namespace
}  // namespace mqttvet::access
