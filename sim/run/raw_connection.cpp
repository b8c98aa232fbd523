#include "sim/run/raw_connection.h"

namespace mqttvet::sim {
namespace {

std::string text_of(Endpoint::Error error) {
  switch (error) {
    case Endpoint::Error::none:
      return "closed by the broker";
    case Endpoint::Error::refused:
      return "connection refused";
    case Endpoint::Error::unreachable:
      return "host unreachable";
    case Endpoint::Error::reset:
      return "connection reset";
    case Endpoint::Error::timed_out:
      return "connection timed out";
  }
  return "";
}

}  // namespace

RawConnection::RawConnection(EndpointPtr endpoint, wire::Version version, Events events)
    : endpoint_(std::move(endpoint)),
      version_(version),
      events_(std::move(events)),
      reader_(wire::Direction::server_to_client, version) {
  endpoint_->on_change([this] { changed(); });
}

void RawConnection::send_bytes(std::string_view bytes) {
  unwritten_ += bytes;
  write();
}

void RawConnection::close() {
  *alive_ = false;
  if (endpoint_) std::exchange(endpoint_, nullptr)->close();
}

void RawConnection::changed() {
  const auto alive = alive_;
  if (!open_ && endpoint_->state() == Endpoint::State::open) {
    open_ = true;
    events_.opened();
    if (!*alive) return;
  }
  if (!read_packets()) return;
  if (endpoint_->error() != Endpoint::Error::none || endpoint_->at_end())
    return lose(text_of(endpoint_->error()));
  write();
}

bool RawConnection::read_packets() {
  const auto alive = alive_;
  char buffer[4096];
  while (const std::size_t count = endpoint_->read(buffer, sizeof buffer)) {
    reader_.feed({buffer, count});
    while (true) {
      auto next = reader_.next();
      if (auto* arrival = std::get_if<wire::Arrival>(&next)) {
        events_.packet(std::move(arrival->packet));
        if (!*alive) return false;
      } else if (auto* malformed = std::get_if<wire::Malformed>(&next)) {
        lose("malformed packet: " + malformed->text);
        return false;
      } else {
        break;
      }
    }
  }
  return true;
}

void RawConnection::write() {
  if (endpoint_ && !unwritten_.empty()) unwritten_.erase(0, endpoint_->write(unwritten_));
}

void RawConnection::lose(std::string text) {
  const auto lost = events_.lost;
  close();
  lost(std::move(text));
}

}  // namespace mqttvet::sim
