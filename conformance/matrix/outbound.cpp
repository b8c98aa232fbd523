// The target sends, the client receives: PUBLISH and PUBREL come again as the client has left them.
#include <algorithm>
#include <optional>
#include <set>

#include "conformance/matrix/matrix.h"

namespace mqttvet::conformance {
namespace {

constexpr std::uint32_t kMessageExpirySeconds = 1;

// What is known of one message that the target has to bring to its end.
struct Message {
  std::string payload;
  std::uint16_t packet_id = 0;  // 0: not seen yet
  Progress progress{0, 0};      // the target's, when the connection was cut
  bool may_vanish = false;      // if it was not sent yet
  bool must_vanish = false;     // "
};

// Where the target may go on with this message; step_count() means nowhere.
std::set<std::size_t> starts_of(const Exchange& exchange, const Message& message) {
  std::set<std::size_t> starts;
  for (std::size_t progress = message.progress.least; progress <= message.progress.most; ++progress) {
    const bool unsent = progress == 0;
    if (!unsent || !message.must_vanish) starts.insert(exchange.resumed_at(progress));
    if (unsent && (message.may_vanish || message.must_vanish)) starts.insert(exchange.step_count());
  }
  return starts;
}

// One message on the new connection: compares what comes with what may come.
class Resumed {
 public:
  Resumed(const Exchange& exchange, Message message)
      : exchange_(exchange), message_(std::move(message)), starts_(starts_of(exchange, message_)) {}

  bool is_about(const Publish& publish) const { return publish.payload == message_.payload; }
  bool is_about(const Pubrel& pubrel) const { return pubrel.packet_id == message_.packet_id; }
  // Something more has to come.
  bool is_owed() const { return next_ ? *next_ < exchange_.step_count() : !may_be_over(); }

  void take(const Publish& publish) {
    take_step(0, "PUBLISH \"" + message_.payload + "\"");
    if (message_.packet_id != 0) {
      check_equal(publish.packet_id, message_.packet_id,
                  "packet identifier of the PUBLISH that is sent again");
    }
    if (message_.progress.least > 0) {
      check(publish.dup, "DUP 1 in the PUBLISH that is sent again");
      check_equal(publish.qos, exchange_.qos, "QoS of the PUBLISH that is sent again");
    }
    message_.packet_id = publish.packet_id;
    // It was not sent before, and the subscription may have changed.
    if (publish.qos == 0) next_ = exchange_.step_count();
  }
  void take(const Pubrel&) { take_step(2, "PUBREL"); }

 private:
  bool may_be_over() const { return starts_.contains(exchange_.step_count()); }
  void take_step(std::size_t step, const std::string& packet) {
    const bool fits = next_ ? *next_ == step : starts_.contains(step);
    check(fits, "no " + packet + " here: the exchange was beyond it, or over");
    next_ = step + 2;
  }

  Exchange exchange_;
  Message message_;
  std::set<std::size_t> starts_;
  std::optional<std::size_t> next_;  // once it is known
};

// The receiving client, its session, and who sends to it.
class Outbound {
 public:
  Outbound(Run& run, const MatrixCase& what)
      : run_(run),
        what_(what),
        topic_(run.topic("t")),
        subscriber_(&run.client("subscriber")),
        publisher_(run.client("publisher")) {}

  void play() {
    begin();
    play_until_cut();
    subscriber_ =
        &come_back(run_, *subscriber_, what_, receive_maximum(what_.resume == Resume::receive_maximum_1));
    if (!keeps_session(what_.resume)) return expect_nothing_old();
    change_subscription();
    if (what_.resume == Resume::second_cut) cut_again();
    finish();
    expect_marker();
  }

 private:
  static Properties receive_maximum(bool one) {
    return one ? Properties{{PropertyId::receive_maximum, 1}} : Properties{};
  }

  void begin() {
    if (cut_by_fault(what_)) subscriber_->arrange(fault_of(what_));
    connect_first(*subscriber_, what_.resume, receive_maximum(what_.resume == Resume::message_expired));
    subscriber_->subscribe(topic_, what_.exchange.qos);
    publisher_.connect();
    messages_.push_back({.payload = "first"});
    if (what_.resume == Resume::receive_maximum_1 || what_.resume == Resume::message_expired)
      messages_.push_back({.payload = "second"});
  }

  void publish(const std::string& payload) {
    Publish publish{.qos = what_.exchange.qos, .topic = topic_, .payload = payload};
    if (what_.resume == Resume::message_expired)
      publish.properties.emplace_back(PropertyId::message_expiry_interval, kMessageExpirySeconds);
    publisher_.publish(publish);
  }

  // Step by step as a correct client, up to the cut.
  void play_until_cut() {
    for (std::size_t step = 0; step <= what_.cut.step; ++step) {
      const bool last = step == what_.cut.step;
      if (step == 0) publish_all();
      if (last && cut_by_fault(what_))
        take_until_fault(step);
      else if (what_.exchange.side_at(step) == Side::client)
        send_until_cut(*subscriber_, answer_at(step), last ? what_.cut.extent : Extent::whole);
      else
        take(step);
    }
    note_progress();
  }

  void publish_all() {
    for (const Message& message : messages_) publish(message.payload);
  }

  void take_until_fault(std::size_t step) {
    subscriber_->expect_fault();
    if (step == 0 && messages_.size() > 1 && what_.resume == Resume::receive_maximum_1)
      messages_.front().packet_id = subscriber_->expect_publish(topic_, "first").packet_id;
  }

  void take(std::size_t step) {
    if (step == 2) {
      check_equal(subscriber_->expect<Pubrel>().packet_id, messages_.front().packet_id,
                  "packet identifier of PUBREL");
      return;
    }
    messages_.front().packet_id = subscriber_->expect_publish(topic_, "first").packet_id;
    if (what_.resume == Resume::receive_maximum_1)
      messages_.back().packet_id = subscriber_->expect_publish(topic_, "second").packet_id;
  }

  Packet answer_at(std::size_t step) const {
    const std::uint16_t packet_id = messages_.front().packet_id;
    if (what_.exchange.qos == 1) return Puback{.packet_id = packet_id};
    if (step == 1) return Pubrec{.packet_id = packet_id};
    return Pubcomp{.packet_id = packet_id};
  }

  // What the target may know at the moment of the cut, and what the way back changes in that.
  void note_progress() {
    Message& first = messages_.front();
    first.progress = target_progress(what_.exchange, what_.cut);
    first.may_vanish = what_.resume == Resume::unsubscribed || what_.resume == Resume::qos_0_subscribed;
    first.must_vanish = what_.resume == Resume::message_expired;
    if (messages_.size() == 1) return;
    Message& second = messages_.back();
    if (what_.resume == Resume::receive_maximum_1) {
      second.progress = {1, 1};
    } else {
      // Receive Maximum 1 holds it back until the first is over.
      second.must_vanish = true;
      if (first.progress.most == what_.exchange.step_count()) second.progress.most = 1;
    }
  }

  void expect_nothing_old() {
    subscriber_->subscribe(topic_, what_.exchange.qos);
    expect_marker();
    subscriber_->expect_nothing();
  }

  void change_subscription() {
    if (what_.resume == Resume::unsubscribed) subscriber_->unsubscribe(topic_);
    if (what_.resume == Resume::qos_0_subscribed) subscriber_->subscribe(topic_, 0);
  }

  // The target begins again, and is cut off once more. It has heard nothing new.
  void cut_again() {
    wait_for_packet(run_.pace().quiet_for);
    subscriber_ = &come_back(run_, *subscriber_, what_);
  }

  // Sees every exchange through, as long as anything comes or has to come.
  void finish() {
    for (const Message& message : messages_) resumed_.emplace_back(what_.exchange, message);
    while (wait_for_packet(something_is_owed() ? run_.pace().answer_within : run_.pace().quiet_for))
      react(subscriber_->expect_any());
    subscriber_->require_well_formed();
    if (what_.resume == Resume::message_expired && what_.exchange.qos == 1 && something_is_owed())
      return run_.non_strict("an expired message is dropped in the middle of its exchange (QoS 1: see N7)");
    check(!something_is_owed(), "the target takes up what was not finished (PUBLISH with DUP 1, or PUBREL)");
  }

  bool something_is_owed() const {
    return std::any_of(resumed_.begin(), resumed_.end(), [](const Resumed& one) { return one.is_owed(); });
  }

  bool wait_for_packet(Duration within) {
    const Time deadline = run_.now() + within;
    while (subscriber_->inbox().empty() && subscriber_->is_open() && run_.now() < deadline)
      run_.wait(deadline);
    return !subscriber_->inbox().empty();
  }

  void react(const Packet& packet) {
    if (const auto* publish = std::get_if<Publish>(&packet)) {
      resumed_about(*publish).take(*publish);
      if (what_.resume == Resume::receive_maximum_1) expect_no_further_publish();
      if (publish->qos == 1) subscriber_->send(Puback{.packet_id = publish->packet_id});
      if (publish->qos == 2) subscriber_->send(Pubrec{.packet_id = publish->packet_id});
    } else if (const auto* pubrel = std::get_if<Pubrel>(&packet)) {
      resumed_about(*pubrel).take(*pubrel);
      subscriber_->send(Pubcomp{.packet_id = pubrel->packet_id});
    } else {
      check(false, "a PUBLISH or PUBREL");
    }
  }

  template <typename P>
  Resumed& resumed_about(const P& packet) {
    const auto found = std::find_if(resumed_.begin(), resumed_.end(),
                                    [&](const Resumed& one) { return one.is_about(packet); });
    check(found != resumed_.end(), "only what belongs to the session's messages is sent");
    return *found;
  }

  // The window is one, and this PUBLISH fills it.
  void expect_no_further_publish() {
    let_it_answer(run_);
    for (const Packet& packet : subscriber_->inbox())
      check(!std::holds_alternative<Publish>(packet), "no second PUBLISH: Receive Maximum is 1");
  }

  // The session is as good as new: the next message arrives, as a new one, and none before it.
  void expect_marker() {
    if (what_.resume == Resume::unsubscribed) return;
    publisher_.publish(topic_, "marker", what_.exchange.qos);
    const Publish marker = subscriber_->expect_publish(topic_, "marker");
    check(!marker.dup, "DUP 0 in a new message");
    subscriber_->acknowledge(marker);
  }

  Run& run_;
  const MatrixCase what_;
  const std::string topic_;
  Client* subscriber_;
  Client& publisher_;
  std::vector<Message> messages_;
  std::vector<Resumed> resumed_;
};

}  // namespace

void run_outbound(Run& run, const MatrixCase& what) {
  Outbound(run, what).play();
}

}  // namespace mqttvet::conformance
