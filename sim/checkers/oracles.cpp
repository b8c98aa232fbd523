#include "sim/checkers/oracles.h"

#include <algorithm>

namespace mqttvet::sim {

const std::vector<Oracle>& oracles() {
  static const std::vector<Oracle> all = {
      {"ALO",
       "a QoS 1 or 2 message that the broker acknowledged reaches every live session with a matching "
       "subscription",
       {"MQTT311-4.3.2-2", "MQTT5-4.3.2-4", "MQTT311-4.4.0-1", "MQTT5-4.4.0-1", "MQTT311-4.5.0-1",
        "MQTT5-4.5.0-1"},
       check_at_least_once},
      {"EXO",
       "a QoS 2 message reaches the application once per session and subscription",
       {"MQTT311-4.3.3-1", "MQTT311-4.3.3-2", "MQTT5-4.3.3-10"},
       check_exactly_once},
      {"ORD",
       "first deliveries keep the order of publication, and what is sent again keeps its first order",
       {"MQTT311-4.6.0-1", "MQTT311-4.6.0-4", "MQTT311-4.6.0-6", "MQTT5-4.6.0-1", "MQTT5-4.6.0-5"},
       check_order},
      {"PID",
       "packet identifiers are unused while in flight and the same, with DUP, when a message is sent again",
       {"MQTT311-2.3.1-4", "MQTT5-2.2.1-4", "MQTT311-3.3.1-1", "MQTT5-3.3.1-1", "MQTT311-4.4.0-1",
        "MQTT5-4.4.0-1"},
       check_packet_identifiers},
      {"WIN",
       "unfinished deliveries never outnumber Receive Maximum or max_inflight",
       {"MQTT5-3.3.4-9", "MQTT5-4.9.0-2"},
       check_window},
      {"LIV",
       "whoever is connected and acknowledges gets on: every request its answer, every exchange its end",
       {"MQTT311-3.1.4-4", "MQTT311-3.8.4-1", "MQTT311-3.12.4-1", "MQTT311-4.3.3-2", "MQTT5-4.3.3-11"},
       check_liveness},
      {"SES",
       "a session lives exactly as long as it should, and Session Present tells the truth",
       {"MQTT311-3.2.2-1", "MQTT311-3.2.2-2", "MQTT311-3.2.2-3", "MQTT5-3.2.2-2", "MQTT5-3.2.2-3",
        "MQTT5-4.1.0-2"},
       check_sessions},
      {"DUR",
       "what was acknowledged survives a crash of the broker",
       {"MQTT311-4.1.0-1", "MQTT5-4.1.0-1"},
       check_durability},
      {"RET",
       "per topic a register: a SUBSCRIBE gets the last retained message of each matching topic, once",
       {"MQTT311-3.3.1-5", "MQTT311-3.3.1-6", "MQTT311-3.3.1-9", "MQTT311-3.3.1-10", "MQTT311-3.3.1-11",
        "MQTT5-3.3.1-5", "MQTT5-3.3.1-6", "MQTT5-3.3.1-7", "MQTT5-3.3.1-9", "MQTT5-3.3.1-11"},
       check_retained},
      {"SUB",
       "deliveries are those that the session's subscriptions ask for, as they ask for them",
       {"MQTT311-3.3.1-8", "MQTT311-3.3.1-9", "MQTT311-3.3.5-1", "MQTT311-3.8.4-6", "MQTT5-3.3.1-12",
        "MQTT5-3.3.1-13", "MQTT5-3.3.4-2", "MQTT5-3.3.4-3", "MQTT5-3.3.4-4", "MQTT5-3.8.3-3",
        "MQTT5-3.8.4-8"},
       check_subscriptions},
      {"WIL",
       "a will is published once, when it is due, or not at all",
       {"MQTT311-3.1.2-8", "MQTT311-3.1.2-10", "MQTT5-3.1.2-8", "MQTT5-3.1.2-10", "MQTT5-3.1.3-9"},
       check_wills},
      {"EXP",
       "no message is sent for the first time after it has expired, and what is left of its interval is told",
       {"MQTT5-3.3.2-5", "MQTT5-3.3.2-6"},
       check_expiry},
      {"OWN",
       "a client identifier has one live connection: the newest",
       {"MQTT311-3.1.4-2", "MQTT5-3.1.4-3"},
       check_ownership},
      {"TIM",
       "who is silent for one and a half times its keep-alive is disconnected, and who does not say CONNECT; "
       "the retry interval is kept",
       {"MQTT311-3.1.2-24", "MQTT5-3.1.2-22", "MQTT5-4.4.0-1"},
       check_timers},
      {"SHR",
       "a message goes to one member of a shared subscription, and is not lost with a member",
       {"MQTT5-4.8.2-4", "MQTT5-4.8.2-5"},
       check_shared},
      {"POL", "a full queue loses what its documented policy gives up, and nothing else", {}, check_policy},
      {"ROB",
       "bad input ends its sender's connection",
       {"MQTT311-4.8.0-1", "MQTT5-4.13.1-1"},
       check_robustness},
      {"SEC",
       "a wrong password lets nobody in, and what is not authorized reaches nobody",
       {},
       check_security},
      {"CNF",
       "every byte the broker sends is MQTT, and CONNACK comes first",
       {"MQTT311-3.2.0-1", "MQTT5-3.2.0-1"},
       check_conformity},
  };
  return all;
}

std::vector<Violation> check(const History& history) {
  const WireView seen = view(history);
  const Model model(seen);
  std::vector<Violation> all;
  for (const Oracle& oracle : oracles()) {
    std::vector<Violation> found;
    oracle.check(model, found);
    if (found.size() > kViolationsMax) found.resize(kViolationsMax);
    for (Violation& violation : found) all.push_back(std::move(violation));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Violation& a, const Violation& b) { return a.at < b.at; });
  return all;
}

}  // namespace mqttvet::sim
