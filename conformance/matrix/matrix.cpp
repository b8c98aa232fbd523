// The matrix: every exchange of QoS 1 and 2 in either direction, cut at every place, times every way to come
// back. 4.4 says what is sent again, 4.1 and 3.1.2.4 when there is nothing to go on with.
#include "conformance/matrix/matrix.h"

namespace mqttvet::conformance {
namespace {

constexpr std::chrono::seconds kShortest(1);
constexpr std::chrono::seconds kMuchLater(10);

constexpr Resume kResumes[] = {Resume::at_once,         Resume::after_fin,       Resume::takeover,
                               Resume::second_cut,      Resume::clean_start,     Resume::session_not_kept,
                               Resume::session_expired, Resume::message_expired, Resume::receive_maximum_1,
                               Resume::unsubscribed,    Resume::qos_0_subscribed};

bool only_outbound(Resume resume) {
  return resume == Resume::message_expired || resume == Resume::receive_maximum_1 ||
         resume == Resume::unsubscribed || resume == Resume::qos_0_subscribed;
}

bool only_v5(Resume resume) {
  return resume == Resume::message_expired || resume == Resume::receive_maximum_1 ||
         resume == Resume::session_expired;
}

// The statement that the resume is about, in both numberings.
std::vector<std::string> statements_of(const MatrixCase& what) {
  switch (what.resume) {
    case Resume::clean_start:
      return {"MQTT5-3.1.2-4", "MQTT311-3.1.2-6"};
    case Resume::session_not_kept:
      return {"MQTT5-4.1.0-2", "MQTT311-3.1.2-6"};
    case Resume::session_expired:
      return {"MQTT5-4.1.0-2"};
    case Resume::message_expired:
      return {what.exchange.qos == 2 ? "MQTT5-4.3.3-7" : "MQTT5-3.3.2-5"};
    case Resume::receive_maximum_1:
      return {"MQTT5-3.3.4-9"};
    case Resume::unsubscribed:
      return {"MQTT5-3.10.4-3", "MQTT311-3.10.4-3"};
    default:
      break;
  }
  if (what.exchange.sender == Side::server) {
    if (what.exchange.qos == 1)
      return {"MQTT5-4.4.0-1", "MQTT311-4.4.0-1", "MQTT5-4.3.2-3", "MQTT311-4.3.2-1"};
    return {"MQTT5-4.4.0-1", "MQTT311-4.4.0-1", "MQTT5-4.3.3-3", "MQTT5-4.3.3-6", "MQTT311-4.3.3-1"};
  }
  if (what.exchange.qos == 1) return {"MQTT5-4.3.2-4", "MQTT311-4.3.2-2"};
  return {"MQTT5-4.3.3-10", "MQTT5-4.3.3-11", "MQTT311-4.3.3-2"};
}

void add(const MatrixCase& what) {
  std::vector<std::string> statements = statements_of(what);
  const std::string name = statements.front() + "/matrix-" + what.exchange.name() + "-cut-" +
                           name_of(what.exchange, what.cut) + "-" + std::string(name_of(what.resume));
  statements.erase(statements.begin());
  std::vector<Capability> needs{what.exchange.qos == 1 ? Capability::qos_1 : Capability::qos_2,
                                Capability::persistent_session};
  // Two deliveries are under way when the window becomes one.
  if (what.resume == Resume::receive_maximum_1 && what.exchange.sender == Side::server)
    needs.push_back(Capability::several_in_flight);
  std::vector<std::string> tags{"matrix", "resume"};
  if (what.resume == Resume::session_expired || what.resume == Resume::message_expired)
    tags.push_back("timer");
  add_case(name,
           {.statements = std::move(statements),
            .versions = only_v5(what.resume) ? v5_0 : v3_1_1 | v5_0,
            .needs = std::move(needs),
            .tags = std::move(tags)},
           [what](Run& run) {
             what.exchange.sender == Side::server ? run_outbound(run, what) : run_inbound(run, what);
           });
}

// A session that should be gone is allowed to live on for a while: nobody says how soon a server looks.
void expect_expired(Run& run, Client& client, bool session_present) {
  if (!session_present) return;
  client.cut();
  run.sleep(kMuchLater);
  check(!client.connect_persistent(kShortest).session_present, "Session Present 0 after the session expired");
  run.non_strict("the session outlives its Session Expiry Interval by some seconds");
}

}  // namespace

CASES {
  for (const Side sender : {Side::server, Side::client}) {
    for (const std::uint8_t qos : {1, 2}) {
      const Exchange exchange{sender, qos};
      for (const Cut& cut : cuts_of(exchange)) {
        for (const Resume resume : kResumes) {
          if (sender == Side::server || !only_outbound(resume)) add({exchange, cut, resume});
        }
      }
    }
  }
}

std::string_view name_of(Resume resume) {
  switch (resume) {
    case Resume::at_once:
      return "resume";
    case Resume::after_fin:
      return "resume-after-fin";
    case Resume::takeover:
      return "resume-by-takeover";
    case Resume::second_cut:
      return "resume-second-cut";
    case Resume::clean_start:
      return "clean-start";
    case Resume::session_not_kept:
      return "session-not-kept";
    case Resume::session_expired:
      return "session-expired";
    case Resume::message_expired:
      return "resume-message-expired";
    case Resume::receive_maximum_1:
      return "resume-receive-maximum-1";
    case Resume::unsubscribed:
      return "resume-unsubscribed";
    case Resume::qos_0_subscribed:
      return "resume-qos-0-subscribed";
  }
  return "";
}

bool keeps_session(Resume resume) {
  return resume != Resume::clean_start && resume != Resume::session_not_kept &&
         resume != Resume::session_expired;
}

void connect_first(Client& client, Resume resume, Properties properties) {
  if (resume == Resume::session_not_kept)
    client.connect({.properties = std::move(properties)});
  else if (resume == Resume::session_expired)
    client.connect_persistent(kShortest, {.properties = std::move(properties)});
  else
    client.connect_persistent(std::chrono::seconds(600), {.properties = std::move(properties)});
}

bool cut_by_fault(const MatrixCase& what) {
  return what.exchange.side_at(what.cut.step) == Side::server && what.cut.extent != Extent::whole;
}

// The way the connection ends is the resume's: for a takeover it has to stay. Of two messages the second is
// cut, so that both have been sent for certain.
Fault fault_of(const MatrixCase& what) {
  const bool second = what.resume == Resume::receive_maximum_1 && what.cut.step == 0;
  return {.way = Fault::Way::to_client,
          .packet = what.exchange.packet_at(what.cut.step),
          .nth = second ? 2u : 1u,
          .extent = what.cut.extent,
          .what = what.resume == Resume::takeover    ? Fault::What::stall
                  : what.resume == Resume::after_fin ? Fault::What::finish
                                                     : Fault::What::reset};
}

void send_until_cut(Client& client, const Packet& packet, Extent extent) {
  if (extent == Extent::whole) return client.send(packet);
  client.send_first(bytes_of(extent, encode(packet, client.version()).size()), packet);
}

Client& come_back(Run& run, Client& client, const MatrixCase& what, Properties properties) {
  Client* back = &client;
  if (what.resume == Resume::takeover) {
    back = &run.client(client.name() + ", again");
    back->set_client_id(client.client_id());
  } else if (what.resume == Resume::after_fin) {
    client.close();
  } else {
    client.cut();
  }
  // Two seconds more than what shall have elapsed: whole seconds are counted by many.
  if (what.resume == Resume::session_expired || what.resume == Resume::message_expired)
    run.sleep(kShortest + 2s);
  Connect connect{.properties = std::move(properties)};
  if (what.resume == Resume::clean_start) {
    check(!back->connect(connect).session_present, "Session Present 0 after Clean Start 1");
  } else if (what.resume == Resume::session_expired) {
    expect_expired(run, *back, back->connect_persistent(kShortest, connect).session_present);
  } else {
    const bool present = back->connect_persistent(std::chrono::seconds(600), connect).session_present;
    check(present == keeps_session(what.resume),
          keeps_session(what.resume) ? "Session Present 1" : "Session Present 0: the session was not kept");
  }
  return *back;
}

void let_it_answer(Run& run) {
  run.sleep(std::min<Duration>(run.pace().quiet_for, 200ms));
}

}  // namespace mqttvet::conformance
