#include "conformance/harness/transcript.h"

#include <fmt/format.h>

namespace mqttvet::conformance {
namespace {

std::string_view arrow_of(TranscriptEntry::Kind kind) {
  switch (kind) {
    case TranscriptEntry::Kind::sent:
      return "->";
    case TranscriptEntry::Kind::received:
      return "<-";
    case TranscriptEntry::Kind::malformed:
      return "<!";
    case TranscriptEntry::Kind::opened:
    case TranscriptEntry::Kind::ended:
    case TranscriptEntry::Kind::closed:
      return "--";
    case TranscriptEntry::Kind::note:
      break;
  }
  return "  ";
}

// Of a longer one the beginning and the end are told.
constexpr std::size_t kLinesMax = 200;

}  // namespace

std::string to_text(const Transcript& transcript) {
  std::string text;
  for (std::size_t i = 0; i < transcript.size(); ++i) {
    if (transcript.size() > kLinesMax && i == kLinesMax / 2) {
      const std::size_t left_out = transcript.size() - kLinesMax;
      text += fmt::format("              ... {} more ...\n", left_out);
      i += left_out;
    }
    const TranscriptEntry& entry = transcript[i];
    const double at = std::chrono::duration<double>(entry.at).count();
    text += fmt::format("{:>12.6f}  {:<12} {} {}\n", at, entry.client, arrow_of(entry.kind), entry.text);
  }
  return text;
}

}  // namespace mqttvet::conformance
