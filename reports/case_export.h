// A failed case, to paste into an issue: the bytes as a hex script, the conversation as a pcap, and a Python
// program that needs nothing of ours.
#pragma once

#include <string>
#include <vector>

#include "conformance/harness/suite_report.h"

namespace mqttvet::reports {

// One line per piece: time, connection, direction, bytes.
std::string hex_script(const conformance::CaseResult& result);

// IPv4 packets with TCP in them, made up around the recorded bytes; every connection has its own port. Opens
// in any packet analyser. Server port 1883.
std::string pcap(const conformance::CaseResult& result);

// Sends what the clients sent, at the times they did, and prints what comes back.
// `python3 FILE [HOST [PORT]]`, with plain TCP.
std::string python_program(const conformance::CaseResult& result);

struct ExportedFile {
  std::string name;  // no folder in it
  std::string content;
};
// All three for every bad result that is not known.
std::vector<ExportedFile> export_failures(const conformance::SuiteReport& report);

}  // namespace mqttvet::reports
