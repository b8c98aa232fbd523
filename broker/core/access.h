// Who may connect, publish and subscribe. The place for users and access control lists; until they exist,
// everybody may do everything.
#pragma once

#include <string_view>

#include "broker/codec/packet.h"
#include "broker/core/session.h"

namespace mqttvet::core {

class Access {
 public:
  // success, or the reason of the refusal: bad_user_name_or_password, not_authorized,
  // bad_authentication_method, banned.
  codec::ReasonCode authenticate(const codec::Connect& connect) const;

  // For every way to publish: PUBLISH and wills.
  bool may_publish(const Session& session, std::string_view topic_name) const;

  bool may_subscribe(const Session& session, std::string_view topic_filter) const;
};

}  // namespace mqttvet::core
