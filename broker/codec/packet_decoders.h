// One function for each Control Packet that a client may send: chapter 3, field by field.
//
// Each reads the variable header and the payload of its packet, and refuses it through the reader if it isn't
// well formed; what it returns then means nothing. The caller checks that nothing is left over.
#pragma once

#include "broker/codec/packet.h"
#include "broker/codec/reader.h"

namespace mqttvet::codec {

// 3.1. Sets the reader's version. flags: of the fixed header, which only the version can judge.
// minimal_length: whether the Remaining Length was encoded in as few bytes as it could be.
struct ConnectHeader {
  std::uint8_t flags;
  bool minimal_length;
};
Connect decode_connect(Reader& reader, ConnectHeader header);

// 3.3. flags: DUP, QoS (not 3), RETAIN.
Publish decode_publish(Reader& reader, std::uint8_t flags);

// 3.4 - 3.7
Puback decode_puback(Reader& reader);
Pubrec decode_pubrec(Reader& reader);
Pubrel decode_pubrel(Reader& reader);
Pubcomp decode_pubcomp(Reader& reader);

// 3.8, 3.10
Subscribe decode_subscribe(Reader& reader);
Unsubscribe decode_unsubscribe(Reader& reader);

// 3.14, 3.15
Disconnect decode_disconnect(Reader& reader);
Auth decode_auth(Reader& reader);

}  // namespace mqttvet::codec
