// Password hashes and the users file.
#include "broker/access/users.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace mqttvet::access {
namespace {

using ::testing::HasSubstr;

constexpr Hardness kCheap{.scrypt = {.log2_n = 2}, .scram_iterations = 2};
const std::string kHash = "$scrypt$ln=2,r=8,p=1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

std::string error_of(std::string_view text) {
  const auto users = Users::parse(text);
  const auto* error = std::get_if<FileError>(&users);
  return error == nullptr ? "" : to_text(*error, "users");
}

// RFC 7914, section 12: scrypt("pleaseletmein", "SodiumChloride", 16384, 8, 1), its first 32 bytes.
TEST(PasswordHash, IsScrypt) {
  const auto hash = scrypt("pleaseletmein", "SodiumChloride", {14, 8, 1});
  ASSERT_TRUE(hash);
  EXPECT_EQ(to_base64(*hash), "cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI=");
}

TEST(PasswordHash, KnowsItsPassword) {
  const Credentials credentials = make_credentials("secret", "salt", "salt", kCheap);
  EXPECT_TRUE(is_password(*credentials.password, "secret"));
  EXPECT_FALSE(is_password(*credentials.password, "Secret"));
  EXPECT_FALSE(is_password(*credentials.password, ""));
}

TEST(Base64, OfTheRfc) {
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(to_base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(to_base64("foob", false), "Zm9vYg");
  EXPECT_EQ(from_base64("Zm9vYg=="), "foob");
  EXPECT_EQ(from_base64("Zm9vYg", false), "foob");
  for (const char* wrong : {"Zm9vYg", "Zm9v Yg=", "Zm9vYg=", "Zm9vYh==", "Z", "====", "Zm=vYg=="})
    EXPECT_FALSE(from_base64(wrong)) << wrong;
}

RC_GTEST_PROP(Base64, ComesBack, (const std::string& bytes)) {
  RC_ASSERT(from_base64(to_base64(bytes)) == bytes);
  RC_ASSERT(from_base64(to_base64(bytes, false), false) == bytes);
}

TEST(UsersFile, ComesBackAsItWas) {
  Users users;
  users.put("ann", make_credentials("secret", "salt 1", "salt 2", kCheap));
  users.put("bob with blanks", Credentials{make_credentials("x", "y", "z", kCheap).password, {}});
  const auto again = Users::parse("# comment\n\n" + users.text());
  ASSERT_TRUE(std::holds_alternative<Users>(again)) << error_of(users.text());
  EXPECT_EQ(std::get<Users>(again).all(), users.all());
}

TEST(UsersFile, SaysWhereItIsWrong) {
  EXPECT_THAT(error_of("ann"), HasSubstr("users:1: expected NAME:"));
  EXPECT_THAT(error_of("\n:" + kHash), HasSubstr("users:2:1: a user name is missing"));
  EXPECT_THAT(error_of("a:" + kHash + "\na:" + kHash), HasSubstr("users:2:1: 'a' is there twice"));
  EXPECT_THAT(error_of("a:" + kHash + ":" + kHash), HasSubstr("each once"));
  for (const char* wrong : {"a:", "a:secret", "a:$scrypt$", "a:$scrypt$ln=14,r=8,p=1$c2FsdA$c2hvcnQ",
                            "a:$scrypt$ln=20,r=64,p=1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                            "a:$scrypt$ln=0,r=8,p=1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
    EXPECT_THAT(error_of(wrong), HasSubstr("users:1:3: expected $scrypt$")) << wrong;
}

RC_GTEST_PROP(UsersFile, TrustsNoByte, ()) {
  std::string text = "a:" + kHash + "\nb:" + kHash;
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  text[at] = *rc::gen::arbitrary<char>();
  const auto users = Users::parse(text);
  if (const auto* good = std::get_if<Users>(&users)) {
    const auto again = Users::parse(good->text());
    RC_ASSERT(std::get<Users>(again).all() == good->all());
  }
}

}  // namespace
}  // namespace mqttvet::access
