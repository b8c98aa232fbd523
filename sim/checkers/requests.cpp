#include "sim/checkers/requests.h"

#include <map>
#include <variant>

#include "sim/checkers/blame.h"
#include "sim/checkers/topic_filter.h"

namespace mqttvet::sim {
namespace {

constexpr std::string_view kShare = "$share/";
constexpr std::string_view kQueue = "$queue/";

std::string group_of(std::string_view filter) {
  if (filter.starts_with(kQueue)) return "$queue";
  if (!filter.starts_with(kShare)) return {};
  filter.remove_prefix(kShare.size());
  return std::string(filter.substr(0, filter.find('/')));
}

class FoldingRequests {
 public:
  explicit FoldingRequests(const WireView& view) : view_(view) {
    for (const ConnectionView& connection : view.connections) connections_[connection.number] = &connection;
  }

  std::vector<Request> run() {
    const auto& events = view_.history->events;
    for (std::size_t index = 0; index < events.size(); ++index) {
      const HistoryEvent& event = events[index];
      const bool sent = event.kind == HistoryEvent::Kind::sent;
      if (!sent && event.kind != HistoryEvent::Kind::received) continue;
      if (sent) {
        if (const auto* packet = std::get_if<wire::Subscribe>(&event.packet))
          subscribe(index, event, *packet);
        if (const auto* packet = std::get_if<wire::Unsubscribe>(&event.packet))
          unsubscribe(index, event, *packet);
      } else if (!is_silenced(index, event)) {
        if (const auto* packet = std::get_if<wire::Suback>(&event.packet)) answer(index, event, *packet);
        if (const auto* packet = std::get_if<wire::Unsuback>(&event.packet)) answer(index, event, *packet);
      }
    }
    return std::move(requests_);
  }

 private:
  // The client's last words on its filters that have no answer yet, by packet id: which requests they end.
  struct Waiting {
    std::vector<std::size_t> asked;                            // requests of a SUBSCRIBE, in its order
    std::map<std::string, std::vector<std::size_t>> replaces;  // by filter
  };

  const ConnectionView* connection_of(const HistoryEvent& event) const {
    const auto found = connections_.find(event.connection);
    return found == connections_.end() ? nullptr : found->second;
  }
  // A newer connection has taken its place, as far as the clients know: what it asks for may have an effect
  // all the same, if it was the newer one to the broker. Its answers tell nothing certain.
  bool is_silenced(std::size_t index, const HistoryEvent& event) const {
    const ConnectionView* connection = connection_of(event);
    return connection == nullptr || (connection->superseded != kNoEvent && connection->superseded < index);
  }

  bool is_bridge(const ConnectionView& connection) const {
    return std::get<wire::Connect>(view_.event(connection.connect).packet).bridge;
  }

  std::size_t session_at(std::size_t index, const ConnectionView& connection) const {
    if (connection.session != kNoEvent) return connection.session;
    std::size_t session = kNoEvent;
    for (std::size_t i = 0; i < view_.sessions.size(); ++i)
      if (view_.sessions[i].client_id == connection.client_id && view_.sessions[i].begun < index) session = i;
    return session;
  }

  // From here on no earlier request for the filter is certain any more.
  std::vector<std::size_t> contest(std::size_t index, const std::string& client_id,
                                   const std::string& filter) {
    std::vector<std::size_t>& all = by_filter_[{client_id, filter}];
    for (std::size_t request : all)
      if (requests_[request].contested == kNoEvent) requests_[request].contested = index;
    return all;
  }

  void subscribe(std::size_t index, const HistoryEvent& event, const wire::Subscribe& packet) {
    const ConnectionView* connection = connection_of(event);
    if (connection == nullptr) return;
    Waiting waiting;
    for (const wire::Subscription& asked : packet.subscriptions) {
      waiting.replaces[asked.topic_filter] = contest(index, connection->client_id, asked.topic_filter);
      Request request;
      request.client_id = connection->client_id;
      request.connection = connection->number;
      request.session = session_at(index, *connection);
      request.filter = asked.topic_filter;
      request.group = group_of(asked.topic_filter);
      request.qos = asked.qos;
      request.no_local = asked.no_local;
      request.retain_as_published = asked.retain_as_published;
      request.retain_handling = asked.retain_handling;
      if (is_bridge(*connection)) request.no_local = request.retain_as_published = true;  // SPEC_NOTES N14
      request.identifier = wire::number(packet.properties, wire::PropertyId::subscription_identifier);
      request.packet_id = packet.packet_id;
      request.sent = index;
      waiting.asked.push_back(requests_.size());
      by_filter_[{connection->client_id, asked.topic_filter}].push_back(requests_.size());
      requests_.push_back(std::move(request));
    }
    waiting_[{event.connection, packet.packet_id}] = std::move(waiting);
  }

  void unsubscribe(std::size_t index, const HistoryEvent& event, const wire::Unsubscribe& packet) {
    const ConnectionView* connection = connection_of(event);
    if (connection == nullptr) return;
    Waiting waiting;
    for (const std::string& filter : packet.topic_filters)
      waiting.replaces[filter] = contest(index, connection->client_id, filter);
    waiting_[{event.connection, packet.packet_id}] = std::move(waiting);
  }

  void end(std::size_t index, const std::vector<std::size_t>& replaced) {
    for (std::size_t request : replaced)
      if (requests_[request].ended == kNoEvent) requests_[request].ended = index;
  }

  void answer(std::size_t index, const HistoryEvent& event, const wire::Suback& packet) {
    const auto found = waiting_.find({event.connection, packet.packet_id});
    if (found == waiting_.end()) return;
    const Waiting& waiting = found->second;
    for (std::size_t i = 0; i < waiting.asked.size() && i < packet.reason_codes.size(); ++i) {
      Request& request = requests_[waiting.asked[i]];
      if (packet.reason_codes[i] > 2) {
        request.refused = true;
        continue;
      }
      request.qos = packet.reason_codes[i];
      request.granted = index;
      end(index, waiting.replaces.at(request.filter));
    }
    waiting_.erase(found);
  }

  // An UNSUBSCRIBE may be refused too; then nothing has ended.
  void answer(std::size_t index, const HistoryEvent& event, const wire::Unsuback& packet) {
    const auto found = waiting_.find({event.connection, packet.packet_id});
    if (found == waiting_.end()) return;
    const bool failed = std::any_of(packet.reason_codes.begin(), packet.reason_codes.end(),
                                    [](std::uint8_t reason) { return reason >= 0x80; });
    for (const auto& [filter, replaced] : found->second.replaces)
      if (!failed) end(index, replaced);
    waiting_.erase(found);
  }

  const WireView& view_;
  std::map<std::uint64_t, const ConnectionView*> connections_;
  std::vector<Request> requests_;
  std::map<std::pair<std::string, std::string>, std::vector<std::size_t>> by_filter_;  // client id, filter
  std::map<std::pair<std::uint64_t, std::uint16_t>, Waiting> waiting_;  // connection, packet id
};

}  // namespace

std::string_view Request::topic_filter() const {
  std::string_view name = filter;
  if (group.empty()) return name;
  return name.substr(name.starts_with(kQueue) ? kQueue.size() : kShare.size() + group.size() + 1);
}

bool Request::matches(std::string_view topic) const {
  return filter_matches(topic_filter(), topic);
}

std::vector<Request> fold_requests(const WireView& view) {
  return FoldingRequests(view).run();
}

}  // namespace mqttvet::sim
