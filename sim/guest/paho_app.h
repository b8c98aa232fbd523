// An application of a Paho library, as its users write one: it blocks until what it asked for is done, and
// gets messages by callback. Everything in it runs in guest mode. One object is one life of the program: a
// crash makes a new one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/plan/client.h"
#include "sim/plan/plan.h"

namespace mqttvet::sim {

// What the program tells the outside; called in guest mode, by whatever thread of the library.
struct PahoEvents {
  std::function<void(Arrival)> message_arrived;
  std::function<void(bool)> connected;
};

class PahoApp {
 public:
  // The longest that an operation waits for its end; then it reports "timeout".
  static constexpr std::chrono::seconds kOperationMax{60};

  virtual ~PahoApp() = default;
  virtual Outcome connect(const DoConnect& operation) = 0;
  virtual Outcome disconnect(const DoDisconnect& operation) = 0;
  virtual Outcome subscribe(const DoSubscribe& operation) = 0;
  virtual Outcome unsubscribe(const DoUnsubscribe& operation) = 0;
  // Publishes all `payloads` in a row, with the operation's gap between them, and then waits for each.
  virtual Outcome publish(const DoPublish& operation, const std::vector<std::string>& payloads) = 0;
};

std::unique_ptr<PahoApp> make_paho_cpp_app(const ClientPlan& plan, const std::string& server_uri,
                                           PahoEvents events);
std::unique_ptr<PahoApp> make_paho_c_app(const ClientPlan& plan, const std::string& server_uri,
                                         PahoEvents events);

}  // namespace mqttvet::sim
