// The parts of the generator: each makes one part of a plan, from random streams of its own. Internal to
// generate*.cpp.
#pragma once

#include <vector>

#include "sim/plan/draw.h"
#include "sim/plan/generate.h"

namespace mqttvet::sim {

inline constexpr std::string_view kNames[] = {"alice", "bob", "carol", "dave", "erin"};
inline constexpr const char* kTwin = "twin";         // of the first of them, with the same client identifier
inline constexpr const char* kStranger = "mallory";  // has no right to come in

// What takes part in this run.
struct Features {
  // --- The broker ---
  bool small_window = false;
  bool few_packet_ids = false;
  bool small_queue = false;
  bool small_receive_maximum = false;
  bool retries = false;
  bool limited = false;  // lacks something that a broker need not have
  bool clock_drift = false;
  bool priorities = false;        // of topics, in the queues
  bool drop_policies = false;     // others than the default
  bool alarms = false;            // of long queues, and all of $SYS
  bool half_done_limits = false;  // of QoS 2 exchanges
  bool retained_limits = false;
  bool few_subscriptions = false;
  bool message_rate = false;  // of the listener
  // --- Who may do what ---
  bool users = false;
  bool rules = false;
  bool reloads = false;
  bool wrong_passwords = false;
  // --- The clients ---
  bool short_session_expiry = false;
  bool short_keep_alive = false;
  bool small_packets = false;  // Maximum Packet Size
  bool topic_aliases = false;
  bool wills = false;
  bool takeover = false;
  bool persistence = false;
  // --- What they do ---
  bool message_expiry = false;
  bool retained = false;
  bool properties = false;
  bool shared = false;
  bool subscription_options = false;
  bool subscription_identifiers = false;
  bool changing_subscriptions = false;
  bool offline_periods = false;
  bool other_sessions = false;  // another Clean Start or Session Expiry Interval than before
  bool client_crashes = false;
  bool goodbyes = false;  // somebody vanishes for good
  bool bursts = false;
  bool large_payloads = false;
  bool held_acknowledgements = false;
  bool refusals = false;
  bool stray_acknowledgements = false;
  bool small_buffers = false;  // of sockets
};
Features pick_features(Draw draw, const GeneratorOptions& options);

// What the broker of this run can't do, and a client should not ask of it.
struct Limits {
  int maximum_qos = 2;
  bool retain = true;
  bool wildcards = true;
  bool subscription_identifiers = true;
  bool shared = true;
};
// Configures `broker` so that it has no more; everything if the feature takes no part.
Limits generate_limits(Draw draw, const Features& features, BrokerPlan& broker);
BrokerPlan generate_broker(Draw draw, const Features& features);

std::vector<ClientPlan> generate_clients(Draw draw, const Features& features, const Limits& limits);

// In the order of their times.
std::vector<Step> generate_workload(std::uint64_t seed, const Features& features, const Limits& limits,
                                    const std::vector<ClientPlan>& clients, Duration end);

std::vector<Fault> generate_faults(std::uint64_t seed, const std::vector<ClientPlan>& clients, Duration end,
                                   const GeneratorOptions& options);

// Users, access control list and reloads; steps of a stranger. In a plan that has all the rest.
void generate_access(std::uint64_t seed, const Features& features, Plan& plan, Duration end);

// In some plans: one more client, that keeps to no rule. Everything else of the plan stays as it is.
void add_hostile_client(std::uint64_t seed, Plan& plan, Duration end);

// In the order of their times, numbered.
void put_in_order(std::vector<Step>& steps);

rc::Gen<Driver> any_driver();
rc::Gen<Version> any_version();
int any_qos(Draw& draw, const Limits& limits);
// One to three properties of a PUBLISH or will that the broker must forward.
wire::Properties any_properties(Draw& draw);

}  // namespace mqttvet::sim
