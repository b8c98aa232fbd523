// What test_broker.h promises.
#include "broker/core/test_broker.h"

#include <cstdio>
#include <cstdlib>
#include <variant>

#include "broker/core/mutants.h"

namespace mqttvet::core::testing {

#ifdef MQTTVET_MUTANTS
// MQTTVET_MUTANT=B008 runs every test against the broker with this bug: some test must fail.
class SwitchOnMutant : public ::testing::Environment {
 public:
  void SetUp() override {
    const char* name = std::getenv("MQTTVET_MUTANT");
    if (name == nullptr) return;
    const auto mutant = find_mutant(name);
    ASSERT_TRUE(mutant) << "no such mutant: " << name;
    switch_on(*mutant);
  }
  void TearDown() override {
    for (const MutantInfo& info : kMutants) {
      if (is_on(info.mutant))
        std::printf("%s: %llu hits\n", info.name.data(), static_cast<unsigned long long>(hits(info.mutant)));
    }
  }
};
const auto* const kSwitchOnMutant = ::testing::AddGlobalTestEnvironment(new SwitchOnMutant);
#endif

// --- Bytes -------------------------------------------------------------------------------------------------

std::string from_hex(std::string_view hex) {
  std::string bytes, digits;
  for (const char c : hex) {
    if (c != ' ') digits += c;
  }
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
  return bytes;
}

std::string to_hex(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) {
    hex += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    hex += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

namespace {

std::string byte(int value) {
  return std::string(1, static_cast<char>(value));
}
std::string two_bytes(int value) {
  return byte(value >> 8) + byte(value & 255);
}
std::string text(const std::string& value) {
  return two_bytes(static_cast<int>(value.size())) + value;
}

std::string variable(std::size_t value) {
  std::string bytes;
  for (; value > 127; value >>= 7) bytes += byte(static_cast<int>(value & 127) | 128);
  return bytes + byte(static_cast<int>(value));
}

std::string packet(int first_byte, const std::string& rest) {
  return byte(first_byte) + variable(rest.size()) + rest;
}

std::string properties_of(const std::string& hex) {
  const std::string bytes = from_hex(hex);
  return variable(bytes.size()) + bytes;
}

}  // namespace

std::string connect(const std::string& client_id, const ConnectOptions& o) {
  int flags = o.clean ? 2 : 0;
  if (o.will_topic) flags |= 4 | o.will_qos << 3 | (o.will_retain ? 32 : 0);
  if (o.user_name) flags |= 128;
  if (o.password) flags |= 64;
  std::string rest =
      text(o.version == 3 ? "MQIsdp" : "MQTT") + byte(o.version) + byte(flags) + two_bytes(o.keep_alive);
  if (o.version == 5) rest += properties_of(o.properties);
  rest += text(client_id);
  if (o.will_topic) {
    if (o.version == 5) rest += properties_of(o.will_properties);
    rest += text(*o.will_topic) + text(o.will_payload);
  }
  if (o.user_name) rest += text(*o.user_name);
  if (o.password) rest += text(*o.password);
  return packet(0x10, rest);
}

std::string publish(const std::string& topic, const std::string& payload, const PublishOptions& o) {
  std::string rest = text(topic);
  if (o.qos > 0) rest += two_bytes(o.packet_id);
  if (o.properties) rest += properties_of(*o.properties);
  return packet(0x30 | (o.dup ? 8 : 0) | o.qos << 1 | (o.retain ? 1 : 0), rest + payload);
}

std::string subscribe(std::uint16_t packet_id, const std::string& filter, int options,
                      const std::optional<std::string>& properties) {
  std::string rest = two_bytes(packet_id);
  if (properties) rest += properties_of(*properties);
  return packet(0x82, rest + text(filter) + byte(options));
}

std::string unsubscribe(std::uint16_t packet_id, const std::string& filter, bool v5) {
  return packet(0xA2, two_bytes(packet_id) + (v5 ? byte(0) : "") + text(filter));
}

std::string puback(std::uint16_t packet_id) {
  return packet(0x40, two_bytes(packet_id));
}
std::string pubrec(std::uint16_t packet_id, std::optional<int> reason_code) {
  return packet(0x50, two_bytes(packet_id) + (reason_code ? byte(*reason_code) : ""));
}
std::string pubrel(std::uint16_t packet_id) {
  return packet(0x62, two_bytes(packet_id));
}
std::string pubcomp(std::uint16_t packet_id) {
  return packet(0x70, two_bytes(packet_id));
}
std::string auth(int reason_code, const std::string& properties) {
  return packet(0xF0, byte(reason_code) + properties_of(properties));
}
std::string pingreq() {
  return packet(0xC0, "");
}
std::string disconnect(std::optional<int> reason_code, const std::string& properties) {
  if (!reason_code) return packet(0xE0, "");
  return packet(0xE0, byte(*reason_code) + properties_of(properties));
}

// --- In words ----------------------------------------------------------------------------------------------

namespace {

class Words {
 public:
  Words(int first_byte, std::string_view rest, bool v5) : first_byte_(first_byte), rest_(rest), v5_(v5) {}

  std::string line() {
    std::string line;
    switch (first_byte_ >> 4) {
      case 2:
        line = "CONNACK sp=" + std::to_string(number(1));
        line += " rc=" + hex(1);
        return line += properties();
      case 3:
        return publish_line();
      case 4:
        return "PUBACK " + acknowledgement();
      case 5:
        return "PUBREC " + acknowledgement();
      case 6:
        return "PUBREL " + acknowledgement();
      case 7:
        return "PUBCOMP " + acknowledgement();
      case 9:
        line = "SUBACK " + std::to_string(number(2));
        line += properties();
        return line += " [" + hex(rest_.size()) + "]";
      case 11:
        line = "UNSUBACK " + std::to_string(number(2));
        line += properties();
        return rest_.empty() ? line : line += " [" + hex(rest_.size()) + "]";
      case 13:
        return "PINGRESP";
      case 14:
        return "DISCONNECT" + (rest_.empty() ? "" : " rc=" + hex(1));
      case 15:
        line = "AUTH rc=" + hex(1);
        return line += properties();
      default:
        return "? " + to_hex(byte(first_byte_)) + " " + hex(rest_.size());
    }
  }

 private:
  std::string publish_line() {
    const int qos = first_byte_ >> 1 & 3;
    const auto length = static_cast<std::size_t>(number(2));
    const std::string topic(rest_.substr(0, length));
    rest_.remove_prefix(topic.size());
    std::string tail = " q" + std::to_string(qos);
    if (qos > 0) tail += " id=" + std::to_string(number(2));
    if ((first_byte_ & 8) != 0) tail += " dup";
    if ((first_byte_ & 1) != 0) tail += " retain";
    tail += properties();
    return "PUBLISH " + topic + " '" + std::string(rest_) + "'" + tail;
  }

  std::string acknowledgement() {
    std::string line = std::to_string(number(2));
    if (!rest_.empty()) line += " rc=" + hex(1);
    return line;
  }

  int number(std::size_t bytes) {
    int value = 0;
    for (; bytes > 0 && !rest_.empty(); --bytes, rest_.remove_prefix(1))
      value = value << 8 | static_cast<unsigned char>(rest_[0]);
    return value;
  }

  std::string hex(std::size_t bytes) {
    const std::string digits = to_hex(rest_.substr(0, bytes));
    rest_.remove_prefix(std::min(bytes, rest_.size()));
    return digits;
  }

  std::string properties() {
    if (!v5_ || rest_.empty()) return "";
    const auto length = static_cast<std::size_t>(number(1));
    return length == 0 ? "" : " {" + hex(length) + "}";
  }

  int first_byte_;
  std::string_view rest_;
  bool v5_;
};

}  // namespace

std::vector<std::string> describe(std::string_view bytes, bool v5) {
  std::vector<std::string> lines;
  while (bytes.size() >= 2) {
    const int first_byte = static_cast<unsigned char>(bytes[0]);
    std::size_t length = 0, at = 1;
    for (int shift = 0; at < bytes.size(); shift += 7) {
      const auto next = static_cast<unsigned char>(bytes[at++]);
      length |= static_cast<std::size_t>(next & 127) << shift;
      if (next < 128) break;
    }
    lines.push_back(Words(first_byte, bytes.substr(at, length), v5).line());
    bytes.remove_prefix(std::min(at + length, bytes.size()));
  }
  return lines;
}

// --- Clients -----------------------------------------------------------------------------------------------

Client& Client::send(const std::string& bytes) {
  world_->step(Received{id_, bytes});
  return *this;
}

std::vector<std::string> Client::received() {
  std::string bytes;
  bytes.swap(world_->sent[id_]);
  return describe(bytes, v5_);
}

bool Client::closed() const {
  return world_->closed_by_broker[id_];
}

void Client::cut() {
  world_->step(Closed{id_});
}

// --- The world ---------------------------------------------------------------------------------------------

TestBroker::TestBroker(Config config)
    : config_(config), broker_(std::make_unique<Broker>(config, 7, Snapshot{}, now)) {}

Client TestBroker::open(bool v5, ConnectionLimits limits, std::optional<std::string> certificate_name) {
  const ConnectionId id{++last_connection_};
  step(Opened{id, "peer" + std::to_string(last_connection_), std::move(certificate_name), limits});
  return Client(*this, id, v5);
}

Client TestBroker::connect(const std::string& client_id, const ConnectOptions& options) {
  Client client = open(options.version == 5);
  client.send(testing::connect(client_id, options));
  std::string& bytes = sent[client.id()];
  EXPECT_EQ(bytes.substr(0, 1), "\x20") << "a CONNACK first";
  if (bytes.size() < 4) return client;
  EXPECT_EQ(bytes[3], 0) << "CONNACK refuses " << client_id;
  bytes.erase(0, 2 + static_cast<unsigned char>(bytes[1]));
  return client;
}

void TestBroker::require(bool holds, const std::string& text) {
  if (holds) return;
  problems.push_back(text);
  if (!quiet) ADD_FAILURE() << text;
}

void TestBroker::check() {
  for (const std::string& line : broker_->check_invariants()) require(false, line);
  require(store_.broken().empty(), store_.broken());
}

void TestBroker::step(const Input& input) {
  actions_.clear();
  broker_->step(input, now, actions_);
  const Actions actions = actions_;
  take(actions);
  check();
  if (!written_at_once) return;
  for (const Action& action : actions) {
    const auto* send = std::get_if<Send>(&action);
    if (send == nullptr) continue;
    Actions after;
    broker_->step(Written{send->connection, send->head.size() + (send->payload ? send->payload->size() : 0)},
                  now, after);
    take(after);
  }
  check();
}

void TestBroker::take(const Actions& actions) {
  for (const Action& action : actions) {
    if (const auto* send = std::get_if<Send>(&action)) {
      require(!closed_by_broker[send->connection], "Send after Close");
      require(static_cast<std::uint64_t>(send->after) <= last_record_,
              "Send waits for a record that comes later");
      sent[send->connection] += send->head;
      if (send->payload) sent[send->connection] += *send->payload;
    } else if (const auto* close = std::get_if<Close>(&action)) {
      require(!closed_by_broker[close->connection], "closed twice");
      closed_by_broker[close->connection] = true;
    } else if (const auto* persist = std::get_if<Persist>(&action)) {
      require(static_cast<std::uint64_t>(persist->sequence) == ++last_record_, "records out of sequence");
      store_.apply(persist->record);
    } else if (const auto* question = std::get_if<Authenticate>(&action)) {
      questions.push_back(*question);
    } else if (const auto* line = std::get_if<Log>(&action)) {
      log.push_back(line->text);
    }
  }
}

void TestBroker::advance(std::chrono::nanoseconds time) {
  const Monotonic end = now.monotonic + time;
  while (true) {
    const auto next = broker_->next_deadline();
    if (!next || *next > end) break;
    const Monotonic at = std::max(*next, now.monotonic);
    now.wall += at - now.monotonic;
    now.monotonic = at;
    step(Tick{});
  }
  now.wall += end - now.monotonic;
  now.monotonic = end;
}

void TestBroker::answer(codec::ReasonCode reason_code, const std::string& user_name, const std::string& data,
                        const std::string& exchange) {
  ASSERT_FALSE(questions.empty()) << "nothing was asked";
  const ConnectionId id = questions.front().connection;
  questions.pop_front();
  step(Authenticated{id, reason_code, user_name, data, exchange});
}

void TestBroker::crash_and_restart(std::chrono::seconds down) {
  now.wall += down;
  now.monotonic += down;
  last_record_ = 0;
  questions.clear();
  broker_ = std::make_unique<Broker>(config_, 7, store_.load(), now);
  check();
}

}  // namespace mqttvet::core::testing
