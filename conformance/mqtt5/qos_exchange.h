// What the cases of 4.3 to 4.6 (QoS exchanges, their resumption and order) begin with.
#pragma once

#include "conformance/harness/case.h"

namespace mqttvet::conformance {

// A case of this QoS, in 3.1.1 and 5.0 alike. `resumes`: it comes back to a session.
inline CaseInfo of_qos(std::uint8_t qos, std::vector<std::string> statements, bool resumes) {
  CaseInfo info{.statements = std::move(statements), .versions = v3_1_1 | v5_0};
  info.needs = {qos == 1 ? Capability::qos_1 : Capability::qos_2};
  info.tags = {qos == 1 ? "qos1" : "qos2"};
  if (resumes) info.needs.push_back(Capability::persistent_session);
  return info;
}
inline CaseInfo qos_1(std::vector<std::string> statements, bool resumes = false) {
  return of_qos(1, std::move(statements), resumes);
}
inline CaseInfo qos_2(std::vector<std::string> statements, bool resumes = false) {
  return of_qos(2, std::move(statements), resumes);
}

// A subscriber whose session outlives its connections.
inline Client& kept_subscriber(Run& run, const std::string& topic_filter, std::uint8_t qos,
                               std::string name = "subscriber") {
  Client& subscriber = run.client(std::move(name));
  subscriber.connect_persistent();
  subscriber.subscribe(topic_filter, qos);
  return subscriber;
}

}  // namespace mqttvet::conformance
