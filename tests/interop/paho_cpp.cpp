// paho_cpp async|sync URI VERSION CERTIFICATE: the stories of interop.py, told by Paho for C++.
#include <mqtt/async_client.h>
#include <mqtt/client.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

using namespace std::chrono_literals;

struct Arguments {
  std::string api, uri, version, certificate;
  int mqtt_version() const { return version == "5.0" ? 5 : version == "3.1.1" ? 4 : 3; }
  std::string topic(const std::string& story) const {
    return "paho-cpp/" + api + "/" + uri.substr(0, 3) + "/" + version + "/" + story;
  }
};

void require(bool holds, const std::string& text) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", text.c_str());
  std::_Exit(1);  // without waiting for Paho's threads
}

mqtt::connect_options options(const Arguments& arguments, bool session) {
  mqtt::connect_options options;
  options.set_mqtt_version(arguments.mqtt_version());
  options.set_connect_timeout(10);
  if (arguments.mqtt_version() == 5) {
    options.set_clean_start(!session);
    if (session) options.set_properties({{mqtt::property::SESSION_EXPIRY_INTERVAL, 1000}});
  } else {
    options.set_clean_session(!session);
  }
  mqtt::ssl_options tls;
  tls.set_trust_store(arguments.certificate);
  tls.set_enable_server_cert_auth(true);
  options.set_ssl(tls);
  return options;
}

// What the stories need; of either API.
class Async {
 public:
  Async(const Arguments& arguments, const std::string& client_id)
      : client_(arguments.uri, client_id, mqtt::create_options(arguments.mqtt_version())) {
    client_.start_consuming();
  }
  void connect(const mqtt::connect_options& options) {
    require(client_.connect(options)->wait_for(10s), "CONNACK did not come");
  }
  void subscribe(const std::string& topic) {
    require(client_.subscribe(topic, 2)->wait_for(10s), "SUBACK did not come");
  }
  void publish(const mqtt::const_message_ptr& message) {
    require(client_.publish(message)->wait_for(10s), "a message was not acknowledged");
  }
  mqtt::const_message_ptr consume() {
    mqtt::const_message_ptr message;
    client_.try_consume_message_for(&message, 10s);
    return message;
  }
  void disconnect() { client_.disconnect()->wait_for(10s); }

 private:
  mqtt::async_client client_;
};

class Sync {
 public:
  Sync(const Arguments& arguments, const std::string& client_id)
      : client_(arguments.uri, client_id, mqtt::create_options(arguments.mqtt_version())) {
    client_.set_timeout(10s);
    client_.start_consuming();
  }
  void connect(mqtt::connect_options options) { client_.connect(std::move(options)); }
  void subscribe(const std::string& topic) { client_.subscribe(topic, 2); }
  void publish(const mqtt::const_message_ptr& message) { client_.publish(message); }
  mqtt::const_message_ptr consume() {
    mqtt::const_message_ptr message;
    client_.try_consume_message_for(&message, 10s);
    return message;
  }
  void disconnect() { client_.disconnect(); }

 private:
  mqtt::client client_;
};

template <class Client>
class Stories {
 public:
  explicit Stories(const Arguments& arguments) : arguments_(arguments) {}

  void tell() {
    each_qos_arrives();
    a_retained_message_waits();
    // The synchronous connect() of Paho C++ 1.2.0 loses the properties of CONNECT: no session outlives it.
    if (arguments_.api == "async" || arguments_.mqtt_version() != 5) a_session_keeps_messages();
    if (arguments_.mqtt_version() == 5) properties_arrive();
  }

 private:
  std::string id(char which) const {
    return which + arguments_.api + arguments_.uri.substr(0, 3) + arguments_.version;
  }
  static void expect(Client& client, const std::string& payload, int qos) {
    const mqtt::const_message_ptr message = client.consume();
    require(message != nullptr, "'" + payload + "' did not come");
    require(message->to_string() == payload && message->get_qos() == qos,
            "'" + payload + "' was expected, '" + message->to_string() + "' came");
  }

  void each_qos_arrives() {
    Client client(arguments_, id('q'));
    client.connect(options(arguments_, false));
    client.subscribe(arguments_.topic("qos"));
    for (int qos = 0; qos <= 2; ++qos) {
      const std::string payload = "QoS " + std::to_string(qos);
      client.publish(mqtt::make_message(arguments_.topic("qos"), payload, qos, false));
      expect(client, payload, qos);
    }
    client.disconnect();
  }

  void a_retained_message_waits() {
    Client client(arguments_, id('r'));
    client.connect(options(arguments_, false));
    client.publish(mqtt::make_message(arguments_.topic("retained"), "kept", 1, true));
    client.subscribe(arguments_.topic("retained"));
    expect(client, "kept", 1);
    client.publish(mqtt::make_message(arguments_.topic("retained"), "", 1, true));
    client.disconnect();
  }

  void a_session_keeps_messages() {
    {
      Client client(arguments_, id('s'));
      client.connect(options(arguments_, true));
      client.subscribe(arguments_.topic("offline"));
      client.disconnect();
    }
    Client other(arguments_, id('o'));
    other.connect(options(arguments_, false));
    for (int qos = 1; qos <= 2; ++qos)
      other.publish(mqtt::make_message(arguments_.topic("offline"), std::to_string(qos), qos, false));
    other.disconnect();
    Client again(arguments_, id('s'));
    again.connect(options(arguments_, true));
    expect(again, "1", 1);
    expect(again, "2", 2);
    again.disconnect();
  }

  void properties_arrive() {
    Client client(arguments_, id('p'));
    client.connect(options(arguments_, false));
    client.subscribe(arguments_.topic("properties"));
    mqtt::properties properties{{mqtt::property::CONTENT_TYPE, "text/plain"},
                                {mqtt::property::USER_PROPERTY, "colour", "blue"}};
    client.publish(mqtt::message_ptr_builder()
                       .topic(arguments_.topic("properties"))
                       .payload("body")
                       .qos(1)
                       .properties(properties)
                       .finalize());
    const mqtt::const_message_ptr message = client.consume();
    require(message != nullptr, "the message with properties did not come");
    require(mqtt::get<std::string>(message->get_properties(), mqtt::property::CONTENT_TYPE) == "text/plain",
            "Content Type");
    const auto [name, value] =
        mqtt::get<mqtt::string_pair>(message->get_properties(), mqtt::property::USER_PROPERTY);
    require(name == "colour" && value == "blue", "User Property");
    client.disconnect();
  }

  const Arguments& arguments_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: paho_cpp async|sync URI VERSION CERTIFICATE\n");
    return 2;
  }
  const Arguments arguments{argv[1], argv[2], argv[3], argv[4]};
  try {
    arguments.api == "sync" ? Stories<Sync>(arguments).tell() : Stories<Async>(arguments).tell();
    return 0;
  } catch (const mqtt::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::_Exit(1);
  }
}
