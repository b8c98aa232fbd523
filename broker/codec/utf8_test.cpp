#include "broker/codec/utf8.h"

#include <gtest/gtest.h>

#include "broker/codec/test_client.h"

namespace mqttvet::codec {
namespace {

TEST(Utf8, AcceptsTheFirstAndTheLastCodePointOfEachLength) {
  EXPECT_EQ(check_utf8(""), Utf8::valid);
  EXPECT_EQ(check_utf8(hex("01")), Utf8::valid);           // U+0001
  EXPECT_EQ(check_utf8(hex("7F")), Utf8::valid);           // U+007F
  EXPECT_EQ(check_utf8(hex("C2 80")), Utf8::valid);        // U+0080
  EXPECT_EQ(check_utf8(hex("DF BF")), Utf8::valid);        // U+07FF
  EXPECT_EQ(check_utf8(hex("E0 A0 80")), Utf8::valid);     // U+0800
  EXPECT_EQ(check_utf8(hex("EF BF BF")), Utf8::valid);     // U+FFFF
  EXPECT_EQ(check_utf8(hex("F0 90 80 80")), Utf8::valid);  // U+10000
  EXPECT_EQ(check_utf8(hex("F4 8F BF BF")), Utf8::valid);  // U+10FFFF
}

TEST(Utf8, AcceptsTheNeighboursOfTheSurrogates) {
  EXPECT_EQ(check_utf8(hex("ED 9F BF")), Utf8::valid);  // U+D7FF
  EXPECT_EQ(check_utf8(hex("EE 80 80")), Utf8::valid);  // U+E000
}

TEST(Utf8, TakesTheByteOrderMarkForACharacter) {
  EXPECT_EQ(check_utf8(hex("EF BB BF 61 EF BB BF")), Utf8::valid);  // U+FEFF a U+FEFF
}

TEST(Utf8, RefusesWhatIsIllFormed) {
  for (const char* text : {
           "80",           // a continuation byte alone
           "BF",           //
           "C0 80",        // U+0000, overlong
           "C1 BF",        // U+007F, overlong
           "C2",           // cut
           "C2 41",        // no continuation
           "C2 C0",        // no continuation
           "E0 9F BF",     // U+07FF, overlong
           "E0 A0",        // cut
           "ED A0 80",     // U+D800
           "ED BF BF",     // U+DFFF
           "EF BF 7F",     // no second continuation
           "F0 8F BF BF",  // U+FFFF, overlong
           "F0 90 80",     // cut
           "F0 90 80 C0",  // no third continuation
           "F4 90 80 80",  // U+110000
           "F5 80 80 80",  // beyond
           "FE",           //
           "FF",           //
       }) {
    EXPECT_EQ(check_utf8(hex(text)), Utf8::ill_formed) << text;
  }
}

// Eight ASCII bytes are looked at together: what is wrong must be found at each place around them.
TEST(Utf8, FindsABadByteWhereverItStands) {
  for (std::size_t size = 1; size <= 24; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      Bytes text(size, 'a');
      text[at] = '\0';
      EXPECT_EQ(check_utf8(text), Utf8::null_character) << size << ' ' << at;
      text[at] = '\xFF';
      EXPECT_EQ(check_utf8(text), Utf8::ill_formed) << size << ' ' << at;
      text[at] = '\x01';
      EXPECT_EQ(check_utf8(text), Utf8::valid) << size << ' ' << at;
    }
  }
}

}  // namespace
}  // namespace mqttvet::codec
