#include "conformance/paho/requests.h"

namespace mqttvet::conformance {
namespace {

sim::Outcome connect(sim::PahoApp& app, const wire::Connect& request) {
  sim::DoConnect connect;
  connect.clean_start = request.clean_start;
  connect.properties = request.properties;
  return app.connect(connect);
}

sim::Outcome disconnect(sim::PahoApp& app, const wire::Disconnect& request) {
  sim::DoDisconnect disconnect;
  disconnect.reason_code = request.reason_code;
  disconnect.properties = request.properties;
  return app.disconnect(disconnect);
}

sim::Outcome subscribe(sim::PahoApp& app, const wire::Subscribe& request) {
  sim::DoSubscribe subscribe;
  for (const wire::Subscription& one : request.subscriptions) {
    subscribe.filters.push_back({.filter = one.topic_filter,
                                 .qos = one.qos,
                                 .no_local = one.no_local,
                                 .retain_as_published = one.retain_as_published,
                                 .retain_handling = one.retain_handling});
  }
  subscribe.properties = request.properties;
  return app.subscribe(subscribe);
}

sim::Outcome unsubscribe(sim::PahoApp& app, const wire::Unsubscribe& request) {
  return app.unsubscribe({.filters = request.topic_filters, .properties = request.properties});
}

sim::Outcome publish(sim::PahoApp& app, const wire::Publish& request) {
  sim::DoPublish publish;
  publish.topic = request.topic;
  publish.qos = request.qos;
  publish.retain = request.retain;
  publish.properties = request.properties;
  return app.publish(publish, {request.payload});
}

sim::ClientPlan plan_of(Library library, const ProgramSettings& settings) {
  const wire::Connect& wanted = settings.connect;
  sim::ClientPlan plan;
  plan.name = "application";
  plan.client_id = wanted.client_id;
  plan.driver = library == Library::paho_c ? sim::Driver::paho_c : sim::Driver::paho_cpp;
  plan.version = static_cast<sim::Version>(wanted.version);
  plan.clean_start = wanted.clean_start;
  plan.keep_alive = std::chrono::seconds(wanted.keep_alive);
  plan.user_name = wanted.user_name;
  plan.password = wanted.password;
  plan.reconnect = settings.reconnect;
  plan.reconnect_max = plan.reconnect_min = std::chrono::seconds(1);
  if (wanted.will) {
    plan.will = sim::WillPlan{.topic = wanted.will->topic,
                              .payload = wanted.will->payload,
                              .qos = wanted.will->qos,
                              .retain = wanted.will->retain,
                              .delay = {},
                              .expiry = {},
                              .properties = wanted.will->properties};
  }
  return plan;
}

}  // namespace

App::App(Library library, const ProgramSettings& settings, const std::string& server_uri,
         sim::PahoEvents events) {
  const sim::ClientPlan plan = plan_of(library, settings);
  try {
    app_ = library == Library::paho_c ? sim::make_paho_c_app(plan, server_uri, std::move(events))
                                      : sim::make_paho_cpp_app(plan, server_uri, std::move(events));
  } catch (const std::exception& error) {
    refusal_ = error.what();
  }
}

sim::Outcome App::carry_out(const wire::Packet& request) {
  if (!app_) return {.done = false, .text = refusal_};
  if (const auto* packet = std::get_if<wire::Connect>(&request)) return connect(*app_, *packet);
  if (const auto* packet = std::get_if<wire::Disconnect>(&request)) return disconnect(*app_, *packet);
  if (const auto* packet = std::get_if<wire::Subscribe>(&request)) return subscribe(*app_, *packet);
  if (const auto* packet = std::get_if<wire::Unsubscribe>(&request)) return unsubscribe(*app_, *packet);
  if (const auto* packet = std::get_if<wire::Publish>(&request)) return publish(*app_, *packet);
  return {.done = false, .text = "no application can ask for that"};
}

wire::Publish message_of(const sim::Arrival& arrival) {
  return {.dup = arrival.duplicate,
          .qos = static_cast<std::uint8_t>(arrival.qos),
          .retain = arrival.retained,
          .topic = arrival.topic,
          .properties = arrival.properties,
          .payload = arrival.payload};
}

}  // namespace mqttvet::conformance
