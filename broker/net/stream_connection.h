// What every kind of connection does alike: when it reads, when it is gone, and what it reports.
//
//   start --> reading <--> resting (gate shut, or held)
//                |
//        close gracefully: our stream ends; what still comes is forgotten
//                |
//        the peer's stream ends, an error, or close at once: shut
//                |
//        the last operation in progress has ended: closed() is reported
//
// A kind carries out single operations and reports the end of each.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/system/error_code.hpp>

#include "broker/net/admission.h"
#include "broker/net/connection.h"

namespace mqttvet::net {

// What a connection stands in. The references must outlive it.
struct Surroundings {
  boost::asio::io_context& io;
  ConnectionEvents& events;
  ReadGate& gate;
  Place place;  // among the connections of its listener
};

class StreamConnection : public Connection, public std::enable_shared_from_this<StreamConnection> {
 public:
  explicit StreamConnection(Surroundings surroundings);

  void handshake(std::function<void(Handshake)> done) override { done({}); }
  void abandon() override { abort(); }
  void start(core::ConnectionId id) final;
  void write(std::span<const codec::BytesView> views) final;
  void close(driver::CloseHow how) final;
  void hold_reads(bool hold) final;
  void resume_reading() final;

 protected:
  using error_code = boost::system::error_code;
  using Views = std::span<const codec::BytesView>;

  // --- The operations of a kind: each ends with one call of the function beside it, never from within ---
  virtual void begin_read(std::size_t bytes_max) = 0;  // handle_read; what was read counts only during it
  virtual void begin_write(Views from) = 0;            // handle_written; some of it, or nothing, may do
  // handle_stream_ended, also from within. The peer is told that nothing more comes; reading goes on.
  virtual void begin_end_of_stream() = 0;
  // Ends what is in progress, with an error; never reports from within.
  virtual void abort() = 0;

  void handle_read(error_code error, codec::BytesView bytes);
  void handle_written(error_code error, std::size_t bytes);
  void handle_stream_ended();

  // For handlers: keeps this alive, as what it is.
  template <class Kind>
  std::shared_ptr<Kind> self() {
    return std::static_pointer_cast<Kind>(shared_from_this());
  }
  boost::asio::io_context& io() { return surroundings_.io; }

 private:
  void read();
  void shut();
  void report_closed_when_idle();

  Surroundings surroundings_;
  static constexpr std::size_t kReadBytesMin = 1024;
  core::ConnectionId id_{};
  std::size_t read_bytes_ =
      kReadBytesMin;  // at once: little, so that a limit of messages holds, unless much comes
  bool reading_ = false;
  bool writing_ = false;
  bool ending_ = false;     // our stream is about to end
  bool holding_ = false;    // reading rests
  bool throttled_ = false;  // it has rested once
  bool waiting_ = false;    // at the gate
  bool finishing_ = false;  // our stream has ended, or is about to; what still comes is forgotten
  bool shut_ = false;       // aborted
  bool reported_ = false;
};

}  // namespace mqttvet::net
