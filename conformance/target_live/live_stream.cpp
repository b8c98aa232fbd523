#include "conformance/target_live/live_stream.h"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/websocket/error.hpp>

namespace mqttvet::conformance {
namespace {

std::pair<Ending, std::string> explain(error_code error, bool was_open) {
  namespace websocket = boost::beast::websocket;
  if (error == asio::error::connection_refused) return {Ending::refused, "connection refused"};
  if (error == asio::error::connection_reset || error == asio::error::broken_pipe)
    return {Ending::reset, "connection reset by the target"};
  if (error == asio::error::timed_out) return {Ending::timed_out, "connection timed out"};
  const bool finished = error == asio::error::eof || error == asio::ssl::error::stream_truncated ||
                        error == websocket::error::closed;
  if (finished && was_open) return {Ending::finished, "the target closes the connection"};
  return {was_open ? Ending::reset : Ending::failed, error.message()};
}

}  // namespace

void LiveStream::begin(const Endpoints& endpoints) {
  transport_->open(endpoints, [self = shared_from_this()](error_code error) {
    if (error) return self->end(error);
    self->open_ = true;
    if (self->events_) self->events_->opened(self->now());
    self->read();
    self->write();
  });
}

void LiveStream::send(Framing framing, std::string_view bytes) {
  unsent_.push_back({framing, std::string(bytes)});
  write();
}

void LiveStream::finish() {
  finishing_ = true;
  write();
}

void LiveStream::close() {
  events_ = nullptr;
  holding_ = false;
  read();  // to the end: closing with something unread would reset what is still on its way
  finish();
}

void LiveStream::abort() {
  events_ = nullptr;
  over_ = true;
  error_code ignored;
  transport_->socket().set_option(asio::socket_base::linger(true, 0), ignored);
  transport_->socket().close(ignored);
}

void LiveStream::hold_reading(bool hold) {
  holding_ = hold;
  read();
}

void LiveStream::read() {
  if (!open_ || over_ || reading_ || holding_) return;
  reading_ = true;
  transport_->read_some(asio::buffer(buffer_),
                        [self = shared_from_this()](error_code error, std::size_t bytes) {
                          self->reading_ = false;
                          if (self->over_) return;
                          if (bytes > 0 && self->events_)
                            self->events_->received(self->now(), {self->buffer_.data(), bytes});
                          if (error) return self->end(error);
                          self->read();
                        });
}

void LiveStream::write() {
  if (!open_ || over_ || writing_) return;
  if (unsent_.empty() && !finishing_) return;
  writing_ = true;  // for ever, once it has finished
  if (unsent_.empty()) return transport_->finish([self = shared_from_this()](error_code) {});
  // A failed write says less than the read that fails too, behind what was still received.
  transport_->write(unsent_.front().framing, asio::buffer(unsent_.front().bytes),
                    [self = shared_from_this()](error_code error) {
                      self->writing_ = false;
                      self->unsent_.pop_front();
                      if (!error) self->write();
                    });
}

void LiveStream::end(error_code error) {
  if (over_) return;
  over_ = true;
  error_code ignored;
  const auto [how, text] = explain(error, open_);
  transport_->socket().close(ignored);
  if (ChannelEvents* events = std::exchange(events_, nullptr)) events->ended(now(), how, text);
}

}  // namespace mqttvet::conformance
