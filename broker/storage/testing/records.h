// Short ways to write records in a test. Header only, for tests.
#pragma once

#include <memory>
#include <string>

#include "broker/core/record.h"

namespace mqttvet::storage::testing {

inline core::Record put_session(const std::string& client_id) {
  core::SessionRecord session;
  session.client_id = client_id;
  session.session_expiry_interval = codec::kNeverExpires;
  return core::PutSession{session};
}

inline core::MessagePtr message(std::uint64_t id, const std::string& topic_name = "topic") {
  auto message = std::make_shared<core::Message>();
  message->id = static_cast<core::MessageId>(id);
  message->publisher = "publisher";
  message->qos = codec::QoS::at_least_once;
  message->topic_name = topic_name;
  message->payload = "payload";
  return message;
}

inline core::Record put_outgoing(const std::string& client_id, std::uint64_t key, core::MessagePtr message) {
  core::OutgoingRecord outgoing;
  outgoing.key = outgoing.position = key;
  outgoing.message = std::move(message);
  return core::PutOutgoing{client_id, outgoing};
}

}  // namespace mqttvet::storage::testing
