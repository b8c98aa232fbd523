// One client's byte stream, whatever carries it: TCP, TLS, WebSocket, WebSocket over TLS.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "broker/core/seam.h"
#include "broker/driver/world.h"
#include "broker/driver/write_queue.h"

namespace mqttvet::net {

// What connections report, on the thread of the io_context and never from within a call of theirs.
class ConnectionEvents {
 public:
  virtual void received(core::ConnectionId id, codec::BytesView bytes) = 0;
  virtual void wrote(core::ConnectionId id, std::size_t bytes) = 0;
  virtual void closed(core::ConnectionId id) = 0;  // exactly once, and last

 protected:
  ~ConnectionEvents() = default;
};

// How the handshakes of TLS and WebSocket have ended.
struct Handshake {
  std::optional<std::string> error;             // one line, for the log
  std::optional<std::string> certificate_name;  // the common name of the client's verified certificate
};

class Connection {
 public:
  virtual ~Connection() = default;

  // Makes the stream ready, and reports once, perhaps from within. The stream is of use if there was no
  // error.
  virtual void handshake(std::function<void(Handshake)> done) = 0;
  // Ends a handshake in progress: it reports an error.
  virtual void abandon() = 0;

  // Begins to read, and to report under this id. REQUIRES: the handshake has succeeded.
  virtual void start(core::ConnectionId id) = 0;
  // What one write() should hold.
  virtual driver::Gather gather() const { return driver::Gather::many; }
  // Writes some or all of it and reports wrote(). One at a time.
  virtual void write(std::span<const codec::BytesView> views) = 0;
  virtual void close(driver::CloseHow how) = 0;
  // Whether reading rests, unless it is closing.
  virtual void hold_reads(bool hold) = 0;
  // Reads on after it waited at the gate.
  virtual void resume_reading() = 0;
};
using ConnectionPtr = std::shared_ptr<Connection>;

// Where connections wait before they read while the store has fallen behind. One that is closing does not: it
// has to see the end of its peer's stream.
class ReadGate {
 public:
  bool shut() const { return shut_; }
  void wait(ConnectionPtr connection) { waiting_.push_back(std::move(connection)); }

  void set_shut(bool shut) {
    shut_ = shut;
    if (shut) return;
    for (const ConnectionPtr& connection : std::exchange(waiting_, {})) connection->resume_reading();
  }

 private:
  bool shut_ = false;
  std::vector<ConnectionPtr> waiting_;
};

}  // namespace mqttvet::net
