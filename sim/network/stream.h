// One direction of a connection: TCP's half of the work. Internal to this folder.
//
//            acked_          delivered_        next_          written_
//    ----------+------------------+--------------+---------------+
//    forgotten | acknowledgement  | in flight    | waits for the | room
//              | on its way       | (segments_)  | window        |
//              +------------------ buffer_ ----------------------+
//                                        window_edge_ >= next_
//
// Segments travel one by one and are handed over in order. One whose path is blocked when it arrives is lost
// and sent again after the retransmission timeout; one that meets a stall is held until its end.
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>

#include "sim/network/byte_queue.h"
#include "sim/network/fabric.h"

namespace mqttvet::sim {

class Stream {
 public:
  Stream(Connection& connection, bool to_server, std::size_t receive_buffer_bytes);

  // --- The sender's calls ---
  std::size_t room() const;
  void write(std::string_view bytes);  // at most room()
  void finish();                       // FIN behind what was written
  // The sender is gone: what flies goes on flying, nothing is sent (again).
  void abandon();
  void send_reset();  // RST behind what flies; after abandon()
  // --- The receiver's ---
  void window_changed();  // the application has read
  // --- Faults ---
  void stop();                                       // nothing of it goes any further
  void sever(std::uint64_t offset);                  // FIN at this offset; data behind it is answered by RST
  void hold_from(std::uint64_t offset, Time until);  // these bytes wait
  void release();                                    // what is held goes on at once

  std::uint64_t next_offset() const { return next_; }
  std::uint64_t written_offset() const { return written_; }
  std::uint64_t delivered_offset() const { return delivered_; }
  std::size_t buffered_bytes() const { return buffer_.size(); }
  std::size_t segment_count() const { return segments_.size(); }
  bool is_finished() const { return finishing_; }
  bool end_acknowledged() const { return end_acked_; }
  Time progress_at() const { return progress_at_; }

 private:
  struct Segment {
    enum class Kind : std::uint8_t { data, fin, rst } kind = Kind::data;
    enum class Where : std::uint8_t { flying, held, lost, arrived } where = Where::flying;
    std::uint64_t serial = 0;
    std::uint64_t offset = 0;
    std::size_t length = 0;
    World::EventId event = World::EventId::none;
  };

  void launch();
  void add(Segment::Kind kind, std::size_t length);
  void fly(Segment& segment);
  void arrive(std::uint64_t serial);
  void lose(Segment& segment);
  void arm_retry(Time at);
  void retry();
  void deliver();
  bool deliver_front();
  void acknowledge();
  void acknowledgement_arrives();
  Segment* find(std::uint64_t serial);
  void erase(const Segment& segment);
  std::uint64_t window() const;  // the edge the receiver could offer now

  Connection& connection_;
  Fabric& fabric_;
  const bool to_server_;
  ByteQueue buffer_;
  std::deque<Segment> segments_;  // not yet delivered, in the order of the stream
  std::uint64_t next_serial_ = 1;
  std::uint64_t acked_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t next_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t window_edge_;
  bool finishing_ = false;
  bool fin_sent_ = false;
  bool end_delivered_ = false;
  bool end_acked_ = false;
  bool abandoned_ = false;  // the sender is gone
  bool stopped_ = false;    // everything is over: no more events

  // What the acknowledgement on its way says. At most one is on its way; a later one follows it.
  World::EventId acknowledgement_ = World::EventId::none;
  bool acknowledge_again_ = false;
  bool acknowledgement_held_ = false;
  std::uint64_t told_acked_ = 0;
  std::uint64_t told_edge_;
  bool told_end_ = false;

  World::EventId retry_ = World::EventId::none;
  Time retry_at_{0};
  Duration retransmission_timeout_;
  Time progress_at_{0};  // the last time an acknowledgement moved, or something was sent into the void

  std::uint64_t severed_from_ = UINT64_MAX;
  std::uint64_t held_from_ = UINT64_MAX;
  Time held_until_{0};
};

}  // namespace mqttvet::sim
