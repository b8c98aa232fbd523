#include "sim/run/expectation.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/run/packet_match.h"

namespace mqttvet::sim {
namespace {

bool names_pingresp(const Expect& expect) {
  return std::any_of(expect.packets.begin(), expect.packets.end(),
                     [](const PacketPattern& pattern) { return pattern.type == "PINGRESP"; });
}

}  // namespace

Expectation::Expectation(const Expect& expect, std::string client, std::size_t begin)
    : expect_(expect),
      client_(std::move(client)),
      begin_(begin),
      next_(begin),
      end_(begin),
      counts_pingresp_(names_pingresp(expect)) {}

bool Expectation::counts(const HistoryEvent& event) const {
  if (event.kind != HistoryEvent::Kind::received || event.client != client_) return false;
  return counts_pingresp_ || wire::type_of(event.packet) != wire::PacketType::pingresp;
}

Expectation::Verdict Expectation::fail(std::string reason) {
  reason_ = std::move(reason);
  return verdict_ = Verdict::failed;
}

Expectation::Verdict Expectation::look(const std::vector<HistoryEvent>& events) {
  if (verdict_ == Verdict::open && expect_.mode == Expect::Mode::in_order && expect_.packets.empty()) {
    verdict_ = Verdict::met;
  }
  for (; next_ < events.size() && verdict_ == Verdict::open; ++next_) {
    if (counts(events[next_])) look_at(events[next_], next_);
  }
  return verdict_;
}

Expectation::Verdict Expectation::look_at(const HistoryEvent& event, std::size_t index) {
  const wire::Packet& packet = event.packet;
  switch (expect_.mode) {
    case Expect::Mode::in_order:
      if (!mismatch(expect_.packets[matched_], packet)) {
        end_ = index + 1;
        if (++matched_ == expect_.packets.size()) verdict_ = Verdict::met;
      }
      break;
    case Expect::Mode::exactly:
      if (matched_ == expect_.packets.size()) {
        return fail(fmt::format("{} came after all that was expected", wire::describe(packet)));
      }
      if (const auto why = mismatch(expect_.packets[matched_], packet)) {
        return fail(fmt::format("packet {} of {} is {}: {}", matched_ + 1, expect_.packets.size(),
                                wire::describe(packet), *why));
      }
      ++matched_;
      break;
    case Expect::Mode::none:
      for (const PacketPattern& pattern : expect_.packets) {
        if (!mismatch(pattern, packet)) {
          return fail(fmt::format("{} came, and none was expected", wire::describe(packet)));
        }
      }
      break;
  }
  return verdict_;
}

Expectation::Verdict Expectation::conclude(const std::vector<HistoryEvent>& events) {
  if (look(events) != Verdict::open) return verdict_;
  if (expect_.mode != Expect::Mode::none && matched_ < expect_.packets.size()) {
    return fail(fmt::format("{} did not come ({} of {} packets did)", describe(expect_.packets[matched_]),
                            matched_, expect_.packets.size()));
  }
  end_ = events.size();
  return verdict_ = Verdict::met;
}

std::vector<std::string> Expectation::received(const std::vector<HistoryEvent>& events) const {
  std::vector<std::string> lines;
  for (std::size_t i = begin_; i < events.size(); ++i) {
    if (!counts(events[i])) continue;
    lines.push_back(fmt::format("{:.6f} s  {} <- broker  {}",
                                std::chrono::duration<double>(events[i].at).count(), client_,
                                wire::describe(events[i].packet)));
  }
  if (lines.empty()) lines.push_back("nothing came");
  return lines;
}

bool closed_by_broker(const std::vector<HistoryEvent>& events, const std::string& client, std::size_t begin) {
  for (std::size_t i = events.size(); i > begin; --i) {
    const HistoryEvent& event = events[i - 1];
    if (event.client != client) continue;
    if (event.kind == HistoryEvent::Kind::closed)
      return event.text == "server closed" || event.text == "reset";
    if (event.kind == HistoryEvent::Kind::opened) return false;
  }
  return false;
}

}  // namespace mqttvet::sim
