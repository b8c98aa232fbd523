// A Paho client of a plan: a machine on the network, on which a guest runs an ordinary Paho program
// (paho_app.h) and does with it, one after the other, what perform() asks for.
//
//   host mode                     guest mode: main thread of the program          the library's own threads
//   perform(operation) --Mailbox--> app.publish(...)  waits for its token  <------  acknowledgement
//   done(outcome)      <--event---  returns
//   on_arrival         <--event-----------------------------------------------------  message_arrived()
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "sim/guest/scheduler.h"
#include "sim/plan/client.h"

namespace mqttvet::sim {

// A client for plan.driver paho_cpp or paho_c, on the network's host plan.name (which must exist). It
// connects to `broker_host`:`port`. All clients of one process share one copy of the libraries, and so its
// two threads.
//
// DoDrop cuts the host's connections. DoCrash ends the life of the program at once: its connections vanish,
// operations under way or waiting end with "crashed", and what it had in memory is lost; after
// `restart_after` a new life begins, which connects again by itself if the last one was told to.
// DoAcknowledge and DoSend end with an explanation.
std::unique_ptr<Client> make_paho_client(World& world, Network& network, Scheduler& scheduler,
                                         const ClientPlan& plan, const std::string& broker_host,
                                         std::uint16_t port, std::function<void(const Arrival&)> on_arrival);

}  // namespace mqttvet::sim
