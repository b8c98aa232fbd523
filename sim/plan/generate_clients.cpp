// The clients of a generated plan.
#include "sim/plan/generate_parts.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;
using wire::PropertyId;

void set_version_5_keys(ClientPlan& client, Draw& draw, const Features& features) {
  if (!client.clean_start || draw.chance(50)) {
    client.session_expiry = features.short_session_expiry && draw.chance(60)
                                ? std::chrono::seconds(draw.between(2, 15))
                                : draw.one_of<std::chrono::seconds>({600s, 86400s, 4294967295s});
  }
  if (draw.chance(50)) client.receive_maximum = draw.one_of<std::uint16_t>({1, 2, 3, 5, 20, 65535});
  if (features.small_packets && draw.chance(50))
    client.maximum_packet_size = draw.one_of<std::uint32_t>({60, 200, 2000});
  if (features.topic_aliases && client.driver == Driver::raw) {
    client.topic_aliases = draw.chance(70);
    const std::uint32_t maximum = draw.between(0u, 3u);
    if (maximum > 0) client.properties.emplace_back(PropertyId::topic_alias_maximum, maximum);
  }
  if (features.properties && draw.chance(30))
    client.properties.emplace_back(PropertyId::request_problem_information, 0u);
  if (features.properties && draw.chance(30)) client.properties.emplace_back(std::string("who"), client.name);
}

WillPlan generate_will(const ClientPlan& client, Draw& draw, const Features& features, const Limits& limits) {
  WillPlan will;
  will.topic = "will/" + client.name;
  will.payload = client.name + " is gone";
  will.qos = any_qos(draw, limits);
  will.retain = draw.chance(25) && limits.retain;
  if (client.version != Version::v5_0) return will;
  if (draw.chance(50)) will.delay = std::chrono::seconds(draw.between(0, 10));
  if (features.message_expiry && draw.chance(30)) will.expiry = std::chrono::seconds(draw.between(1, 10));
  if (features.properties && draw.chance(50)) will.properties = any_properties(draw);
  return will;
}

}  // namespace

std::vector<ClientPlan> generate_clients(Draw draw, const Features& features, const Limits& limits) {
  const int count = draw.between(2, 5);
  const bool uniform = draw.chance(40);
  const Driver driver = draw(any_driver());
  std::vector<ClientPlan> clients;
  for (int i = 0; i < count; ++i) {
    ClientPlan client;
    client.name = client.client_id = kNames[i];
    const Driver own = draw(any_driver());
    client.driver = uniform ? driver : own;
    client.version = draw(any_version());
    client.clean_start = draw.chance(12);
    client.keep_alive = std::chrono::seconds(features.short_keep_alive ? draw.one_of({2, 3, 5, 8})
                                                                       : draw.one_of({5, 10, 30, 60}));
    client.reconnect_max = std::chrono::seconds(draw.one_of({2, 4, 8}));
    client.persistent = features.persistence && client.driver == Driver::raw;
    if (client.version == Version::v5_0) set_version_5_keys(client, draw, features);
    if (features.wills && draw.chance(50)) client.will = generate_will(client, draw, features, limits);
    clients.push_back(std::move(client));
  }
  if (features.takeover) {
    ClientPlan twin = clients.front();
    twin.name = kTwin;
    twin.driver = Driver::raw;
    twin.reconnect = false;  // or the two would take the session from each other for ever
    twin.persistent = false;
    twin.will.reset();
    clients.push_back(std::move(twin));
  }
  return clients;
}

}  // namespace mqttvet::sim
