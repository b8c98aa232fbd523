// A client program in Paho C++: mqtt::async_client with callbacks, automatic reconnect and blocking waits.
#include <mqtt/async_client.h>

#include <thread>

#include "sim/guest/paho_app.h"
#include "sim/guest/paho_properties.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;

// While offline, the library keeps publishes for later; this many at most.
constexpr int kBufferedMessagesMax = 100'000;

mqtt::property number_property(mqtt::property::code code, std::int64_t value) {
  return {code, static_cast<std::int32_t>(value)};
}

void add(mqtt::properties& into, const wire::Properties& properties) {
  for (const wire::Property& property : properties) {
    const auto code = static_cast<mqtt::property::code>(property.id);
    if (const auto* number = std::get_if<std::uint32_t>(&property.value)) {
      into.add(number_property(code, *number));
    } else if (const auto* text = std::get_if<std::string>(&property.value)) {
      into.add({code, *text});
    } else if (const auto* pair = std::get_if<wire::StringPair>(&property.value)) {
      into.add({code, pair->name, pair->value});
    }
  }
}

class PahoCppApp final : public PahoApp, private mqtt::callback {
 public:
  PahoCppApp(const ClientPlan& plan, const std::string& server_uri, PahoEvents events)
      : plan_(plan),
        events_(std::move(events)),
        has_tls_(server_uri.starts_with("ssl://") || server_uri.starts_with("wss://")),
        client_(server_uri, plan.client_id, create_options(plan)) {
    client_.set_callback(*this);
  }
  ~PahoCppApp() override {
    try {
      client_.disable_callbacks();
    } catch (const mqtt::exception&) {
      // Paho refuses while it is in the middle of connecting; its destructor copes.
    }
  }

  Outcome connect(const DoConnect& operation) override {
    return attempt([&] {
      mqtt::connect_options options;
      options.set_mqtt_version(static_cast<int>(plan_.version));
      options.set_keep_alive_interval(plan_.keep_alive);
      options.set_connect_timeout(30s);
      options.set_max_inflight(65535);
      if (is_v5()) {
        options.set_clean_start(operation.clean_start.value_or(plan_.clean_start));
      } else {
        options.set_clean_session(operation.clean_start.value_or(plan_.clean_start));
      }
      if (has_tls_) options.set_ssl(mqtt::ssl_options_builder().enable_server_cert_auth(false).finalize());
      if (plan_.reconnect) {
        options.set_automatic_reconnect(std::chrono::ceil<std::chrono::seconds>(plan_.reconnect_min),
                                        std::chrono::ceil<std::chrono::seconds>(plan_.reconnect_max));
      }
      if (plan_.will && operation.with_will) set_will(options, *plan_.will);
      if (const auto& name = operation.user_name ? operation.user_name : plan_.user_name)
        options.set_user_name(*name);
      if (const auto& password = operation.password ? operation.password : plan_.password)
        options.set_password(*password);
      // On the object that is passed on: moving options with properties leaves a dangling pointer in Paho
      // C++ 1.2.
      if (is_v5()) options.set_properties(connect_properties(operation));
      return finish(client_.connect(options));
    });
  }

  Outcome disconnect(const DoDisconnect& operation) override {
    return attempt([&] {
      mqtt::disconnect_options options;
      options.set_timeout(5s);
      if (is_v5()) {
        options.set_reason_code(static_cast<mqtt::ReasonCode>(operation.reason_code));
        mqtt::properties properties;
        if (operation.session_expiry) {
          properties.add(
              number_property(mqtt::property::SESSION_EXPIRY_INTERVAL, operation.session_expiry->count()));
        }
        add(properties, operation.properties);
        options.set_properties(properties);
      }
      const Outcome outcome = finish(client_.disconnect(options));
      events_.connected(false);
      return outcome;
    });
  }

  Outcome subscribe(const DoSubscribe& operation) override {
    if (is_v5() && operation.filters.size() == 1) return subscribe_to_one(operation);
    return attempt([&] {
      auto filters = std::make_shared<mqtt::string_collection>();
      mqtt::iasync_client::qos_collection qos;
      std::vector<mqtt::subscribe_options> options;
      for (const auto& filter : operation.filters) {
        filters->push_back(filter.filter);
        qos.push_back(filter.qos);
        if (is_v5() && says_more_than_qos(operation)) {
          options.emplace_back(filter.no_local, filter.retain_as_published,
                               static_cast<mqtt::subscribe_options::RetainHandling>(filter.retain_handling));
        }
      }
      return finish(client_.subscribe(filters, qos, options, subscribe_properties(operation)));
    });
  }

  Outcome unsubscribe(const DoUnsubscribe& operation) override {
    return attempt([&] {
      const auto filters = mqtt::string_collection::create(operation.filters);
      mqtt::properties properties;
      if (is_v5()) add(properties, operation.properties);
      return finish(client_.unsubscribe(filters, properties));
    });
  }

  Outcome publish(const DoPublish& operation, const std::vector<std::string>& payloads) override {
    return attempt([&] {
      std::vector<mqtt::delivery_token_ptr> tokens;
      for (const std::string& payload : payloads) {
        if (!tokens.empty() && operation.gap > 0ns) std::this_thread::sleep_for(operation.gap);
        auto message = mqtt::make_message(operation.topic, payload, operation.qos, operation.retain);
        if (is_v5() && (operation.expiry || !operation.properties.empty())) {
          mqtt::properties properties;
          if (operation.expiry)
            properties.add(
                number_property(mqtt::property::MESSAGE_EXPIRY_INTERVAL, operation.expiry->count()));
          add(properties, operation.properties);
          message->set_properties(properties);
        }
        tokens.push_back(client_.publish(message));
      }
      for (const auto& token : tokens) {
        if (const Outcome outcome = finish(token); !outcome.done) return outcome;
      }
      return Outcome{.done = true, .text = ""};
    });
  }

 private:
  // Paho C++ 1.2.0 forgets the options of a list with one filter in it (docs/findings).
  Outcome subscribe_to_one(const DoSubscribe& operation) {
    return attempt([&] {
      const auto& filter = operation.filters.front();
      const mqtt::subscribe_options options(
          filter.no_local, filter.retain_as_published,
          static_cast<mqtt::subscribe_options::RetainHandling>(filter.retain_handling));
      return finish(client_.subscribe(filter.filter, filter.qos, options, subscribe_properties(operation)));
    });
  }

  mqtt::properties subscribe_properties(const DoSubscribe& operation) const {
    mqtt::properties properties;
    if (!is_v5()) return properties;
    if (operation.subscription_identifier) {
      properties.add(
          number_property(mqtt::property::SUBSCRIPTION_IDENTIFIER, *operation.subscription_identifier));
    }
    add(properties, operation.properties);
    return properties;
  }

  // With several filters Paho C++ 1.2.0 hands the library a list of options that is gone already: none is
  // given if the defaults will do.
  static bool says_more_than_qos(const DoSubscribe& operation) {
    for (const auto& filter : operation.filters) {
      if (filter.no_local || filter.retain_as_published || filter.retain_handling != 0) return true;
    }
    return false;
  }
  bool is_v5() const { return plan_.version == Version::v5_0; }

  static mqtt::create_options create_options(const ClientPlan& plan) {
    mqtt::create_options options(static_cast<int>(plan.version), kBufferedMessagesMax);
    options.set_send_while_disconnected(plan.reconnect);
    return options;
  }

  mqtt::properties connect_properties(const DoConnect& operation) const {
    mqtt::properties properties;
    if (const auto expiry = operation.session_expiry ? operation.session_expiry : plan_.session_expiry) {
      properties.add(number_property(mqtt::property::SESSION_EXPIRY_INTERVAL, expiry->count()));
    }
    if (const auto maximum = operation.receive_maximum ? operation.receive_maximum : plan_.receive_maximum) {
      properties.add(number_property(mqtt::property::RECEIVE_MAXIMUM, *maximum));
    }
    if (plan_.maximum_packet_size) {
      properties.add(number_property(mqtt::property::MAXIMUM_PACKET_SIZE, *plan_.maximum_packet_size));
    }
    add(properties, plan_.properties);
    add(properties, operation.properties);
    return properties;
  }

  void set_will(mqtt::connect_options& options, const WillPlan& plan) const {
    mqtt::will_options will(plan.topic, plan.payload, plan.qos, plan.retain);
    if (is_v5()) {
      mqtt::properties properties;
      if (plan.delay)
        properties.add(number_property(mqtt::property::WILL_DELAY_INTERVAL, plan.delay->count()));
      if (plan.expiry)
        properties.add(number_property(mqtt::property::MESSAGE_EXPIRY_INTERVAL, plan.expiry->count()));
      add(properties, plan.properties);
      will.set_properties(properties);
    }
    options.set_will(will);
  }

  static Outcome finish(const mqtt::token_ptr& token) {
    if (!token->wait_for(kOperationMax)) return {.done = false, .text = "timeout"};
    return {.done = true, .text = ""};
  }

  template <class Work>
  static Outcome attempt(Work work) {
    try {
      return work();
    } catch (const std::exception& error) {
      return {.done = false, .text = error.what()};
    }
  }

  void connected(const std::string&) override { events_.connected(true); }
  void connection_lost(const std::string&) override { events_.connected(false); }
  void message_arrived(mqtt::const_message_ptr message) override {
    events_.message_arrived(Arrival{.client = plan_.name,
                                    .topic = message->get_topic(),
                                    .payload = message->to_string(),
                                    .qos = message->get_qos(),
                                    .retained = message->is_retained(),
                                    .duplicate = message->is_duplicate(),
                                    .properties = properties_of(message->get_properties().c_struct())});
  }

  const ClientPlan plan_;
  const PahoEvents events_;
  const bool has_tls_;  // never in simulation
  mqtt::async_client client_;
};

}  // namespace

std::unique_ptr<PahoApp> make_paho_cpp_app(const ClientPlan& plan, const std::string& server_uri,
                                           PahoEvents events) {
  return std::make_unique<PahoCppApp>(plan, server_uri, std::move(events));
}

}  // namespace mqttvet::sim
