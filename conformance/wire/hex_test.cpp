#include "conformance/wire/hex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace mqttvet::wire {
namespace {

std::string error_of(std::string_view text) {
  try {
    from_hex(text);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "no error";
}

TEST(Hex, ReadsBytesWithAndWithoutSpaces) {
  EXPECT_EQ(from_hex("20 02 00 00"), std::string("\x20\x02\x00\x00", 4));
  EXPECT_EQ(from_hex("  c0ff\n0E\t"), std::string("\xC0\xFF\x0E"));
  EXPECT_EQ(from_hex(""), "");
}

TEST(Hex, WritesUpperCaseWithOneSpaceBetweenBytes) {
  EXPECT_EQ(to_hex(std::string("\x00\xAB\x7F", 3)), "00 AB 7F");
  EXPECT_EQ(to_hex(""), "");
}

TEST(Hex, NamesTheColumnOfAMistake) {
  EXPECT_EQ(error_of("20 0g"), "column 5: 'g' is not a hex digit");
  EXPECT_EQ(error_of("x0"), "column 1: 'x' is not a hex digit");
  EXPECT_EQ(error_of("20 0"), "column 5: a byte has two hex digits, the second is missing");
  EXPECT_EQ(error_of("2 00"), "column 2: a byte has two hex digits, the second is missing");
}

}  // namespace
}  // namespace mqttvet::wire
