// The client sends, the target receives: the client takes up its exchange, and whoever has subscribed gets
// the message exactly once (QoS 2), or at least once (QoS 1).
#include <algorithm>
#include <map>

#include "conformance/matrix/matrix.h"

namespace mqttvet::conformance {
namespace {

constexpr std::uint16_t kPacketId = 9;

class Inbound {
 public:
  Inbound(Run& run, const MatrixCase& what)
      : run_(run),
        what_(what),
        topic_(run.topic("t")),
        publisher_(&run.client("publisher")),
        subscriber_(run.client("subscriber")) {}

  void play() {
    subscriber_.connect();
    subscriber_.subscribe(topic_, what_.exchange.qos);
    if (cut_by_fault(what_)) publisher_->arrange(fault_of(what_));
    connect_first(*publisher_, what_.resume);
    play_until_cut();
    publisher_ = &come_back(run_, *publisher_, what_);
    if (!keeps_session(what_.resume)) {
      begin_anew();
    } else {
      if (what_.resume == Resume::second_cut) cut_again();
      take_up();
    }
    judge();
  }

 private:
  Publish first() const {
    return {.qos = what_.exchange.qos, .topic = topic_, .packet_id = kPacketId, .payload = "first"};
  }

  Packet packet_at(std::size_t step, bool again) const {
    if (step == 2) return Pubrel{.packet_id = kPacketId};
    Publish publish = first();
    publish.dup = again;
    return publish;
  }

  void play_until_cut() {
    for (std::size_t step = 0; step <= what_.cut.step; ++step) {
      const bool last = step == what_.cut.step;
      if (what_.exchange.side_at(step) == Side::client)
        send(packet_at(step, false), last ? what_.cut.extent : Extent::whole);
      else if (last && cut_by_fault(what_))
        publisher_->expect_fault();
      else
        expect_answer(step);
    }
  }

  void send(const Packet& packet, Extent extent) {
    if (extent == Extent::whole && std::holds_alternative<Publish>(packet)) ++whole_publishes_;
    send_until_cut(*publisher_, packet, extent);
  }

  void expect_answer(std::size_t step) {
    if (step == 3) {
      const Pubcomp pubcomp = publisher_->expect<Pubcomp>();
      check_equal(pubcomp.packet_id, kPacketId, "packet identifier of PUBCOMP");
    } else if (what_.exchange.qos == 2) {
      accept(publisher_->expect<Pubrec>(), "packet identifier of PUBREC");
    } else {
      accept(publisher_->expect<Puback>(), "packet identifier of PUBACK");
    }
  }

  template <typename Answer>
  void accept(const Answer& answer, std::string_view what) {
    check_equal(answer.packet_id, kPacketId, what);
    if (answer.reason_code >= 0x80) run_.inconclusive("the target refuses the PUBLISH");
  }

  std::size_t resumed_step() const {
    return what_.exchange.resumed_at(client_progress(what_.exchange, what_.cut));
  }

  // Sees the exchange through, from where the client knows it to be.
  void take_up() {
    for (std::size_t step = resumed_step(); step < what_.exchange.step_count(); ++step) {
      if (what_.exchange.side_at(step) == Side::client)
        send(packet_at(step, true), Extent::whole);
      else
        expect_answer(step);
    }
  }

  // The client sends again what it has to, and the connection is gone before any answer.
  void cut_again() {
    if (const std::size_t step = resumed_step(); step < what_.exchange.step_count())
      send(packet_at(step, true), Extent::whole);
    publisher_ = &come_back(run_, *publisher_, what_);
  }

  // Neither side knows the exchange any more: the same Packet Identifier now is another message's.
  void begin_anew() {
    publisher_->publish(
        {.qos = what_.exchange.qos, .topic = topic_, .packet_id = kPacketId, .payload = "second"});
  }

  void judge() {
    if (!keeps_session(what_.resume))
      while (arrived_["second"] == 0) take(subscriber_.expect<Publish>());
    else
      take(subscriber_.expect<Publish>());
    const Time deadline = run_.now() + run_.pace().quiet_for;
    while (run_.now() < deadline && subscriber_.is_open()) {
      run_.wait(deadline);
      while (!subscriber_.inbox().empty()) take(subscriber_.expect<Publish>());
    }
    subscriber_.require_well_formed();
    if (keeps_session(what_.resume)) return expect_count("first", 1, whole_publishes_);
    expect_count("second", 1, 1);
    const bool over = target_progress(what_.exchange, what_.cut).least == what_.exchange.step_count();
    expect_count("first", over ? 1 : 0, whole_publishes_);
  }

  void take(const Publish& publish) {
    ++arrived_[publish.payload];
    subscriber_.acknowledge(publish);
  }

  void expect_count(const std::string& payload, std::size_t least, std::size_t most) {
    if (what_.exchange.qos == 2) most = std::min<std::size_t>(most, 1);
    const std::size_t count = arrived_[payload];
    check(count >= least, "the subscriber gets \"" + payload + "\"");
    check(count <= most, "the subscriber gets \"" + payload + "\" no more than " + std::to_string(most) +
                             " times, not " + std::to_string(count));
  }

  Run& run_;
  const MatrixCase what_;
  const std::string topic_;
  Client* publisher_;
  Client& subscriber_;
  std::size_t whole_publishes_ = 0;  // how often "first" was sent from its first byte to its last
  std::map<std::string, std::size_t> arrived_;
};

}  // namespace

void run_inbound(Run& run, const MatrixCase& what) {
  Inbound(run, what).play();
}

}  // namespace mqttvet::conformance
