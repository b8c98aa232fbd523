// Small helpers to word a violation.
#pragma once

#include <string>
#include <string_view>

#include "sim/checkers/wire_view.h"

namespace mqttvet::sim {

// "alice#3" on t/1
std::string name_of(const MessageKey& message);

// "MQTT5-x" or "MQTT311-x", as the connection speaks. Empty number: "".
std::string statement(wire::Version version, std::string_view number_311, std::string_view number_5);

// Version of the last connection of a session.
wire::Version version_of(const WireView& view, const SessionView& session);

// How many of the session's Topic Filters match the topic, those of unanswered SUBSCRIBEs and of shared
// subscriptions included: so many copies of a message it may get.
std::size_t matching_filters(const SessionView& session, std::string_view topic);

// One with "$share/" or "$queue/": the broker chooses who gets the message, and may choose again.
bool is_shared(std::string_view filter);
bool has_shared(const SessionView& session);

// It asked for messages of the broker itself, on $SYS.
bool watches_the_broker(const SessionView& session);

Violation violation(const WireView& view, std::string oracle, std::string statement, std::string client,
                    std::string text, std::vector<std::size_t> events);

}  // namespace mqttvet::sim
