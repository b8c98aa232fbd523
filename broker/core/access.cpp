#include "broker/core/access.h"

#include "broker/core/spec.h"

namespace mqttvet::core {

codec::ReasonCode Access::authenticate(const codec::Connect& connect) const {
  if (connect.properties.authentication_method) {
    SPEC("MQTT5-4.12.0-1");
    return codec::ReasonCode::bad_authentication_method;  // no method is supported yet
  }
  return codec::ReasonCode::success;
}

bool Access::may_publish(const Session&, std::string_view) const {
  return true;
}

bool Access::may_subscribe(const Session&, std::string_view) const {
  return true;
}

}  // namespace mqttvet::core
