// Packets that break the format, as tables: a row is a case. It passes when the target closes the connection
// and answers nothing; the Reason Code is graded apart (4.13.1).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "conformance/harness/case.h"

namespace mqttvet::conformance {

struct MalformedPacket {
  std::string name;  // as of a case: statement, slash, slug
  Versions versions = v5_0;
  std::vector<std::uint8_t> reason_codes;  // that fit, in 5.0
  // Hex, and marks for what depends on the version or on the run:
  //   <length>      Remaining Length of all that follows
  //   <level>       Protocol Level or Version
  //   <properties>  an empty Property Length in 5.0, nothing before
  //   <client>      the client identifier, with its length
  //   <topic>       a topic name of the run, with its length
  std::string bytes;
  std::vector<std::string> statements{};  // further ones
};

// The bytes of a row.
std::string expand(std::string_view row, const Run& run, std::string_view client_id = {});
inline std::string expand(std::string_view row, const Run& run, const Client& client) {
  return expand(row, run, client.client_id());
}

// A case per row: the bytes are the first of a connection. Before 5.0 no CONNACK may come (MQTT311-3.1.4-1).
void add_malformed_connects(const std::vector<MalformedPacket>& rows, const char* file = __builtin_FILE(),
                            int line = __builtin_LINE());
// A case per row: the bytes come after CONNACK.
void add_malformed_packets(const std::vector<MalformedPacket>& rows, const char* file = __builtin_FILE(),
                           int line = __builtin_LINE());

// The packets of an exchange that a client can owe: each of them is well-formed only at its time.
//   puback, pubrec: it has received a PUBLISH; pubcomp: it has also received PUBREL;
//   pubrel: its own PUBLISH was answered with PUBREC.
// Connects, leads the exchange to where the client owes `type`, and returns the Packet Identifier.
std::uint16_t owe(Run& run, Client& client, PacketType type);
// What owe() needs.
std::vector<Capability> needs_of(PacketType type);

// What no UTF-8 string may be, with a name for the slug.
struct BadString {
  const char* slug;
  std::string bytes;
};
// Length and text, in hex.
std::string hex_of_string(std::string_view text);

// Those bytes with their Property Length in front, both in hex.
std::string hex_with_length(std::string_view properties);

// One of each kind that section 1.5.4 (3.1.1: 1.5.3) rules out.
const std::vector<BadString>& bad_strings();

}  // namespace mqttvet::conformance
