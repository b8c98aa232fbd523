#include "sim/plan/generate.h"

#include <algorithm>

#include "sim/plan/draw.h"
#include "sim/plan/generate_faults.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kNames[] = {"alice", "bob", "carol", "dave", "erin"};
constexpr const char* kTwin = "twin";  // of the first of them, with the same client identifier

// What takes part in this run.
struct Features {
  bool small_window = false;
  bool few_packet_ids = false;
  bool message_expiry = false;
  bool short_session_expiry = false;
  bool retained = false;
  bool changing_subscriptions = false;
  bool offline_periods = false;
  bool client_crashes = false;
  bool bursts = false;
  bool large_payloads = false;
  bool held_acknowledgements = false;
  bool small_queue = false;
  bool wills = false;
  bool takeover = false;
  bool retries = false;
};

Features pick_features(Draw draw, const GeneratorOptions& options) {
  Features features;
  features.small_window = draw.chance(50);
  features.few_packet_ids = draw.chance(40);
  features.message_expiry = draw.chance(20);
  features.short_session_expiry = draw.chance(15);
  features.retained = draw.chance(25);
  features.changing_subscriptions = draw.chance(30);
  features.offline_periods = draw.chance(70);
  features.client_crashes = draw.chance(20);
  features.bursts = draw.chance(50);
  features.large_payloads = draw.chance(15);
  features.held_acknowledgements = options.held_acknowledgements && draw.chance(30);
  features.small_queue = draw.chance(10);
  features.wills = draw.chance(25);
  features.takeover = draw.chance(15);
  features.retries = draw.chance(15);
  return features;
}

BrokerPlan generate_broker(Draw draw, const Features& features) {
  BrokerPlan broker;
  if (features.small_window) broker.config["max_inflight"] = std::to_string(draw.between(1, 4));
  if (features.few_packet_ids) {
    // The ids wrap soon: either the space is small (then it may be the real window), or it begins near its
    // end.
    if (draw.chance(60)) {
      const int last = draw.between(2, 12);
      broker.config["last_packet_id"] = std::to_string(last);
      broker.config["first_packet_id"] = std::to_string(draw.between(1, last));
    } else {
      broker.config["first_packet_id"] = std::to_string(draw.between(65525, 65535));
    }
  }
  if (features.small_queue) broker.config["queue_messages_max"] = std::to_string(draw.between(2, 8));
  if (features.retries) broker.config["retry_interval"] = std::to_string(draw.between(2, 10));
  if (draw.chance(25)) broker.config["queue_qos0"] = "true";
  return broker;
}

// --- Clients
// ------------------------------------------------------------------------------------------------------

rc::Gen<Driver> any_driver() {
  return rc::gen::weightedElement<Driver>({{4, Driver::paho_cpp}, {3, Driver::paho_c}, {3, Driver::raw}});
}

rc::Gen<Version> any_version() {
  return rc::gen::weightedElement<Version>({{10, Version::v3_1_1}, {9, Version::v5_0}, {1, Version::v3_1}});
}

rc::Gen<int> any_qos() {
  return rc::gen::weightedElement<int>({{1, 0}, {3, 1}, {4, 2}});
}

void set_version_5_keys(ClientPlan& client, Draw& draw, const Features& features) {
  if (!client.clean_start || draw.chance(50)) {
    client.session_expiry = features.short_session_expiry && draw.chance(60)
                                ? std::chrono::seconds(draw.between(2, 15))
                                : draw.one_of<std::chrono::seconds>({600s, 86400s, 4294967295s});
  }
  if (draw.chance(50)) client.receive_maximum = draw.one_of<std::uint16_t>({1, 2, 3, 5, 20, 65535});
}

WillPlan generate_will(const ClientPlan& client, Draw& draw) {
  WillPlan will;
  will.topic = "will/" + client.name;
  will.payload = client.name + " is gone";
  will.qos = draw(any_qos());
  if (client.version == Version::v5_0 && draw.chance(50))
    will.delay = std::chrono::seconds(draw.between(0, 10));
  return will;
}

std::vector<ClientPlan> generate_clients(Draw draw, const Features& features) {
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
    client.keep_alive = std::chrono::seconds(draw.one_of({5, 10, 30, 60}));
    client.reconnect_max = std::chrono::seconds(draw.one_of({2, 4, 8}));
    if (client.version == Version::v5_0) set_version_5_keys(client, draw, features);
    if (features.wills && draw.chance(50)) client.will = generate_will(client, draw);
    clients.push_back(std::move(client));
  }
  if (features.takeover) {
    ClientPlan twin = clients.front();
    twin.name = kTwin;
    twin.driver = Driver::raw;
    twin.reconnect = false;  // or the two would take the session from each other for ever
    twin.will.reset();
    clients.push_back(std::move(twin));
  }
  return clients;
}

// --- Steps
// --------------------------------------------------------------------------------------------------------

constexpr std::string_view kTopics[] = {"a", "a/b", "a/c", "a/b/c", "d", "d/b"};

rc::Gen<std::string> any_topic() {
  return rc::gen::elementOf(std::vector<std::string>(std::begin(kTopics), std::end(kTopics)));
}

// Chosen so that most topics match several of them.
rc::Gen<std::string> any_filter() {
  return rc::gen::weightedElement<std::string>({{3, "a/#"},
                                                {2, "a/b"},
                                                {2, "a/+"},
                                                {2, "+/b"},
                                                {2, "#"},
                                                {1, "+"},
                                                {1, "a/b/c"},
                                                {1, "d/#"},
                                                {1, "+/+/c"},
                                                {1, "will/#"}});
}

// Steps with their times, put in order at the end.
class Workload {
 public:
  Workload(std::uint64_t seed, const Features& features, const std::vector<ClientPlan>& clients, Duration end)
      : seed_(seed), features_(features), clients_(clients), end_(end) {}

  std::vector<Step> steps() {
    for (const ClientPlan& client : clients_) {
      if (client.name == kTwin) {
        take_over(client);
        continue;
      }
      begin(client);
      if (features_.offline_periods) go_offline(client);
      if (features_.client_crashes) crash(client);
      if (features_.changing_subscriptions) change_subscriptions(client);
      if (features_.held_acknowledgements && client.driver == Driver::raw) hold_acknowledgements(client);
    }
    publish();
    std::stable_sort(steps_.begin(), steps_.end(),
                     [](const Step& one, const Step& other) { return *one.at < *other.at; });
    int id = 0;
    for (Step& step : steps_) step.id = ++id;
    return std::move(steps_);
  }

 private:
  Draw stream(std::string_view purpose, const ClientPlan& client) {
    return Draw(seed_, std::string(purpose) + " of " + client.name);
  }
  void add(Time at, const std::string& client, Operation operation) {
    steps_.push_back({0, at, client, std::move(operation), false, false, {}});
  }

  // Everybody connects within the first second and subscribes to something, most of them.
  void begin(const ClientPlan& client) {
    Draw draw = stream("begin", client);
    const Duration at = draw.duration(0ms, 1000ms);
    add(at, client.name, DoConnect{});
    if (!draw.chance(85)) return;
    const Duration then = draw.duration(1ms, 500ms);
    const int count = draw.between(1, 3);
    add(at + then, client.name, subscription(draw, client, count));
  }

  Operation subscription(Draw& draw, const ClientPlan& client, int count) {
    DoSubscribe subscribe;
    for (int i = 0; i < count; ++i) {
      DoSubscribe::Filter filter;
      filter.filter = draw(any_filter());
      filter.qos = draw(any_qos());
      const bool there = std::any_of(subscribe.filters.begin(), subscribe.filters.end(),
                                     [&](const auto& other) { return other.filter == filter.filter; });
      const bool no_local = draw.chance(15);
      // Paho C++ 1.2.0 loses the options of several filters in one SUBSCRIBE.
      const bool may_have_options = client.driver != Driver::paho_cpp || count == 1;
      if (client.version == Version::v5_0 && may_have_options) filter.no_local = no_local;
      if (!there) subscribe.filters.push_back(std::move(filter));
    }
    return subscribe;
  }

  // One to three times away with a DISCONNECT, and back.
  void go_offline(const ClientPlan& client) {
    Draw draw = stream("offline", client);
    Duration at = draw.duration(2s, 8s);
    for (int left = draw.between(0, 3); left > 0; --left) {
      const Duration back = at + draw.duration(200ms, 8s);
      if (back + 1s >= end_) return;
      add(at, client.name, DoDisconnect{});
      add(back, client.name, DoConnect{});
      at = back + draw.duration(1s, 10s);
    }
  }

  void crash(const ClientPlan& client) {
    Draw draw = stream("crash", client);
    if (!draw.chance(40)) return;
    DoCrash machine;
    machine.restart_after = draw.duration(500ms, 5s);
    add(draw.duration(2s, std::chrono::duration_cast<std::chrono::milliseconds>(end_) - 1s), client.name,
        machine);
  }

  void change_subscriptions(const ClientPlan& client) {
    Draw draw = stream("subscriptions", client);
    for (int left = draw.between(0, 3); left > 0; --left) {
      const Duration at = draw.duration(2s, std::chrono::duration_cast<std::chrono::milliseconds>(end_));
      if (draw.chance(50)) {
        add(at, client.name, subscription(draw, client, 1));
      } else {
        add(at, client.name, DoUnsubscribe{.filters = {draw(any_filter())}});
      }
    }
  }

  void hold_acknowledgements(const ClientPlan& client) {
    Draw draw = stream("acknowledgements", client);
    const Duration from = draw.duration(1s, std::chrono::duration_cast<std::chrono::milliseconds>(end_) - 1s);
    const Duration until = std::min(from + draw.duration(500ms, 15s), end_ - 1ms);
    add(from, client.name, DoAcknowledge{Acknowledge::none, false, {}});
    // What is held back so far is sent, what that brings about is not: exchanges stay half-way for long.
    for (int left = draw.between(0, 4); left > 0; --left) {
      const std::int64_t share = draw.between(1, 99);
      add(from + (until - from) * share / 100, client.name, DoAcknowledge{Acknowledge::none, true, {}});
    }
    add(until, client.name, DoAcknowledge{});
  }

  // A second machine with the first client's identifier comes, takes the session over, and goes for good.
  void take_over(const ClientPlan& twin) {
    Draw draw = stream("takeover", twin);
    Duration at = draw.duration(2s, 10s);
    for (int left = draw.between(1, 3); left > 0; --left) {
      const Duration gone = at + draw.duration(10ms, 3s);
      if (gone + 1s >= end_) return;
      add(at, twin.name, DoConnect{});
      add(gone, twin.name, DoDisconnect{});
      at = gone + draw.duration(500ms, 10s);
    }
  }

  void publish() {
    Draw draw(seed_, "publishes");
    const int count = draw.between(20, 60);
    for (int published = 0; published < count;) {
      const ClientPlan& client = clients_[draw.between<std::size_t>(0, clients_.size() - 1)];
      if (client.name == kTwin) continue;
      DoPublish publish;
      publish.topic = draw(any_topic());
      publish.qos = draw(any_qos());
      publish.payload = client.name + "#" + std::to_string(published + 1);
      if (features_.retained && draw.chance(30)) publish.retain = true;
      if (features_.bursts && draw.chance(30)) publish.count = draw.between(2, 12);
      if (features_.message_expiry && client.version == Version::v5_0 && draw.chance(40)) {
        publish.expiry = std::chrono::seconds(draw.between(1, 20));
      }
      if (features_.large_payloads && draw.chance(20)) publish.pad_to_bytes = draw.between(1'000, 100'000);
      published += publish.count;
      const Duration at = draw.duration(1500ms, std::chrono::duration_cast<std::chrono::milliseconds>(end_));
      add(at, client.name, std::move(publish));
    }
  }

  std::uint64_t seed_;
  const Features& features_;
  const std::vector<ClientPlan>& clients_;
  Duration end_;
  std::vector<Step> steps_;
};

}  // namespace

Plan generate(std::uint64_t seed, const GeneratorOptions& options) {
  Plan plan;
  plan.name = "seed " + std::to_string(seed);
  plan.seed = seed;
  const Features features = pick_features(Draw(seed, "features"), options);
  const Duration end = Draw(seed, "end").duration(10s, 60s);
  plan.broker = generate_broker(Draw(seed, "broker"), features);
  plan.clients = generate_clients(Draw(seed, "clients"), features);
  plan.steps = Workload(seed, features, plan.clients, end).steps();
  GeneratorOptions fault_options = options;
  fault_options.clock_jumps = options.clock_jumps && !features.short_session_expiry;
  plan.faults = generate_faults(seed, plan.clients, end, fault_options);
  plan.heal_at = end + 1s;
  return plan;
}

}  // namespace mqttvet::sim
