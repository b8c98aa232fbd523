// What the clients of a generated plan do.
#include <algorithm>

#include "sim/plan/generate_parts.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kTopics[] = {"a", "a/b", "a/c", "a/b/c", "d", "d/b"};

constexpr const char* kAlarms = "$SYS/broker/alarms/queue_high_watermark/+";

rc::Gen<std::string> any_topic() {
  return rc::gen::elementOf(std::vector<std::string>(std::begin(kTopics), std::end(kTopics)));
}

// Topics that rules with names in them are about.
rc::Gen<std::string> any_own_topic() {
  return rc::gen::element<std::string>("own/alice", "own/bob", "own/ann", "own/ann/door", "own/ben/door");
}

// Chosen so that most topics match several of them.
rc::Gen<std::string> any_filter(const Limits& limits) {
  if (!limits.wildcards) return any_topic();
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

rc::Gen<std::string> any_own_filter() {
  return rc::gen::element<std::string>("own/+", "own/#", "own/alice", "own/ann/#", "own/+/door");
}

rc::Gen<std::string> any_shared_filter() {
  return rc::gen::weightedElement<std::string>(
      {{3, "$share/g/a/#"}, {2, "$share/g/+/b"}, {1, "$share/h/a/#"}, {1, "$queue/d/#"}});
}

// Steps with their times, put in order at the end.
class Workload {
 public:
  Workload(std::uint64_t seed, const Features& features, const Limits& limits,
           const std::vector<ClientPlan>& clients, Duration end)
      : seed_(seed), features_(features), limits_(limits), clients_(clients), end_(end) {}

  std::vector<Step> steps() {
    for (const ClientPlan& client : clients_) {
      if (client.name == kTwin) {
        take_over(client);
        continue;
      }
      begin(client);
      if (features_.alarms) watch_the_broker(client);
      if (features_.offline_periods) go_offline(client);
      if (features_.client_crashes) crash(client);
      if (features_.changing_subscriptions) change_subscriptions(client);
      if (client.driver == Driver::raw) misbehave(client);
    }
    publish();
    if (features_.goodbyes) say_goodbye();
    put_in_order(steps_);
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

  // $SYS: figures now and then, and alarms.
  void watch_the_broker(const ClientPlan& client) {
    Draw draw = stream("$SYS", client);
    if (!draw.chance(50)) return;
    std::string filter = kAlarms;
    if (draw.chance(20)) filter = "$SYS/#";
    if (!limits_.wildcards) filter = std::string(kAlarms, 0, std::string_view(kAlarms).size() - 1) + "alert";
    DoSubscribe subscribe;
    subscribe.filters.push_back({.filter = filter, .qos = 1});
    add(draw.duration(1s, 2s), client.name, std::move(subscribe));
  }

  Operation subscription(Draw& draw, const ClientPlan& client, int count) {
    DoSubscribe subscribe;
    for (int i = 0; i < count; ++i) {
      DoSubscribe::Filter filter = any_subscription(draw, client, count);
      const bool there = std::any_of(subscribe.filters.begin(), subscribe.filters.end(),
                                     [&](const auto& other) { return other.filter == filter.filter; });
      if (!there) subscribe.filters.push_back(std::move(filter));
    }
    const bool with_identifier = features_.subscription_identifiers && limits_.subscription_identifiers;
    if (with_identifier && client.version == Version::v5_0 && draw.chance(60))
      subscribe.subscription_identifier = draw.one_of<std::uint32_t>({1, 2, 127, 128, 268435455});
    return subscribe;
  }

  DoSubscribe::Filter any_subscription(Draw& draw, const ClientPlan& client, int count) {
    DoSubscribe::Filter filter;
    const bool shared = features_.shared && limits_.shared && limits_.wildcards && draw.chance(40);
    const bool own = features_.rules && limits_.wildcards && draw.chance(30);
    filter.filter = draw(shared ? any_shared_filter() : own ? any_own_filter() : any_filter(limits_));
    filter.qos = draw(rc::gen::weightedElement<int>({{1, 0}, {3, 1}, {4, 2}}));
    const bool no_local = draw.chance(15), as_published = draw.chance(50);
    const int handling = draw.between(0, 2);
    // Paho C++ 1.2.0 loses the options of several filters in one SUBSCRIBE.
    const bool may_have_options = client.driver != Driver::paho_cpp || count == 1;
    if (client.version != Version::v5_0 || !may_have_options) return filter;
    filter.no_local = no_local && !shared;  // [MQTT5-3.8.3-4]
    if (!features_.subscription_options) return filter;
    filter.retain_as_published = as_published;
    filter.retain_handling = handling;
    return filter;
  }

  // One to three times away with a DISCONNECT, and back.
  void go_offline(const ClientPlan& client) {
    Draw draw = stream("offline", client);
    Duration at = draw.duration(2s, 8s);
    for (int left = draw.between(0, 3); left > 0; --left) {
      const Duration back = at + draw.duration(200ms, 8s);
      if (back + 1s >= end_) return;
      add(at, client.name, goodbye(draw, client));
      add(back, client.name, comeback(draw, client));
      at = back + draw.duration(1s, 10s);
    }
  }

  // With 5.0 a client may change its mind about its session, and ask for its will in spite of all (0x04).
  DoDisconnect goodbye(Draw& draw, const ClientPlan& client) {
    DoDisconnect disconnect;
    if (client.version != Version::v5_0) return disconnect;
    if (client.will && draw.chance(40)) disconnect.reason_code = 0x04;
    const bool has_session = client.session_expiry && *client.session_expiry > 0s;  // [MQTT5-3.14.2-2]
    if (features_.other_sessions && has_session && draw.chance(40))
      disconnect.session_expiry = draw.one_of<std::chrono::seconds>({0s, 2s, 5s, 600s});
    if (features_.properties && draw.chance(30)) disconnect.properties.emplace_back("why", "bored");
    return disconnect;
  }

  DoConnect comeback(Draw& draw, const ClientPlan& client) {
    DoConnect connect;
    if (features_.other_sessions && draw.chance(30)) connect.clean_start = draw.chance(50);
    if (features_.other_sessions && client.version == Version::v5_0 && draw.chance(30))
      connect.session_expiry = draw.one_of<std::chrono::seconds>({5s, 600s, 4294967295s});
    return connect;
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
        add(at, client.name, DoUnsubscribe{.filters = {draw(any_filter(limits_))}});
      }
    }
  }

  // What only raw clients do.
  void misbehave(const ClientPlan& client) {
    if (features_.held_acknowledgements) hold_acknowledgements(client);
    if (features_.refusals && client.version == Version::v5_0) refuse(client);
    if (features_.stray_acknowledgements) acknowledge_anything(client);
  }

  // For a while every PUBACK and PUBREC carries an error.
  void refuse(const ClientPlan& client) {
    Draw draw = stream("refusals", client);
    const Duration from = draw.duration(1s, std::chrono::duration_cast<std::chrono::milliseconds>(end_) - 1s);
    const Duration until = std::min(from + draw.duration(100ms, 5s), end_ - 1ms);
    DoAcknowledge refusal;
    refusal.reason_code = draw.one_of({0x80, 0x83, 0x97, 0x99});
    add(from, client.name, refusal);
    add(until, client.name, DoAcknowledge{});
  }

  // Acknowledgements of exchanges that are there, or not, or of the other kind.
  void acknowledge_anything(const ClientPlan& client) {
    Draw draw = stream("strays", client);
    for (int left = draw.between(1, 6); left > 0; --left) {
      const Duration at = draw.duration(2s, std::chrono::duration_cast<std::chrono::milliseconds>(end_));
      const auto packet_id = static_cast<std::uint16_t>(draw.between(1, 6));
      DoSend stray;
      switch (draw.between(0, 2)) {
        case 0:
          stray.packet = wire::Puback{.packet_id = packet_id};
          break;
        case 1:
          stray.packet = wire::Pubrec{.packet_id = packet_id};
          break;
        default:
          stray.packet = wire::Pubcomp{.packet_id = packet_id};
      }
      add(at, client.name, std::move(stray));
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
      DoConnect connect;
      if (draw.chance(40)) connect.clean_start = draw.chance(50);
      add(at, twin.name, connect);
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
      DoPublish publish = any_publish(draw, client);
      publish.payload = client.name + "#" + std::to_string(published + 1);
      published += publish.count;
      if (publish.retain && publish.count == 1 && draw.chance(25)) clear(publish);
      const Duration at = draw.duration(1500ms, std::chrono::duration_cast<std::chrono::milliseconds>(end_));
      add(at, client.name, std::move(publish));
    }
  }

  DoPublish any_publish(Draw& draw, const ClientPlan& client) {
    const bool is_v5 = client.version == Version::v5_0;
    DoPublish publish;
    publish.topic = draw(features_.rules && draw.chance(25) ? any_own_topic() : any_topic());
    publish.qos = any_qos(draw, limits_);
    if (features_.retained && draw.chance(30)) publish.retain = limits_.retain;
    if (features_.bursts && draw.chance(30)) publish.count = draw.between(2, 12);
    if (features_.message_expiry && is_v5 && draw.chance(40))
      publish.expiry = std::chrono::seconds(draw.between(1, 20));
    if (features_.large_payloads && draw.chance(20)) publish.pad_to_bytes = draw.between(1'000, 100'000);
    if (features_.small_packets && draw.chance(30)) publish.pad_to_bytes = draw.between(20, 300);
    if (features_.properties && is_v5 && draw.chance(50)) publish.properties = any_properties(draw);
    return publish;
  }

  // The retained message of the topic goes away.
  static void clear(DoPublish& publish) {
    publish.payload.clear();
    publish.pad_to_bytes = 0;
    publish.empty_payload = true;
  }

  // One machine is never heard of again; who is left must not suffer from it.
  void say_goodbye() {
    Draw draw(seed_, "goodbye");
    const ClientPlan& client = clients_[draw.between<std::size_t>(0, clients_.size() - 1)];
    const Duration at = draw.duration(5s, std::chrono::duration_cast<std::chrono::milliseconds>(end_));
    std::erase_if(steps_, [&](const Step& step) { return step.client == client.name && *step.at >= at; });
    DoCrash last;
    last.for_good = true;
    add(at, client.name, last);
  }

  std::uint64_t seed_;
  const Features& features_;
  const Limits& limits_;
  const std::vector<ClientPlan>& clients_;
  Duration end_;
  std::vector<Step> steps_;
};

}  // namespace

std::vector<Step> generate_workload(std::uint64_t seed, const Features& features, const Limits& limits,
                                    const std::vector<ClientPlan>& clients, Duration end) {
  return Workload(seed, features, limits, clients, end).steps();
}

}  // namespace mqttvet::sim
