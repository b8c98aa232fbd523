// Sending clients to another server (section 4.11): as configured, refused at CONNECT; while the broker is
// running, e.g. to drain it, those that are connected as well.
#include "broker/core/state.h"

namespace mqttvet::core {

using codec::ReasonCode;

namespace {

ReasonCode reason_code_of(Redirect redirect) {
  return redirect == Redirect::server_moved ? ReasonCode::server_moved : ReasonCode::use_another_server;
}

}  // namespace

std::optional<Refusal> Broker::State::redirection() const {
  if (config_.redirect == Redirect::none) return std::nullopt;
  return Refusal{reason_code_of(config_.redirect), "clients go to another server"};
}

std::optional<std::string> Broker::State::server_reference_for(ReasonCode reason_code) const {
  const bool redirects =
      reason_code == ReasonCode::use_another_server || reason_code == ReasonCode::server_moved;
  if (!redirects || config_.server_reference.empty()) return std::nullopt;
  return config_.server_reference;
}

// Sessions and wills go on as after any end of a connection: the client did not ask for it.
void Broker::State::take(const RedirectClients& input) {
  config_.redirect = input.redirect;
  config_.server_reference = input.server_reference;
  const auto refusal = redirection();
  if (!refusal || refusing_) return;
  for (const ConnectionId id : sorted_connections()) {
    const auto found = connections_.find(id);
    if (found != connections_.end() && found->second->session != nullptr) fail(*found->second, *refusal);
  }
}

}  // namespace mqttvet::core
