// The expectations of Peer.
#include <fmt/format.h>

#include <algorithm>

#include "conformance/harness/peer.h"
#include "conformance/harness/verdict.h"
#include "conformance/wire/describe.h"

namespace mqttvet::conformance {
namespace {

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string describe_codes(const std::vector<std::uint8_t>& codes) {
  std::string text;
  for (const std::uint8_t code : codes) text += fmt::format("{}0x{:02X}", text.empty() ? "" : " or ", code);
  return text;
}

}  // namespace

std::string Peer::came_instead() const {
  std::string text;
  for (const Arrived& arrived : inbox_) {
    if (text.size() > 400) {
      text += ", ...";
      break;
    }
    text += (text.empty() ? "" : ", ") + describe(arrived.packet);
  }
  if (ended_) text += (text.empty() ? "" : ", then ") + ended_->text;
  return text.empty() ? "nothing came" : "what came: " + text;
}

void Peer::fail(const std::string& expected) const {
  throw Stop(Verdict::fail, fmt::format("{} expected {}; {}", name_, expected, came_instead()));
}

Packet Peer::expect_type(PacketType type, Duration within, bool next) {
  const Time begun = run_.now();
  const Time until = deadline(within);
  while (true) {
    for (std::size_t i = 0; i < inbox_.size(); ++i) {
      if (type_of(inbox_[i].packet) == type) return take(i);
      if (next) fail(fmt::format("{} as the next packet", name_of(type)));
    }
    if (ended_ || !channel_) fail(std::string(name_of(type)));
    if (!wait_for_more(until)) fail(fmt::format("{} within {:.6g} s", name_of(type), seconds(until - begun)));
  }
}

Packet Peer::expect_any(Duration within) {
  const Time until = deadline(within);
  while (inbox_.empty()) {
    if (ended_ || !channel_ || !wait_for_more(until)) fail("a packet");
  }
  return take(0);
}

Publish Peer::expect_publish(std::string_view topic, std::string_view payload, Duration within) {
  Publish publish = expect<Publish>(within);
  check_equal(publish.topic, topic, "topic of the PUBLISH");
  check_equal(publish.payload, payload, "payload of the PUBLISH");
  return publish;
}

void Peer::expect_nothing(Duration during) {
  const Time until = run_.now() + (during == Duration::zero() ? run_.pace().quiet_for : during);
  while (inbox_.empty() && !ended_ && wait_for_more(until)) {
  }
  require_well_formed();
  if (!inbox_.empty() || ended_) fail("nothing");
}

Closing Peer::expect_closed(const std::vector<std::uint8_t>& reason_codes, Duration within) {
  const bool was_connected = connected_;
  const Time until = deadline(within);
  while (!ended_) {
    if (!wait_for_more(until)) fail("the connection to be closed");
  }
  Closing closing{ended_->how, ended_->at, std::nullopt, {}};
  const auto note_reason = [&](std::uint8_t code) {
    if (!closing.reason_code) closing.reason_code = code;  // the first says why
  };
  for (Arrived& arrived : inbox_) {
    if (const auto* disconnect = std::get_if<Disconnect>(&arrived.packet)) {
      note_reason(disconnect->reason_code);
    } else if (const auto* connack = std::get_if<Connack>(&arrived.packet);
               connack && connack->reason_code != 0) {
      note_reason(connack->reason_code);
    } else {
      closing.packets.push_back(std::move(arrived.packet));
    }
  }
  inbox_.clear();
  arrived_at_ = closing.at;
  if (version_ != Version::v5_0 || reason_codes.empty()) return closing;
  // 4.13.1: before the end of CONNECT a code is permitted, behind it recommended.
  if (!closing.reason_code) {
    if (was_connected)
      run_.non_strict("closed without a DISCONNECT that says " + describe_codes(reason_codes));
  } else if (std::find(reason_codes.begin(), reason_codes.end(), *closing.reason_code) ==
             reason_codes.end()) {
    run_.non_strict(fmt::format("Reason Code 0x{:02X} where {} fits", *closing.reason_code,
                                describe_codes(reason_codes)));
  }
  return closing;
}

std::size_t Peer::expect_one_of(const std::vector<Reaction>& reactions, Duration within) {
  const Time until = deadline(within);
  const auto settle = [&](std::size_t index) {
    if (!reactions[index].strict) run_.non_strict("the target " + reactions[index].text);
    return index;
  };
  const auto first = [&](auto fits) -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < reactions.size(); ++i) {
      if (fits(reactions[i])) return i;
    }
    return std::nullopt;
  };
  const auto none_of = [&] {
    std::string all;
    for (const Reaction& reaction : reactions) all += (all.empty() ? "" : ", or ") + reaction.text;
    return "one of: the target " + all;
  };
  while (true) {
    for (std::size_t at = 0; at < inbox_.size(); ++at) {
      const Packet& packet = inbox_[at].packet;
      const auto found = first([&](const Reaction& reaction) {
        return reaction.what == Reaction::What::packet && reaction.type == type_of(packet) &&
               (!reaction.matches || reaction.matches(packet));
      });
      if (found) {
        take(at);
        return settle(*found);
      }
      // Of a type that was asked for, but another than those: closing or silence behind it doesn't make it
      // right.
      if (first([&](const Reaction& reaction) { return reaction.type == type_of(packet); })) fail(none_of());
    }
    if (ended_) {
      const auto found = first([](const Reaction& r) { return r.what == Reaction::What::closed; });
      if (found) return settle(*found);
      break;
    }
    if (!wait_for_more(until)) {
      const auto found = first([](const Reaction& r) { return r.what == Reaction::What::nothing; });
      if (found) return settle(*found);
      break;
    }
  }
  fail(none_of());
}

}  // namespace mqttvet::conformance
