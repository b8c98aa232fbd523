#include "sim/network/stream.h"

#include <algorithm>

#include "sim/network/connection.h"

namespace mqttvet::sim {

Stream::Stream(Connection& connection, bool to_server, std::size_t receive_buffer_bytes)
    : connection_(connection),
      fabric_(connection.fabric()),
      to_server_(to_server),
      window_edge_(receive_buffer_bytes),
      told_edge_(receive_buffer_bytes),
      retransmission_timeout_(fabric_.timeouts.retransmission_min) {}

// --- The sender
// ------------------------------------------------------------------------------------------------------

std::size_t Stream::room() const {
  const std::size_t limit = connection_.conditions().send_buffer_bytes;
  return buffer_.size() < limit ? limit - buffer_.size() : 0;
}

void Stream::write(std::string_view bytes) {
  buffer_.append(bytes);
  written_ += bytes.size();
  launch();
}

void Stream::finish() {
  finishing_ = true;
  launch();
}

// Sends as much as the receiver's window allows.
void Stream::launch() {
  if (abandoned_) return;
  const LinkConditions& conditions = connection_.conditions();
  while (next_ < written_ && next_ < window_edge_) {
    std::size_t length = std::min<std::uint64_t>(std::min(written_, window_edge_) - next_,
                                                 std::max<std::size_t>(1, conditions.segment_bytes_max));
    if (conditions.fragment) length = 1 + connection_.sender(to_server_).random.below(length);
    add(Segment::Kind::data, length);
  }
  if (finishing_ && !fin_sent_ && next_ == written_) {
    fin_sent_ = true;
    add(Segment::Kind::fin, 0);
  }
}

void Stream::add(Segment::Kind kind, std::size_t length) {
  if (stopped_) return;
  if (segments_.empty() && acked_ == next_) progress_at_ = fabric_.world.now();
  segments_.push_back(Segment{.kind = kind, .serial = next_serial_++, .offset = next_, .length = length});
  next_ += length;
  fly(segments_.back());
}

void Stream::fly(Segment& segment) {
  segment.where = Segment::Where::flying;
  segment.event = fabric_.world.after(connection_.draw_latency(connection_.sender(to_server_)),
                                      [this, serial = segment.serial] { arrive(serial); });
}

void Stream::abandon() {
  abandoned_ = true;
  if (written_ > next_) buffer_.keep_front(next_ - acked_);
  written_ = next_;
  std::erase_if(segments_, [](const Segment& s) { return s.where == Segment::Where::lost; });
}

void Stream::send_reset() {
  add(Segment::Kind::rst, 0);
}

void Stream::stop() {
  abandoned_ = stopped_ = true;
  for (const Segment& segment : segments_) fabric_.world.cancel(segment.event);
  segments_.clear();
  buffer_.clear();
  fabric_.world.cancel(std::exchange(acknowledgement_, World::EventId::none));
  fabric_.world.cancel(std::exchange(retry_, World::EventId::none));
}

// --- On the way
// ------------------------------------------------------------------------------------------------------

void Stream::arrive(std::uint64_t serial) {
  Segment* segment = find(serial);
  segment->event = World::EventId::none;
  Time held_until = connection_.stalled_until(to_server_);
  if (segment->offset >= held_from_) held_until = std::max(held_until, held_until_);
  if (held_until > fabric_.world.now()) {
    segment->where = Segment::Where::held;
    connection_.note(connection_.receiver(to_server_), "held");
    return arm_retry(held_until);
  }
  if (connection_.is_lost(to_server_)) return lose(*segment);
  if (!connection_.is_established()) {
    connection_.establish();  // runs the application's accept, which may close the connection
    if (!(segment = find(serial))) return;
    if (!connection_.is_established()) return lose(*segment);
  }
  Side& to = connection_.receiver(to_server_);
  const bool is_data = segment->kind == Segment::Kind::data;
  if (to.kernel == Side::Kernel::forgotten ||
      (is_data && (to.is_closed_by_application || segment->offset >= severed_from_))) {
    const bool is_reset = segment->kind == Segment::Kind::rst;
    lose(*segment);
    if (!is_reset) connection_.answer_by_reset(to);
    return;
  }
  segment->where = Segment::Where::arrived;
  deliver();
}

// Sent again later, unless its sender is gone: then what follows it will never fit.
void Stream::lose(Segment& segment) {
  connection_.note(connection_.receiver(to_server_), "lost");
  if (abandoned_) {
    erase(segment);
    return deliver();
  }
  segment.where = Segment::Where::lost;
  arm_retry(fabric_.world.now() + retransmission_timeout_);
}

void Stream::arm_retry(Time at) {
  if (stopped_ || (retry_ != World::EventId::none && retry_at_ <= at)) return;
  fabric_.world.cancel(retry_);
  retry_at_ = at;
  retry_ = fabric_.world.schedule(at, [this] { retry(); });
}

void Stream::retry() {
  retry_ = World::EventId::none;
  const auto is_lost = [](const Segment& s) { return s.where == Segment::Where::lost; };
  if (std::any_of(segments_.begin(), segments_.end(), is_lost)) {
    if (fabric_.world.now() - progress_at_ >= fabric_.timeouts.user)
      return connection_.fail(connection_.sender(to_server_), Endpoint::Error::timed_out, "timed out");
    retransmission_timeout_ = std::min(2 * retransmission_timeout_, fabric_.timeouts.retransmission_max);
    connection_.note(connection_.sender(to_server_), "send again");
  }
  for (Segment& segment : segments_)
    if (segment.where == Segment::Where::lost || segment.where == Segment::Where::held) fly(segment);
}

// --- The receiver
// ----------------------------------------------------------------------------------------------------

void Stream::deliver() {
  const std::uint64_t before = delivered_;
  const bool end_before = end_delivered_;
  while (!segments_.empty() && segments_.front().where == Segment::Where::arrived && deliver_front()) {
  }
  if (delivered_ != before || end_delivered_ != end_before) acknowledge();
}

// Hands the first segment over. False: the stream stands still from here.
bool Stream::deliver_front() {
  Segment& front = segments_.front();
  Side& to = connection_.receiver(to_server_);
  if (front.kind == Segment::Kind::rst) {
    segments_.pop_front();
    connection_.fail(to, Endpoint::Error::reset, "reset");
    return false;
  }
  if (front.offset != delivered_) {  // something before it was lost for ever
    segments_.pop_front();
    return true;
  }
  if (front.kind == Segment::Kind::fin) {
    segments_.pop_front();
    end_delivered_ = true;
    connection_.receive_end(to);
    return true;
  }
  const std::string_view bytes = buffer_.view(front.offset - acked_, front.length);
  Network::Passage passage{.bytes_pass = bytes.size()};
  if (!to_server_) passage = connection_.ask_gate(false, bytes);
  const std::size_t passed = std::min(passage.bytes_pass, bytes.size());
  const bool whole = passed == bytes.size();
  if (whole) {
    segments_.pop_front();
  } else {  // the rest comes again, and is judged anew
    front.offset += passed;
    front.length -= passed;
    front.where = Segment::Where::held;
    arm_retry(fabric_.world.now() + passage.stall_for);
  }
  delivered_ += passed;
  if (passed > 0) connection_.receive(to, bytes.substr(0, passed));
  if (passage.then == Network::Passage::Then::nothing) return whole;
  connection_.passed(connection_.sender(to_server_), passage);
  return false;
}

std::uint64_t Stream::window() const {
  const std::size_t limit = connection_.conditions().receive_buffer_bytes;
  const std::size_t unread = connection_.receiver(to_server_).received.size();
  return delivered_ + (limit > unread ? limit - unread : 0);
}

// A small opening is not worth a segment (RFC 9293, 3.8.6.2.2: silly window syndrome).
void Stream::window_changed() {
  const LinkConditions& conditions = connection_.conditions();
  const std::size_t worth = std::min(conditions.receive_buffer_bytes / 2, 2 * conditions.segment_bytes_max);
  if (window() >= told_edge_ + std::max<std::size_t>(1, worth)) acknowledge();
}

void Stream::acknowledge() {
  if (stopped_ || connection_.receiver(to_server_).kernel != Side::Kernel::alive) return;
  if (acknowledgement_ != World::EventId::none) {
    acknowledge_again_ = true;
    return;
  }
  told_acked_ = delivered_;
  told_end_ = end_delivered_;
  told_edge_ = std::max(told_edge_, window());
  acknowledgement_ = fabric_.world.after(connection_.draw_latency(connection_.receiver(to_server_)),
                                         [this] { acknowledgement_arrives(); });
}

void Stream::acknowledgement_arrives() {
  acknowledgement_ = World::EventId::none;
  acknowledgement_held_ = false;
  World& world = fabric_.world;
  Side& from = connection_.sender(to_server_);
  if (from.kernel != Side::Kernel::alive) return;
  if (const Time until = connection_.stalled_until(!to_server_); until > world.now()) {
    acknowledgement_held_ = true;
    acknowledgement_ = world.schedule(until, [this] { acknowledgement_arrives(); });
    return;
  }
  if (connection_.is_lost(!to_server_)) {  // the sender repeats itself until an answer comes through
    if (world.now() - progress_at_ >= fabric_.timeouts.user)
      return connection_.fail(from, Endpoint::Error::timed_out, "timed out");
    acknowledgement_ = world.after(retransmission_timeout_, [this] { acknowledgement_arrives(); });
    retransmission_timeout_ = std::min(2 * retransmission_timeout_, fabric_.timeouts.retransmission_max);
    return;
  }
  connection_.note(from, "acknowledged");
  buffer_.drop_front(told_acked_ - acked_);
  acked_ = told_acked_;
  end_acked_ = told_end_;
  window_edge_ = std::max(window_edge_, told_edge_);
  progress_at_ = world.now();
  retransmission_timeout_ = fabric_.timeouts.retransmission_min;
  launch();
  if (std::exchange(acknowledge_again_, false)) acknowledge();
  connection_.acknowledged(from);
}

// --- Faults
// ----------------------------------------------------------------------------------------------------------

void Stream::sever(std::uint64_t offset) {
  for (const Segment& segment : segments_)
    if (segment.offset >= offset) fabric_.world.cancel(segment.event);
  std::erase_if(segments_, [offset](const Segment& s) { return s.offset >= offset; });
  buffer_.keep_front(offset - acked_);
  next_ = written_ = severed_from_ = offset;
  fin_sent_ = true;
  add(Segment::Kind::fin, 0);
}

void Stream::hold_from(std::uint64_t offset, Time until) {
  held_from_ = offset;
  held_until_ = until;
}

void Stream::release() {
  held_until_ = Time{0};
  const auto is_held = [](const Segment& s) { return s.where == Segment::Where::held; };
  if (std::any_of(segments_.begin(), segments_.end(), is_held)) arm_retry(fabric_.world.now());
  if (acknowledgement_held_) {
    fabric_.world.cancel(acknowledgement_);
    acknowledgement_ = fabric_.world.after(Duration{0}, [this] { acknowledgement_arrives(); });
  }
}

Stream::Segment* Stream::find(std::uint64_t serial) {
  const auto found =
      std::lower_bound(segments_.begin(), segments_.end(), serial,
                       [](const Segment& s, std::uint64_t wanted) { return s.serial < wanted; });
  return found != segments_.end() && found->serial == serial ? &*found : nullptr;
}

void Stream::erase(const Segment& segment) {
  std::erase_if(segments_, [serial = segment.serial](const Segment& s) { return s.serial == serial; });
}

}  // namespace mqttvet::sim
