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

}  // namespace

std::string to_text(const Transcript& transcript) {
  std::string text;
  for (const TranscriptEntry& entry : transcript) {
    const double at = std::chrono::duration<double>(entry.at).count();
    text += fmt::format("{:>12.6f}  {:<12} {} {}\n", at, entry.client, arrow_of(entry.kind), entry.text);
  }
  return text;
}

}  // namespace mqttvet::conformance
