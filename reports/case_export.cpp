#include "reports/case_export.h"

#include <fmt/format.h>

#include <algorithm>

#include "conformance/harness/suite.h"
#include "conformance/wire/hex.h"
#include "reports/escape.h"

namespace mqttvet::reports {
namespace {

using conformance::CaseResult;
using conformance::TranscriptEntry;
using Kind = TranscriptEntry::Kind;

double seconds(conformance::Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

bool is_from_target(Kind kind) {
  return kind == Kind::received || kind == Kind::malformed;
}

std::string headline(const CaseResult& result) {
  return fmt::format("{} [MQTT {}]: {}", result.name, wire::name_of(result.version),
                     for_terminal(result.text));
}

std::string file_name(const CaseResult& result, std::string_view extension) {
  std::string name = fmt::format("{}-mqtt-{}.{}", result.name, wire::name_of(result.version), extension);
  std::replace(name.begin(), name.end(), '/', '-');
  return name;
}

}  // namespace

std::string hex_script(const CaseResult& result) {
  std::string text = "# " + headline(result) + "\n# time, connection, > to the target or < from it, bytes\n";
  for (const TranscriptEntry& entry : result.transcript) {
    if (entry.bytes.empty()) {
      text += fmt::format("# {:.6f} {} {}\n", seconds(entry.at), for_terminal(entry.client),
                          for_terminal(entry.text));
      continue;
    }
    text += fmt::format("{:.6f} {} {} {}   # {}\n", seconds(entry.at), entry.connection,
                        is_from_target(entry.kind) ? '<' : '>', wire::to_hex(entry.bytes),
                        for_terminal(entry.text));
  }
  return text;
}

// What a target said stands in comments only: for_terminal() leaves no line feed in it that could end one.
std::string python_program(const CaseResult& result) {
  std::string steps;
  for (const TranscriptEntry& entry : result.transcript) {
    const double at = seconds(entry.at);
    const std::string what = for_terminal(entry.text);
    if (entry.kind == Kind::opened)
      steps += fmt::format("    ({:.3f}, {}, \"open\", \"\"),\n", at, entry.connection);
    if (entry.kind == Kind::closed)
      steps += fmt::format("    ({:.3f}, {}, \"close\", \"\"),  # {}\n", at, entry.connection, what);
    if (entry.kind == Kind::sent)
      steps += fmt::format("    ({:.3f}, {}, \"send\", \"{}\"),  # {}\n", at, entry.connection,
                           wire::to_hex(entry.bytes), what);
    if (is_from_target(entry.kind))
      steps += fmt::format("    # {:.3f} {} came: {}\n", at, entry.connection, what);
  }
  const double end = seconds(result.took) + 1;
  return fmt::format(R"py(#!/usr/bin/env python3
# {}
#
# Sends what the clients of this case sent, at their times, and prints what comes back.
# Usage: python3 THIS [HOST [PORT]]
import selectors, socket, sys, time

HOST = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1"
PORT = int(sys.argv[2]) if len(sys.argv) > 2 else 1883
STEPS = [  # seconds, connection, what, bytes
{}]
END = {:.3f}

begun = time.monotonic()
connections = {{}}
selector = selectors.DefaultSelector()


def say(number, text):
    print(f"{{time.monotonic() - begun:9.3f}}  {{number}} {{text}}")


def listen(until):
    while (rest := begun + until - time.monotonic()) > 0:
        for key, _ in selector.select(rest):
            try:
                data = key.fileobj.recv(65536)
            except OSError as error:
                data = b""
                say(key.data, f"<- {{error}}")
            say(key.data, "<- " + data.hex(" ") if data else "<- closed by the target")
            if not data:
                selector.unregister(key.fileobj)
        if not selector.get_map():
            time.sleep(max(0, begun + until - time.monotonic()))


for at, number, what, data in STEPS:
    listen(at)
    try:
        if what == "open":
            connections[number] = socket.create_connection((HOST, PORT))
            selector.register(connections[number], selectors.EVENT_READ, number)
        elif what == "send":
            connections[number].sendall(bytes.fromhex(data))
        elif what == "close":
            connections[number].shutdown(socket.SHUT_WR)
        say(number, f"-> {{what}} {{data}}")
    except OSError as error:
        say(number, f"-> {{what}}: {{error}}")
listen(END)
)py",
                     headline(result), steps, end);
}

std::vector<ExportedFile> export_failures(const conformance::SuiteReport& report) {
  std::vector<ExportedFile> files;
  for (const CaseResult& result : report.results) {
    if (!conformance::is_bad(result.verdict) || !result.known.empty()) continue;
    files.push_back({file_name(result, "hex"), hex_script(result)});
    files.push_back({file_name(result, "pcap"), pcap(result)});
    files.push_back({file_name(result, "py"), python_program(result)});
  }
  return files;
}

}  // namespace mqttvet::reports
