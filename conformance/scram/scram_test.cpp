// The example of RFC 7677, section 3; the password is "pencil".
#include "conformance/scram/scram.h"

#include <gtest/gtest.h>

namespace mqttvet::conformance {
namespace {

const std::string kClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
const std::string kServerFirst =
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
const std::string kServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

TEST(ScramClient, ExchangeOfTheRfc) {
  EXPECT_EQ(scram_client_final(kClientFirst, kServerFirst, "pencil"),
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
            "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  EXPECT_TRUE(scram_is_from_server(kClientFirst, kServerFirst, kServerFinal, "pencil"));
  EXPECT_FALSE(scram_is_from_server(kClientFirst, kServerFirst, kServerFinal, "pen"));
}

TEST(ScramClient, AnswerToAnotherNonce_IsRefused) {
  EXPECT_EQ(scram_client_final("n,,n=user,r=other", kServerFirst, "pencil"), "");
  EXPECT_EQ(scram_client_final(kClientFirst, "r=rOprNGfwEbeRWgbNEkqO", "pencil"), "");
}

}  // namespace
}  // namespace mqttvet::conformance
