// A run as data: the broker's configuration, the clients, what they do, and what goes wrong. A seed generates
// a Plan; a scenario file states one; a shrunk failure is written as one. Small structs, absolute times,
// stable ids.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "conformance/wire/packet.h"
#include "sim/world/trace.h"

namespace mqttvet::sim {

// Where in a scenario file something stands, for messages. line 0: not from a file. Where a thing stands is
// no part of what it is: two plans are equal whatever their sources.
struct Source {
  int line = 0;
  int column = 0;
  bool operator==(const Source&) const { return true; }
};

enum class Driver : std::uint8_t { paho_cpp, paho_c, raw };
enum class Version : std::uint8_t { v3_1 = 3, v3_1_1 = 4, v5_0 = 5 };

struct WillPlan {
  std::string topic;
  std::string payload;
  int qos = 0;
  bool retain = false;
  std::optional<std::chrono::seconds> delay;   // 5.0
  std::optional<std::chrono::seconds> expiry;  // 5.0
  wire::Properties properties{};               // 5.0: beside those with a member of their own
  bool operator==(const WillPlan&) const = default;
};

// How a raw client answers what it receives. Paho clients always acknowledge by themselves.
enum class Acknowledge : std::uint8_t { automatic, none };

struct ClientPlan {
  std::string name;       // in the plan; also the name of its host
  std::string client_id;  // in a file: the name, unless it says another; "": the broker is to assign one
  Driver driver = Driver::paho_cpp;
  Version version = Version::v3_1_1;
  bool clean_start = false;
  std::optional<std::chrono::seconds> session_expiry;  // 5.0
  std::chrono::seconds keep_alive{60};
  std::optional<std::uint16_t> receive_maximum;  // 5.0
  std::optional<std::uint32_t> maximum_packet_size;
  std::optional<std::string> user_name{};
  std::optional<std::string> password{};
  wire::Properties properties{};          // 5.0: of CONNECT, beside those with a member of their own
  bool topic_aliases = false;             // raw: publishes with as many aliases as the broker takes
  std::vector<std::string> auth_answers;  // raw: Authentication Data for the broker's AUTHs, in turn
  bool persistent = false;                // its Session State survives a crash of its machine
  bool reconnect = true;                  // come back by itself after a lost connection
  Duration reconnect_min = std::chrono::seconds(1);
  Duration reconnect_max = std::chrono::seconds(8);
  std::optional<WillPlan> will;
  Acknowledge acknowledge = Acknowledge::automatic;
  Source source;
  bool operator==(const ClientPlan&) const = default;
};

// --- What clients do -------------------------------------------------------------------------------------

struct DoConnect {  // absent: as the client's plan says
  std::optional<bool> clean_start;
  std::optional<std::chrono::seconds> session_expiry;
  std::optional<std::uint16_t> receive_maximum;
  std::optional<std::string> user_name{};
  std::optional<std::string> password{};
  wire::Properties properties{};  // beside the client's
  bool with_will = true;          // false: this time without the client's will
  std::string bytes{};            // raw: these are sent instead of CONNECT; empty: CONNECT is
  bool operator==(const DoConnect&) const = default;
};
struct DoDisconnect {
  int reason_code = 0;  // 5.0
  std::optional<std::chrono::seconds> session_expiry;
  wire::Properties properties{};
  bool operator==(const DoDisconnect&) const = default;
};
struct DoSubscribe {
  struct Filter {
    std::string filter;
    int qos = 0;
    bool no_local = false;
    bool retain_as_published = false;
    int retain_handling = 0;
    bool operator==(const Filter&) const = default;
  };
  std::vector<Filter> filters;
  std::optional<std::uint32_t> subscription_identifier;
  wire::Properties properties{};
  bool operator==(const DoSubscribe&) const = default;
};
struct DoUnsubscribe {
  std::vector<std::string> filters;
  wire::Properties properties{};
  bool operator==(const DoUnsubscribe&) const = default;
};
struct DoPublish {
  std::string topic;  // empty: raw, with a Topic Alias among the properties
  int qos = 0;
  bool retain = false;
  std::string
      payload;  // with count > 1: followed by "-1", "-2", ...; empty in a generated plan: "CLIENT#N", unique
  bool empty_payload = false;  // really zero bytes (deletes a retained message)
  int count = 1;
  Duration gap{0};  // between two of them
  std::optional<std::chrono::seconds> expiry;
  std::size_t pad_to_bytes = 0;  // payload is filled up to this size
  wire::Properties properties{};
  bool operator==(const DoPublish&) const = default;
};
struct DoDrop {  // the client's network connection breaks without a DISCONNECT, seen by both sides
  bool operator==(const DoDrop&) const = default;
};
struct DoCrash {  // the client's machine dies, silently; it comes back after `restart_after` with nothing it
                  // had in memory (unless it is `persistent`)
  Duration restart_after{std::chrono::seconds(1)};
  bool for_good = false;  // it does not come back
  bool operator==(const DoCrash&) const = default;
};
struct DoAcknowledge {  // raw: change the policy, and send the acknowledgements held back (all, or the given
                        // ids)
  Acknowledge from_now = Acknowledge::automatic;
  bool release = true;
  std::vector<std::uint16_t> packet_ids;
  int reason_code = 0;  // 5.0: of each PUBACK and PUBREC from now on
  bool operator==(const DoAcknowledge&) const = default;
};
struct DoSend {  // raw: these bytes as they are, or this packet, whether it fits or not
  std::string bytes;
  std::optional<wire::Packet> packet{};
  bool operator==(const DoSend&) const = default;
};
struct DoWait {  // nobody does anything for a while
  Duration duration{0};
  bool operator==(const DoWait&) const = default;
};

// What a client must have received since the last expectation on it (or the start), as patterns over its
// packets.
struct PacketPattern {
  std::string type;  // "PUBLISH"
  // field -> text as the trace shows it: qos, dup, retain, id, topic, payload, reason, session-present,
  // expiry ...
  std::map<std::string, std::string> fields;
  Source source;
  bool operator==(const PacketPattern&) const = default;
};
struct Expect {
  enum class Mode : std::uint8_t {
    exactly,   // these and no other packets, in this order (PINGRESP never counts)
    in_order,  // these among others, in this order
    none,      // nothing of the sort
  } mode = Mode::in_order;
  std::vector<PacketPattern> packets;
  Duration within =
      std::chrono::seconds(30);  // how long to wait for them (and, for exactly and none, for more)
  bool operator==(const Expect&) const = default;
};
struct ExpectClosed {  // the client's connection is closed by the broker
  Duration within = std::chrono::seconds(30);
  bool operator==(const ExpectClosed&) const = default;
};

using Operation = std::variant<DoConnect, DoDisconnect, DoSubscribe, DoUnsubscribe, DoPublish, DoDrop,
                               DoCrash, DoAcknowledge, DoSend, DoWait, Expect, ExpectClosed>;

struct Step {
  int id = 0;  // 1, 2, ...; stable when other steps are removed
  // Begins at this time, whatever else goes on; absent: when the step before has ended.
  std::optional<Time> at;
  std::string client;  // empty for DoWait
  Operation operation;
  bool background = false;  // the next step does not wait for the end of this one
  bool may_fail = false;  // a step in its turn must succeed or the run fails; one `at` a time may always fail
  Source source;
  bool operator==(const Step&) const = default;
};

// --- What goes wrong -------------------------------------------------------------------------------------

enum class FaultKind : std::uint8_t {
  reset,         // RST on the client's connection, both sides learn it
  fin,           // FIN both ways
  vanish,        // half-open: the client's side is dead, the broker is not told
  stall,         // bytes wait for `duration`
  partition,     // nothing passes for `duration`; what is in flight is retransmitted after it
  swizzle,       // the clients are parted from the broker and joined again, one by one, within `duration`
  slow_reader,   // the client's application reads nothing for `duration`; its socket's buffer fills up
  slow,          // latency times `factor` for `duration`
  fragment,      // segments cut at random places for `duration`
  broker_crash,  // the node loses its memory and its un-synced writes; restarts after `duration`
  broker_kill,   // the broker's process ends at once; its machine closes the connections and keeps its disk
  broker_pause,  // the node does nothing for `duration`
  torn_commit,   // the node crashes at the `count`-th disk write from now; restarts after `duration`
  sync_failure,  // the next fsync fails; the node stops, and restarts after `duration`
  disk_full,     // the node's disk has no room left for `duration`
  clock_jump,    // the node's wall clock jumps by `jump`
  reload,        // no harm: what SIGHUP does; from now on there are these `users` and this `acl`
};

// Instead of a time: the n-th packet of a type that passes in a direction on a client's connection(s).
struct Aim {
  std::string client;       // whose; empty: the target's if it is a client, anybody's if it is the broker
  std::string packet_type;  // "PUBREC"
  bool client_sent = true;  // direction: sent by the client, or received by it
  int nth = 1;              // counted from when the fault is armed: the beginning, or the end of `after_step`
  int after_bytes = 0;      // act after this many bytes of the packet have passed; 0: before the first
  bool whole = false;       // act after its last byte
  bool operator==(const Aim&) const = default;
};

// Of a stall or partition: what does not come through.
enum class Path : std::uint8_t { both, to_broker, to_client };

struct Fault {
  int id = 0;
  FaultKind kind = FaultKind::reset;
  std::string target;             // a client's name, or "broker"
  std::optional<Time> at;         // acts at this time; never together with the next two
  std::optional<Aim> aim;         // acts when this happens, once armed
  std::optional<int> after_step;  // acts, or is armed, when this step has ended; 0: before the first one
  Duration duration{std::chrono::seconds(1)};
  Duration jump{0};
  int factor = 10;
  int count = 1;
  Path path = Path::both;
  // Of broker_crash and broker_kill: keys of the broker that have another value from the restart on.
  std::map<std::string, std::string> config{};
  std::map<std::string, std::string> users{};     // of reload, as in BrokerPlan
  std::optional<std::vector<std::string>> acl{};  // the same
  Source source;
  bool operator==(const Fault&) const = default;
};

// The broker's keys that a plan may set; names and units of broker/core/config.h.
struct BrokerPlan {
  std::map<std::string, std::string> config;
  std::map<std::string, std::string> users;     // their passwords, as they are; none: there is no users file
  std::optional<std::vector<std::string>> acl;  // lines of an ACL file; absent: there is none
  std::uint32_t message_rate_max = 0;  // of its listener: PUBLISH per second and connection; 0: no limit
  std::vector<std::string> mutants;
  std::int64_t clock_drift_ppm = 0;  // its clocks run fast by so many parts in a million; negative: slow
  Source source;
  bool operator==(const BrokerPlan&) const = default;
};

// Which of the guests that can run does run: the threads of Paho's clients.
enum class Schedule : std::uint8_t {
  random,  // any, equally likely; pre-empted and stalled now and then
  pct,     // probabilistic concurrency testing (Burckhardt et al., 2010): priorities drawn at birth, the
           // highest runs; a few times per run the running one falls behind all others
  calm,    // whoever has waited longest, until it waits for something: as few switches as can be
};

struct Plan {
  std::string name;  // of the scenario, or "seed 42"
  std::string about;
  std::vector<std::string> statements;  // "MQTT5-4.4.0-1"
  std::uint64_t seed = 1;  // of the schedule, the network and everything else drawn during the run
  Schedule schedule = Schedule::random;
  BrokerPlan broker;
  std::size_t socket_buffer_bytes = 64 * 1024;  // of every socket, for sending and for receiving
  std::vector<ClientPlan> clients;
  std::vector<Step> steps;
  std::vector<Fault> faults;
  Time heal_at{0};                             // faults end, connections may recover; 0: after the last step
  Duration settle{std::chrono::seconds(120)};  // time allowed after that for everything obliged to arrive
  Source clients_source, settle_source;        // of these keys
  bool operator==(const Plan&) const = default;
};

}  // namespace mqttvet::sim
