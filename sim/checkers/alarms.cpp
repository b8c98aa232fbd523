// POL, the alarms of queues: each session's queue raises one when it has grown to its high watermark, and
// clears it when it has shrunk to the low one. Whoever subscribes to them on $SYS is a witness.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "sim/checkers/blame.h"
#include "sim/checkers/queues.h"

namespace mqttvet::sim {
namespace {

constexpr std::string_view kAlert = "$SYS/broker/alarms/queue_high_watermark/alert";
constexpr std::string_view kClear = "$SYS/broker/alarms/queue_high_watermark/clear";

// What one witness got about one client's queue, in the order of its arrival.
struct Word {
  bool alert;
  std::size_t event;
};
using Words = std::map<std::string, std::vector<Word>>;  // by client identifier

// Of {"alarm": "...", "client_id": "alice"}; empty: it has none.
std::string client_id_of(std::string_view payload) {
  constexpr std::string_view kKey = "\"client_id\": \"";
  const std::size_t key = payload.find(kKey);
  if (key == std::string_view::npos) return {};
  payload.remove_prefix(key + kKey.size());
  return std::string(payload.substr(0, payload.find('"')));
}

class Witness {
 public:
  Witness(const Model& model, const SessionView& session, std::vector<Violation>& violations)
      : model_(model), view_(model.view), session_(session), violations_(violations) {}

  void judge() {
    const Words all = words([](const HistoryEvent&) { return true; });
    for (const auto& [client_id, words] : all)
      for (const Word& word : words)
        if (word.alert) check_early(client_id, word);
    for (std::size_t i = 0; i < session_.connections.size(); ++i) {
      if (!is_reliable(i)) continue;
      const ConnectionView& connection = view_.connections[session_.connections[i]];
      const Words here =
          words([&](const HistoryEvent& event) { return event.connection == connection.number; });
      for (const auto& [client_id, words] : here) {
        check_turns(client_id, words);
        if (i + 1 == session_.connections.size()) check_cleared(client_id, words.back());
      }
    }
    check_raised(all);
  }

 private:
  template <class F>
  Words words(F is_meant) const {
    Words words;
    for (const auto& delivery : session_.deliveries) {
      const bool alert = delivery.message.first == kAlert;
      if (delivery.dup || (!alert && delivery.message.first != kClear)) continue;
      if (!is_meant(view_.event(delivery.event))) continue;
      words[client_id_of(delivery.message.second)].push_back({alert, delivery.event});
    }
    return words;
  }

  // Both kinds came to it all the time since `from`, with QoS 1 at least.
  bool listens(std::size_t from, std::size_t to) const {
    const auto hears = [&](std::string_view topic) {
      const auto& requests = model_.requests_of(session_);
      return may_get(view_, model_.facts, session_, topic, {from, to}) &&
             std::any_of(requests.begin(), requests.end(), [&](const Request* request) {
               return !request->is_shared() && request->qos > 0 && request->matches(topic) &&
                      request->certain(from, to);
             });
    };
    return hears(kAlert) && hears(kClear);
  }

  // Nothing of what was published since the connection before this one can be missing: the broker did not
  // crash, and less came than a queue holds.
  bool is_reliable(std::size_t index) const {
    const ConnectionView& connection = view_.connections[session_.connections[index]];
    const std::size_t since =
        index == 0 ? session_.begun : view_.connections[session_.connections[index - 1]].connect;
    if (view_.crashed_between(since, connection.closed)) return false;
    if (connection.maximum_packet_size) return false;
    const auto came = std::count_if(
        session_.deliveries.begin(), session_.deliveries.end(),
        [&](const auto& delivery) { return view_.event(delivery.event).connection == connection.number; });
    return model_.facts.queue_max() == 0 || static_cast<std::size_t>(came) < model_.facts.queue_max();
  }

  // alert, clear, alert ...
  void check_turns(const std::string& client_id, const std::vector<Word>& words) {
    for (std::size_t i = 1; i < words.size(); ++i) {
      if (words[i].alert != words[i - 1].alert || !listens(words[i - 1].event, words[i].event)) continue;
      blame(client_id, words[i].alert ? "was raised again, but it had not been cleared" : "was cleared twice",
            {words[i - 1].event, words[i].event});
    }
  }

  // The queue has been emptied since.
  void check_cleared(const std::string& client_id, const Word& last) {
    if (!last.alert || !had_time_since(view_, last.event) || !listens(last.event, kNoEvent)) return;
    if (settled_connection(view_, model_.facts, session_) == nullptr) return;
    for (const SessionView& session : view_.sessions) {
      if (session.client_id != client_id) continue;
      const ConnectionView* settled = settled_connection(view_, model_.facts, session);
      if (settled != nullptr)
        return blame(client_id, "was never cleared, though its queue is empty", {last.event});
    }
  }

  // As many messages as raise an alarm never were on their way to the client.
  void check_early(const std::string& client_id, const Word& alert) {
    std::size_t possible = view_.lost_track.size();
    for (const SessionView& session : view_.sessions) {
      if (session.client_id != client_id) continue;
      if (session.contested || has_shared(session) || watches_the_broker(session)) return;
      for (const Request* request : model_.requests_of(session)) possible += copies(*request, alert.event);
    }
    if (possible >= model_.facts.alarm_raised_at()) return;
    blame(client_id,
          fmt::format("was raised at {} messages, but no more than {} can have been in its queue",
                      model_.facts.alarm_raised_at(), possible),
          {alert.event});
  }

  std::size_t copies(const Request& request, std::size_t until) const {
    std::size_t count = 0;
    for (const PublicationView& publication : view_.publications)
      if (publication.sends.front() < until && request.matches(publication.message.first))
        count += publication.sends.size() + (publication.retain ? 1 : 0);
    for (const WillView& will : model_.wills)
      if (request.matches(will.message.first)) count += 2;
    return count;
  }

  // --- An alarm that is due ---

  void check_raised(const Words& all) {
    if (settled_connection(view_, model_.facts, session_) == nullptr) return;
    for (std::size_t i = 0; i < session_.connections.size(); ++i)
      if (!is_reliable(i)) return;
    for (const SessionView& session : view_.sessions) {
      if (session.contested || !session.lasting || !session.certain || session.strayed) continue;
      if (has_shared(session) || all.contains(session.client_id)) continue;
      for (const std::size_t index : session.connections) {
        const auto full = fills_while_away(session, view_.connections[index]);
        if (!full || !listens(session.begun, kNoEvent)) continue;
        return blame(session.client_id, "was never raised, though its queue had grown to its high watermark",
                     *full);
      }
    }
  }

  // The messages with which the queue certainly reached the high watermark while the client was away after a
  // DISCONNECT of this connection; nullopt: it may not have.
  std::optional<std::vector<std::size_t>> fills_while_away(const SessionView& session,
                                                           const ConnectionView& connection) const {
    using std::chrono::seconds;
    if (connection.disconnect == kNoEvent || connection.closed == kNoEvent) return std::nullopt;
    if (connection.shortest_expiry() != kNever) return std::nullopt;
    std::size_t back = kNoEvent;
    for (const ConnectionView& other : view_.connections)
      if (other.client_id == connection.client_id && other.connect > connection.connect)
        back = std::min(back, other.connect);
    const Time away = view_.time(connection.closed) + seconds(1);
    std::vector<std::size_t> events;
    for (const PublicationView& publication : view_.publications) {
      const std::size_t sent = publication.sends.front();
      if (publication.sends.size() > 1 || publication.ambiguous || publication.withheld ||
          publication.expires)
        continue;
      if (publication.qos == 0 || view_.time(sent) < away || publication.handled > back) continue;
      if (!is_certainly_queued(session, publication) ||
          !model_.disturbances.quiet(connection.client, view_.time(connection.closed), away))
        continue;
      events.push_back(sent);
      if (events.size() == model_.facts.alarm_raised_at()) return events;
    }
    return std::nullopt;
  }

  bool is_certainly_queued(const SessionView& session, const PublicationView& publication) const {
    const std::size_t sent = publication.sends.front();
    const auto& requests = model_.requests_of(session);
    return may_get(view_, model_.facts, session, publication.message.first, {sent}) &&
           std::any_of(requests.begin(), requests.end(), [&](const Request* request) {
             return request->matches(publication.message.first) && request->qos > 0 &&
                    !(request->no_local && publication.client_id == session.client_id) &&
                    request->certain(sent, publication.handled);
           });
  }

  void blame(const std::string& client_id, const std::string& what, std::vector<std::size_t> events) {
    violations_.push_back(violation(view_, "POL", "", session_.client_id,
                                    fmt::format("as \"{}\" was told, the alarm of the queue of \"{}\" {}",
                                                session_.client_id, client_id, what),
                                    std::move(events)));
  }

  const Model& model_;
  const WireView& view_;
  const SessionView& session_;
  std::vector<Violation>& violations_;
};

}  // namespace

void check_alarms(const Model& model, std::vector<Violation>& violations) {
  if (model.facts.alarm_raised_at() == 0) return;
  for (const SessionView& session : model.view.sessions) {
    if (watches_the_broker(session) && !session.contested && session.certain)
      Witness(model, session, violations).judge();
  }
}

}  // namespace mqttvet::sim
