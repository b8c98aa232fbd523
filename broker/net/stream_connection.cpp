#include "broker/net/stream_connection.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace mqttvet::net {
namespace {

constexpr std::size_t kReadBytesMax = 64 * 1024;

}  // namespace

StreamConnection::StreamConnection(Surroundings surroundings) : surroundings_(std::move(surroundings)) {}

void StreamConnection::start(core::ConnectionId id) {
  id_ = id;
  read();
}

void StreamConnection::read() {
  if (reading_ || shut_ || (holding_ && !finishing_)) return;
  if (surroundings_.gate.shut() && !finishing_) {
    if (!std::exchange(waiting_, true)) surroundings_.gate.wait(shared_from_this());
    return;
  }
  reading_ = true;
  begin_read(read_bytes_);
}

void StreamConnection::handle_read(error_code error, codec::BytesView bytes) {
  reading_ = false;
  if (error) shut();
  if (!shut_ && !finishing_ && !bytes.empty()) surroundings_.events.received(id_, bytes);
  if (shut_) return report_closed_when_idle();
  if (throttled_)
    read_bytes_ = kReadBytesMin;
  else if (bytes.size() == read_bytes_ && read_bytes_ < kReadBytesMax)
    read_bytes_ *= 2;
  read();
}

void StreamConnection::write(std::span<const codec::BytesView> views) {
  writing_ = true;
  begin_write(views);
}

void StreamConnection::handle_written(error_code error, std::size_t bytes) {
  writing_ = false;
  if (error) shut();
  if (shut_) return report_closed_when_idle();
  surroundings_.events.wrote(id_, bytes);
}

void StreamConnection::close(driver::CloseHow how) {
  if (how == driver::CloseHow::gracefully && !shut_) {
    // To close a socket with unread bytes resets the connection, and may destroy what we have just written.
    finishing_ = true;
    ending_ = true;
    begin_end_of_stream();
    read();
    return;
  }
  shut();
  boost::asio::post(surroundings_.io, [self = shared_from_this()] { self->report_closed_when_idle(); });
}

void StreamConnection::handle_stream_ended() {
  ending_ = false;
  if (shut_) report_closed_when_idle();
}

// It sends faster than it may: what we take at once is little from then on.
void StreamConnection::hold_reads(bool hold) {
  holding_ = hold;
  throttled_ = true;
  if (!hold) read();
}

void StreamConnection::resume_reading() {
  waiting_ = false;
  read();
}

void StreamConnection::shut() {
  shut_ = true;
  abort();
}

void StreamConnection::report_closed_when_idle() {
  if (reading_ || writing_ || ending_ || reported_) return;
  reported_ = true;
  surroundings_.events.closed(id_);
}

}  // namespace mqttvet::net
