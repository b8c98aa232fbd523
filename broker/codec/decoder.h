// Bytes from a client -> packets. Trusts no byte.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "broker/codec/boxed.h"
#include "broker/codec/bytes.h"
#include "broker/codec/packet.h"

namespace mqttvet::codec {

// Why a packet can't be accepted. The connection is of no further use.
struct DecodeError {
  ReasonCode reason_code = ReasonCode::malformed_packet;
  std::string text;            // one line for the log and the reason string
  const char* statement = "";  // id of the statement that was broken, with its version ("MQTT5-2.2.2-2")
  std::optional<ProtocolVersion> version;   // of the connection, if CONNECT got that far: how to answer
  bool answer_unsupported_version = false;  // CONNECT with an unknown protocol level: refuse with a CONNACK
};

struct NeedMoreBytes {};

// One client's byte stream, cut into packets. The version comes from its CONNECT; before that only CONNECT is
// decoded, and any other packet type is an error. That there is no second CONNECT, and everything else that
// needs to know what was said before, is for the caller to check; so are the payload of a message that calls
// itself UTF-8, and an empty client identifier.
//
// Memory: holds at most one incomplete packet beside what was appended last, and never reserves what a fixed
// header merely announces. A Remaining Length above `maximum_packet_size` fails as soon as the fixed header
// is complete.
class Decoder {
 public:
  // maximum_packet_size: bytes of a whole packet, fixed header included.
  explicit Decoder(std::uint32_t maximum_packet_size);

  // Adds received bytes. Invalidates the views of the last Publish. After an error the bytes are dropped.
  void append(BytesView bytes);

  // The next packet, in the order of the stream; NeedMoreBytes when the rest is incomplete; the error, for
  // ever, once the stream is broken. Call until it stops returning packets before the next append().
  std::variant<NeedMoreBytes, ClientPacket, DecodeError> next();

  // Gives back memory if nothing is pending and little was received at once: an idle connection holds none.
  // Invalidates the views of the last Publish.
  void rest();

  // Bytes received and not yet returned as a packet.
  std::size_t pending_bytes() const { return buffer_.size() - consumed_; }

  // Memory held for them.
  std::size_t buffer_bytes() const { return buffer_.capacity(); }

  // Absent until a CONNECT was returned.
  std::optional<ProtocolVersion> version() const { return version_; }

 private:
  DecodeError fail(DecodeError error);

  std::uint32_t maximum_packet_size_;
  std::optional<ProtocolVersion> version_;
  Bytes buffer_;
  std::size_t consumed_ = 0;  // bytes of buffer_ that were returned as packets; dropped by the next append()
  Boxed<DecodeError> error_;
  std::size_t planted_length_bytes_ = 0;  // planted bug B113
};

}  // namespace mqttvet::codec
