// SCRAM-SHA-256 against the example of RFC 7677, section 3, and against what a client can get wrong.
#include "broker/access/scram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace mqttvet::access {
namespace {

// The password is "pencil".
const std::string kClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
const std::string kServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const std::string kServerFirst =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
const std::string kClientFinal =
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
    "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
const std::string kServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

Users pencil_user() {
  Users users;
  users.put("user", make_credentials("pencil", "salt", *from_base64("W22ZaJ0SNY7soEsUEjb6gQ=="),
                                     {.scrypt = {.log2_n = 1}, .scram_iterations = 4096}));
  return users;
}

TEST(Scram, ExchangeOfTheRfc) {
  const Users users = pencil_user();
  const auto exchange = answer_client_first(users, kClientFirst, kServerNonce, "secret");
  ASSERT_TRUE(exchange);
  EXPECT_EQ(exchange->server_first, kServerFirst);
  EXPECT_EQ(exchange->user_name, "user");
  EXPECT_EQ(answer_client_final(users, *exchange, kClientFinal), kServerFinal);
}

TEST(Scram, RemembersItsExchangeAsBytes) {
  const Users users = pencil_user();
  const auto exchange = answer_client_first(users, kClientFirst, kServerNonce, "secret");
  const auto again = scram_exchange_from(to_bytes(*exchange));
  ASSERT_TRUE(again);
  EXPECT_EQ(answer_client_final(users, *again, kClientFinal), kServerFinal);
  EXPECT_FALSE(scram_exchange_from(to_bytes(*exchange) + "x"));
  EXPECT_FALSE(scram_exchange_from(to_bytes(*exchange).substr(1)));
}

TEST(Scram, UserThatDoesNotExist_GetsTheSameSaltEachTime_AndFails) {
  const Users users = pencil_user();
  const auto one = answer_client_first(users, "n,,n=nobody,r=abc", "def", "secret");
  const auto two = answer_client_first(users, "n,,n=nobody,r=abc", "def", "secret");
  const auto other = answer_client_first(users, "n,,n=noone,r=abc", "def", "secret");
  ASSERT_TRUE(one && two && other);
  EXPECT_EQ(one->server_first, two->server_first);
  EXPECT_NE(one->server_first, other->server_first);
  EXPECT_THAT(one->server_first, ::testing::EndsWith(",i=4096"));
  EXPECT_FALSE(answer_client_final(users, *one, "c=biws,r=abcdef,p=" + to_base64(Bytes(32, 'x'))));
}

TEST(Scram, RefusesWrongFirstMessages) {
  const Users users = pencil_user();
  for (const char* wrong :
       {"", "n", "n,", "n,,", "n,,n=user", "n,,r=abc,n=user", "p=tls-unique,,n=user,r=abc", "x,,n=user,r=abc",
        "n,,m=ext,n=user,r=abc", "n,,n=,r=abc", "n,,n=us=er,r=abc", "n,,n=user,r=", "n,,n=user,r=a b",
        "n,a=other,n=user,r=abc", "n,user,n=user,r=abc"})
    EXPECT_FALSE(answer_client_first(users, wrong, "def", "secret")) << wrong;
  EXPECT_TRUE(answer_client_first(users, "n,a=user,n=user,r=abc", "def", "secret"));
  EXPECT_TRUE(answer_client_first(users, "y,,n=user,r=abc", "def", "secret"));
  EXPECT_EQ(answer_client_first(users, "n,,n=a=2Cb=3D,r=abc", "def", "secret")->user_name, "a,b=");
}

TEST(Scram, AnyChangeOfTheLastMessage_Fails) {
  const Users users = pencil_user();
  const auto exchange = answer_client_first(users, kClientFirst, kServerNonce, "secret");
  for (std::size_t i = 0; i < kClientFinal.size(); ++i) {
    std::string wrong = kClientFinal;
    wrong[i] = static_cast<char>(wrong[i] ^ 1);
    EXPECT_FALSE(answer_client_final(users, *exchange, wrong)) << wrong;
    EXPECT_FALSE(answer_client_final(users, *exchange, kClientFinal.substr(0, i)));
  }
}

RC_GTEST_PROP(Scram, TrustsNoByte, ()) {
  static const Users users = pencil_user();
  const auto text =
      rc::gen::container<std::string>(rc::gen::element<char>('n', ',', '=', 'r', 'a', '\0', 'p', 'c'));
  const auto exchange = answer_client_first(users, *text, "n", "s");
  answer_client_final(users, exchange.value_or(ScramExchange{"user", "n,,", "n=user,r=a", "r=an,s=,i=1"}),
                      *text);
  scram_exchange_from(*rc::gen::arbitrary<std::string>());
}

}  // namespace
}  // namespace mqttvet::access
