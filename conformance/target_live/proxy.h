// Stands between one client and a live target and lets a fault happen on the way.
//
//   client  --TCP, 127.0.0.1-->  proxy  --the target's own transport-->  target
//
// The client's side is plain TCP whatever the target speaks, so that packets can be told apart. For a real
// client as well as for a case's.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string>

#include "conformance/harness/fault.h"
#include "conformance/target_live/transport.h"

namespace mqttvet::conformance {

// For one connection. Its pending operations own it; it ends with the connection, or with its io_context.
class Proxy : public std::enable_shared_from_this<Proxy> {
 public:
  // `to_target`: not yet open. REQUIRES: one thread runs the context.
  Proxy(asio::io_context& context, std::unique_ptr<Transport> to_target, const Fault& fault);

  // Takes one connection, and goes on from there to the target.
  void begin(const Endpoints& target);
  // Where the client has to connect to.
  asio::ip::tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }
  bool fault_struck() const { return struck_; }

 private:
  // One way through the proxy: what is read from one side is written to the other, with the fault between.
  struct Way {
    Fault::Way name;
    Transport* from = nullptr;
    Transport* to = nullptr;
    std::string waiting{};  // read, and not yet passed on
    bool slow = false;      // in pieces from now on
    bool ended = false;     // the end of the stream was passed on
  };

  void open_target(const Endpoints& target);
  void read(Way& way);
  void pass_on(Way& way);
  void write(Way& way, std::size_t bytes, std::function<void()> then);
  void strike(Way& way);
  void after(std::chrono::nanoseconds duration, std::function<void()> then);
  void finish(Way& way);
  void reset();

  asio::ip::tcp::acceptor acceptor_;
  asio::steady_timer timer_;
  std::unique_ptr<Transport> to_client_;
  std::unique_ptr<Transport> to_target_;
  FaultTrigger trigger_;
  Way ways_[2];
  bool struck_ = false;  // and what may pass has passed
  bool over_ = false;
};

}  // namespace mqttvet::conformance
