// paho_c sync URI VERSION CERTIFICATE: the stories of interop.py, told by Paho's synchronous client for C.
#include <MQTTClient.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

constexpr int kPatience = 10'000;  // milliseconds

void require(bool holds, const std::string& text) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", text.c_str());
  std::_Exit(1);  // without waiting for Paho's threads
}

class Client {
 public:
  Client(const char* uri, const std::string& client_id, int version) : version_(version) {
    MQTTClient_createOptions options = MQTTClient_createOptions_initializer;
    options.MQTTVersion = version;
    require(MQTTClient_createWithOptions(&client_, uri, client_id.c_str(), MQTTCLIENT_PERSISTENCE_NONE,
                                         nullptr, &options) == MQTTCLIENT_SUCCESS,
            "the client cannot be made");
  }
  ~Client() { MQTTClient_destroy(&client_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void connect(const char* certificate, bool session, const char* will_topic = nullptr) {
    MQTTClient_connectOptions options = MQTTClient_connectOptions_initializer;
    if (version_ == MQTTVERSION_5) options = MQTTClient_connectOptions_initializer5;
    options.MQTTVersion = version_;
    options.cleansession = version_ == MQTTVERSION_5 ? 0 : !session;
    options.cleanstart = version_ == MQTTVERSION_5 ? !session : 0;
    MQTTClient_SSLOptions tls = MQTTClient_SSLOptions_initializer;
    tls.trustStore = certificate;
    options.ssl = &tls;
    MQTTClient_willOptions will = MQTTClient_willOptions_initializer;
    will.topicName = will_topic;
    will.message = "gone";
    will.qos = 1;
    if (will_topic != nullptr) options.will = &will;
    if (version_ != MQTTVERSION_5)
      return require(MQTTClient_connect(client_, &options) == MQTTCLIENT_SUCCESS, "connect");
    MQTTProperties properties = MQTTProperties_initializer;
    MQTTProperty expiry{};
    expiry.identifier = MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL;
    expiry.value.integer4 = 1000;
    if (session) MQTTProperties_add(&properties, &expiry);
    const MQTTResponse response = MQTTClient_connect5(client_, &options, &properties, nullptr);
    require(response.reasonCode == MQTTREASONCODE_SUCCESS, "connect");
    MQTTProperties_free(&properties);
    MQTTResponse_free(response);
  }
  void subscribe(const std::string& topic) {
    if (version_ != MQTTVERSION_5)
      return require(MQTTClient_subscribe(client_, topic.c_str(), 2) == MQTTCLIENT_SUCCESS, "subscribe");
    const MQTTResponse response = MQTTClient_subscribe5(client_, topic.c_str(), 2, nullptr, nullptr);
    require(response.reasonCode == MQTTREASONCODE_GRANTED_QOS_2, "subscribe");
    MQTTResponse_free(response);
  }
  void publish(const std::string& topic, const std::string& payload, int qos, bool retained = false) {
    MQTTClient_deliveryToken token = 0;
    const int size = static_cast<int>(payload.size());
    if (version_ == MQTTVERSION_5) {
      const MQTTResponse response =
          MQTTClient_publish5(client_, topic.c_str(), size, payload.data(), qos, retained, nullptr, &token);
      require(response.reasonCode == MQTTREASONCODE_SUCCESS, "publish");
      MQTTResponse_free(response);
    } else {
      require(MQTTClient_publish(client_, topic.c_str(), size, payload.data(), qos, retained, &token) ==
                  MQTTCLIENT_SUCCESS,
              "publish");
    }
    if (qos > 0)
      require(MQTTClient_waitForCompletion(client_, token, kPatience) == MQTTCLIENT_SUCCESS,
              "a message was not acknowledged");
  }
  void expect(const std::string& payload, int qos) {
    char* topic = nullptr;
    int topic_size = 0;
    MQTTClient_message* message = nullptr;
    MQTTClient_receive(client_, &topic, &topic_size, &message, kPatience);
    require(message != nullptr, "'" + payload + "' did not come");
    const std::string got(static_cast<const char*>(message->payload),
                          static_cast<std::size_t>(message->payloadlen));
    require(got == payload && message->qos == qos, "'" + payload + "' was expected, '" + got + "' came");
    MQTTClient_freeMessage(&message);
    MQTTClient_free(topic);
  }
  void disconnect() {
    if (version_ == MQTTVERSION_5)
      MQTTClient_disconnect5(client_, kPatience, MQTTREASONCODE_SUCCESS, nullptr);
    else
      MQTTClient_disconnect(client_, kPatience);
  }

 private:
  MQTTClient client_ = nullptr;
  int version_;
};

struct Arguments {
  const char* uri;
  int version;
  const char* certificate;
  std::string name() const { return std::string(uri).substr(0, 3) + std::to_string(version); }
};

void each_qos_arrives(const Arguments& arguments) {
  const std::string topic = "paho-c/" + arguments.name() + "/qos";
  Client client(arguments.uri, "cq" + arguments.name(), arguments.version);
  client.connect(arguments.certificate, false);
  client.subscribe(topic);
  for (int qos = 0; qos <= 2; ++qos) {
    client.publish(topic, "QoS " + std::to_string(qos), qos);
    client.expect("QoS " + std::to_string(qos), qos);
  }
  client.disconnect();
}

void a_retained_message_waits(const Arguments& arguments) {
  const std::string topic = "paho-c/" + arguments.name() + "/retained";
  Client client(arguments.uri, "cr" + arguments.name(), arguments.version);
  client.connect(arguments.certificate, false);
  client.publish(topic, "kept", 1, true);
  client.subscribe(topic);
  client.expect("kept", 1);
  client.publish(topic, "", 1, true);
  client.disconnect();
}

void a_session_keeps_messages(const Arguments& arguments) {
  const std::string topic = "paho-c/" + arguments.name() + "/offline";
  const std::string client_id = "cs" + arguments.name();
  {
    Client client(arguments.uri, client_id, arguments.version);
    client.connect(arguments.certificate, true);
    client.subscribe(topic);
    client.disconnect();
  }
  Client other(arguments.uri, "co" + arguments.name(), arguments.version);
  other.connect(arguments.certificate, false);
  for (int qos = 1; qos <= 2; ++qos) other.publish(topic, std::to_string(qos), qos);
  other.disconnect();
  Client again(arguments.uri, client_id, arguments.version);
  again.connect(arguments.certificate, true);
  again.expect("1", 1);
  again.expect("2", 2);
  again.disconnect();
}

// The end of a client without DISCONNECT is the end of its connection.
void a_will_is_published(const Arguments& arguments) {
  const std::string topic = "paho-c/" + arguments.name() + "/will";
  Client witness(arguments.uri, "cw" + arguments.name(), arguments.version);
  witness.connect(arguments.certificate, false);
  witness.subscribe(topic);
  Client mortal(arguments.uri, "cm" + arguments.name(), arguments.version);
  mortal.connect(arguments.certificate, false, topic.c_str());
  Client usurper(arguments.uri, "cm" + arguments.name(), arguments.version);
  usurper.connect(arguments.certificate, false);  // takes its place: section 3.1.4
  witness.expect("gone", 1);
  usurper.disconnect();
  witness.disconnect();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5 || std::strcmp(argv[1], "sync") != 0) {
    std::fprintf(stderr, "usage: paho_c sync URI VERSION CERTIFICATE\n");
    return 2;
  }
  const std::string version = argv[3];
  const Arguments arguments{argv[2], version == "5.0" ? 5 : version == "3.1.1" ? 4 : 3, argv[4]};
  each_qos_arrives(arguments);
  a_retained_message_waits(arguments);
  a_session_keeps_messages(arguments);
  a_will_is_published(arguments);
  return 0;
}
