// The end of a run, after its verdict's evidence is in: every client goes, every session is ended, every
// retained message is cleared. Then a broker that forgets nothing it should forget holds nothing at all.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/run/stage.h"

namespace mqttvet::sim {

class Teardown {
 public:
  // Users and rules are gone; the rest is done as any client could: a sweeper of its own connects with each
  // client identifier of the run and Clean Start, goes with a DISCONNECT, and publishes an empty retained
  // message to each topic of the run. `over` is called once, from an event, when all of that is done.
  Teardown(Stage& stage, std::function<void()> over);
  Teardown(const Teardown&) = delete;
  Teardown& operator=(const Teardown&) = delete;

  void begin();

  // What the broker still holds, "2 subscriptions", ...; empty: it is back at its base line. Once it is over.
  std::vector<std::string> left_over() const;

 private:
  // A client identifier of the run, and how its owner says who it is.
  struct Identity {
    std::string client_id;
    std::optional<std::string> user_name;
    std::optional<std::string> password;
    auto operator<=>(const Identity&) const = default;
  };

  void look_at_buffers();
  void look_at_history();
  void send_clients_away();
  void switch_clients_off();
  void end_sessions();
  void clear_retained();
  void finish();
  // Calls `then` when as many operations have ended, or after a while in any case.
  std::function<void(Outcome)> expect(std::size_t operations, std::function<void()> then);
  Client& sweeper(const Identity& identity);

  Stage& stage_;
  std::function<void()> over_;
  std::set<Identity> identities_;
  std::set<std::string> topics_;  // of PUBLISHes and wills
  std::vector<std::unique_ptr<Client>> sweepers_;
  std::string buffers_;  // what is wrong with those for receiving; empty: nothing
};

}  // namespace mqttvet::sim
