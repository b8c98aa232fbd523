// A client program in Paho C: MQTTAsync with callbacks that set what the main thread waits for.
#include <MQTTAsync.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "sim/guest/paho_app.h"
#include "sim/guest/paho_properties.h"

namespace mqttvet::sim {
namespace {

constexpr int kBufferedMessagesMax = 100'000;
constexpr int kConnectTimeoutSeconds = 30;

// One request to the library: its callbacks come on the library's thread, the program's thread waits. It is
// shared, since a callback may come after the waiting was given up.
class Pending : public std::enable_shared_from_this<Pending> {
 public:
  // The context to give to the library, which calls back exactly once, except for a connect: one that failed
  // may still succeed, by an automatic reconnect.
  void* context() {
    kept_ = shared_from_this();
    return this;
  }
  // The library refused the request and will not call back.
  void forget() { kept_.reset(); }

  void finish(bool success, std::string text) {
    const auto alive = std::exchange(kept_, nullptr);
    const std::lock_guard lock(mutex_);
    if (std::exchange(finished_, true)) return;
    outcome_ = {success, std::move(text)};
    changed_.notify_all();
  }

  Outcome wait() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, PahoApp::kOperationMax, [&] { return finished_; }))
      return {false, "timeout"};
    return outcome_;
  }

  static void succeeded(void* context, MQTTAsync_successData*) { of(context).finish(true, ""); }
  static void succeeded5(void* context, MQTTAsync_successData5*) { of(context).finish(true, ""); }
  static void failed(void* context, MQTTAsync_failureData* data) {
    of(context).finish(false, describe(data ? data->code : 0, data ? data->message : nullptr));
  }
  static void failed5(void* context, MQTTAsync_failureData5* data) {
    const int code = data && data->reasonCode != 0 ? static_cast<int>(data->reasonCode)
                     : data                        ? data->code
                                                   : 0;
    of(context).finish(false, describe(code, data ? data->message : nullptr));
  }

 private:
  static Pending& of(void* context) { return *static_cast<Pending*>(context); }
  static std::string describe(int code, const char* message) {
    return message ? fmt::format("MQTT error [{}]: {}", code, message) : fmt::format("MQTT error [{}]", code);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool finished_ = false;
  Outcome outcome_;
  std::shared_ptr<Pending> kept_;
};

// Properties of a packet, freed with it.
class Properties {
 public:
  Properties() = default;
  ~Properties() { MQTTProperties_free(&properties_); }
  Properties(const Properties&) = delete;
  Properties& operator=(const Properties&) = delete;

  void add(const wire::Property& from) {
    const auto code = static_cast<MQTTPropertyCodes>(from.id);
    if (const auto* number = std::get_if<std::uint32_t>(&from.value)) return add(code, *number);
    MQTTProperty property{};
    property.identifier = code;
    if (const auto* text = std::get_if<std::string>(&from.value)) {
      property.value.data = view(*text);
    } else if (const auto* pair = std::get_if<wire::StringPair>(&from.value)) {
      property.value.data = view(pair->name);
      property.value.value = view(pair->value);
    }
    MQTTProperties_add(&properties_, &property);  // copies the texts
  }
  void add(MQTTPropertyCodes code, std::int64_t value) {
    MQTTProperty property{};
    property.identifier = code;
    if (MQTTProperty_getType(code) == MQTTPROPERTY_TYPE_BYTE) {
      property.value.byte = static_cast<unsigned char>(value);
    } else if (MQTTProperty_getType(code) == MQTTPROPERTY_TYPE_TWO_BYTE_INTEGER) {
      property.value.integer2 = static_cast<unsigned short>(value);
    } else {
      property.value.integer4 = static_cast<unsigned>(value);
    }
    MQTTProperties_add(&properties_, &property);
  }
  void add(const wire::Properties& properties) {
    for (const wire::Property& property : properties) add(property);
  }
  MQTTProperties* get() { return &properties_; }

 private:
  static MQTTLenString view(const std::string& text) {
    return {static_cast<int>(text.size()), const_cast<char*>(text.data())};
  }

  MQTTProperties properties_ = MQTTProperties_initializer;
};

class PahoCApp final : public PahoApp {
 public:
  PahoCApp(const ClientPlan& plan, const std::string& server_uri, PahoEvents events)
      : plan_(plan),
        events_(std::move(events)),
        has_tls_(server_uri.starts_with("ssl://") || server_uri.starts_with("wss://")) {
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
    if (is_v5()) options = MQTTAsync_createOptions_initializer5;
    options.MQTTVersion = static_cast<int>(plan.version);
    options.sendWhileDisconnected = plan.reconnect ? 1 : 0;
    options.maxBufferedMessages = kBufferedMessagesMax;
    const int code = MQTTAsync_createWithOptions(&client_, server_uri.c_str(), plan.client_id.c_str(),
                                                 MQTTCLIENT_PERSISTENCE_NONE, nullptr, &options);
    if (code != MQTTASYNC_SUCCESS) {
      client_ = nullptr;
      return;
    }
    MQTTAsync_setCallbacks(client_, this, connection_lost, message_arrived, nullptr);
    MQTTAsync_setConnected(client_, this, connected);
  }

  ~PahoCApp() override {
    if (client_) MQTTAsync_destroy(&client_);
  }

  Outcome connect(const DoConnect& operation) override {
    if (!client_) return {false, "the library made no client"};
    MQTTAsync_connectOptions options = MQTTAsync_connectOptions_initializer;
    if (is_v5()) options = MQTTAsync_connectOptions_initializer5;
    const int clean = operation.clean_start.value_or(plan_.clean_start) ? 1 : 0;
    (is_v5() ? options.cleanstart : options.cleansession) = clean;
    options.MQTTVersion = static_cast<int>(plan_.version);
    options.keepAliveInterval = static_cast<int>(plan_.keep_alive.count());
    options.connectTimeout = kConnectTimeoutSeconds;
    options.maxInflight = 65535;
    options.automaticReconnect = plan_.reconnect ? 1 : 0;
    options.minRetryInterval = seconds(plan_.reconnect_min);
    options.maxRetryInterval = seconds(plan_.reconnect_max);
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    Properties properties;
    Properties will_properties;
    if (plan_.will && operation.with_will) {
      set_will(will, will_properties);
      options.will = &will;
    }
    if (is_v5()) {
      add_connect_properties(operation, properties);
      options.connectProperties = properties.get();
      if (options.will) options.willProperties = will_properties.get();
    }
    set_credentials(operation, options);
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    tls.enableServerCertAuth = 0;
    if (has_tls_) options.ssl = &tls;
    const auto pending = connects_.emplace_back(std::make_shared<Pending>());
    prepare(options, *pending);
    return await(*pending, MQTTAsync_connect(client_, &options));
  }

  Outcome disconnect(const DoDisconnect& operation) override {
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;
    if (is_v5()) options = MQTTAsync_disconnectOptions_initializer5;
    options.timeout = 5000;
    Properties properties;
    if (is_v5()) {
      options.reasonCode = static_cast<MQTTReasonCodes>(operation.reason_code);
      if (operation.session_expiry) {
        properties.add(MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, operation.session_expiry->count());
      }
      properties.add(operation.properties);
      options.properties = *properties.get();
    }
    const auto pending = std::make_shared<Pending>();
    prepare(options, *pending);
    const Outcome outcome = await(*pending, MQTTAsync_disconnect(client_, &options));
    events_.connected(false);
    return outcome;
  }

  Outcome subscribe(const DoSubscribe& operation) override {
    std::vector<char*> filters;
    std::vector<int> qos;
    std::vector<MQTTSubscribe_options> each;
    for (const auto& filter : operation.filters) {
      filters.push_back(const_cast<char*>(filter.filter.c_str()));
      qos.push_back(filter.qos);
      MQTTSubscribe_options& options =
          each.emplace_back(MQTTSubscribe_options MQTTSubscribe_options_initializer);
      options.noLocal = filter.no_local;
      options.retainAsPublished = filter.retain_as_published;
      options.retainHandling = static_cast<unsigned char>(filter.retain_handling);
    }
    Properties properties;
    const auto pending = std::make_shared<Pending>();
    auto options = response_options(*pending);
    if (is_v5()) {
      if (!each.empty()) options.subscribeOptions = each.front();
      options.subscribeOptionsList = each.data();
      options.subscribeOptionsCount = static_cast<int>(each.size());
      if (operation.subscription_identifier) {
        properties.add(MQTTPROPERTY_CODE_SUBSCRIPTION_IDENTIFIER, *operation.subscription_identifier);
      }
      properties.add(operation.properties);
      options.properties = *properties.get();
    }
    return await(*pending, MQTTAsync_subscribeMany(client_, static_cast<int>(filters.size()), filters.data(),
                                                   qos.data(), &options));
  }

  Outcome unsubscribe(const DoUnsubscribe& operation) override {
    std::vector<char*> filters;
    for (const auto& filter : operation.filters) filters.push_back(const_cast<char*>(filter.c_str()));
    const auto pending = std::make_shared<Pending>();
    auto options = response_options(*pending);
    Properties properties;
    if (is_v5()) {
      properties.add(operation.properties);
      options.properties = *properties.get();
    }
    return await(*pending, MQTTAsync_unsubscribeMany(client_, static_cast<int>(filters.size()),
                                                     filters.data(), &options));
  }

  Outcome publish(const DoPublish& operation, const std::vector<std::string>& payloads) override {
    std::vector<std::shared_ptr<Pending>> sent;
    for (const std::string& payload : payloads) {
      if (!sent.empty() && operation.gap > Duration(0)) std::this_thread::sleep_for(operation.gap);
      MQTTAsync_message message = MQTTAsync_message_initializer;
      message.payload = const_cast<char*>(payload.data());
      message.payloadlen = static_cast<int>(payload.size());
      message.qos = operation.qos;
      message.retained = operation.retain;
      Properties properties;
      if (is_v5() && operation.expiry) {
        properties.add(MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL, operation.expiry->count());
      }
      if (is_v5()) properties.add(operation.properties);
      message.properties = *properties.get();
      const auto& pending = sent.emplace_back(std::make_shared<Pending>());
      auto options = response_options(*pending);
      const int code = MQTTAsync_sendMessage(client_, operation.topic.c_str(), &message, &options);
      if (code != MQTTASYNC_SUCCESS) return refused(*pending, code);
    }
    for (const auto& pending : sent) {
      if (const Outcome outcome = pending->wait(); !outcome.done) return outcome;
    }
    return {true, ""};
  }

 private:
  bool is_v5() const { return plan_.version == Version::v5_0; }

  static int seconds(Duration duration) {
    return static_cast<int>(std::chrono::ceil<std::chrono::seconds>(duration).count());
  }

  // The callbacks of a connect or disconnect; those of 5.0 have types of their own.
  template <class Options>
  void prepare(Options& options, Pending& pending) {
    options.context = pending.context();
    if (is_v5()) {
      options.onSuccess5 = Pending::succeeded5;
      options.onFailure5 = Pending::failed5;
    } else {
      options.onSuccess = Pending::succeeded;
      options.onFailure = Pending::failed;
    }
  }

  MQTTAsync_responseOptions response_options(Pending& pending) {
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    prepare(options, pending);
    return options;
  }

  Outcome await(Pending& pending, int code) {
    if (code != MQTTASYNC_SUCCESS) return refused(pending, code);
    return pending.wait();
  }

  static Outcome refused(Pending& pending, int code) {
    pending.forget();
    return {false, fmt::format("MQTT error [{}]: {}", code, MQTTAsync_strerror(code))};
  }

  void set_will(MQTTAsync_willOptions& will, Properties& properties) const {
    const WillPlan& plan = *plan_.will;
    will.topicName = plan.topic.c_str();
    will.payload.data = plan.payload.data();
    will.payload.len = static_cast<int>(plan.payload.size());
    will.qos = plan.qos;
    will.retained = plan.retain;
    if (plan.delay) properties.add(MQTTPROPERTY_CODE_WILL_DELAY_INTERVAL, plan.delay->count());
    if (plan.expiry) properties.add(MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL, plan.expiry->count());
    properties.add(plan.properties);
  }

  void add_connect_properties(const DoConnect& operation, Properties& properties) const {
    if (const auto expiry = operation.session_expiry ? operation.session_expiry : plan_.session_expiry) {
      properties.add(MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, expiry->count());
    }
    if (const auto maximum = operation.receive_maximum ? operation.receive_maximum : plan_.receive_maximum) {
      properties.add(MQTTPROPERTY_CODE_RECEIVE_MAXIMUM, *maximum);
    }
    if (plan_.maximum_packet_size) {
      properties.add(MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE, *plan_.maximum_packet_size);
    }
    properties.add(plan_.properties);
    properties.add(operation.properties);
  }

  // They point into the plan and the operation.
  void set_credentials(const DoConnect& operation, MQTTAsync_connectOptions& options) const {
    const auto& user_name = operation.user_name ? operation.user_name : plan_.user_name;
    const auto& password = operation.password ? operation.password : plan_.password;
    if (user_name) options.username = user_name->c_str();
    if (!password) return;
    options.binarypwd.data = password->data();
    options.binarypwd.len = static_cast<int>(password->size());
  }

  static void connected(void* context, char*) { static_cast<PahoCApp*>(context)->events_.connected(true); }
  static void connection_lost(void* context, char*) {
    static_cast<PahoCApp*>(context)->events_.connected(false);
  }
  static int message_arrived(void* context, char* topic, int topic_length, MQTTAsync_message* message) {
    const auto& app = *static_cast<PahoCApp*>(context);
    const auto length = topic_length > 0 ? static_cast<std::size_t>(topic_length) : std::strlen(topic);
    app.events_.message_arrived(Arrival{.client = app.plan_.name,
                                        .topic = std::string(topic, length),
                                        .payload = std::string(static_cast<const char*>(message->payload),
                                                               static_cast<std::size_t>(message->payloadlen)),
                                        .qos = message->qos,
                                        .retained = message->retained != 0,
                                        .duplicate = message->dup != 0,
                                        .properties = properties_of(message->properties)});
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
  }

  const ClientPlan plan_;
  const PahoEvents events_;
  const bool has_tls_;  // never in simulation
  MQTTAsync client_ = nullptr;
  std::vector<std::shared_ptr<Pending>> connects_;  // their contexts, as long as the library may call them
};

}  // namespace

std::unique_ptr<PahoApp> make_paho_c_app(const ClientPlan& plan, const std::string& server_uri,
                                         PahoEvents events) {
  return std::make_unique<PahoCApp>(plan, server_uri, std::move(events));
}

}  // namespace mqttvet::sim
