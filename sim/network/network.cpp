#include "sim/network/network.h"

#include <stdexcept>

#include "sim/network/connection.h"
#include "sim/network/fabric.h"

namespace mqttvet::sim {

// --- Fabric
// ----------------------------------------------------------------------------------------------------------

void Fabric::close() {
  const auto living = std::exchange(connections, {});
  for (const auto& [number, connection] : living) connection->detach();
  world.cancel(burial_);
  retired_.clear();
  observer = nullptr;
  gate = nullptr;
  for (auto& [name, host] : hosts) host.listeners.clear();
}

Host& Fabric::host(const std::string& name) {
  const auto found = hosts.find(name);
  if (found == hosts.end()) throw std::logic_error("no host of this name: " + name);
  return found->second;
}

std::vector<std::shared_ptr<Connection>> Fabric::connections_of(const Host& host) const {
  std::vector<std::shared_ptr<Connection>> found;
  for (const auto& [number, connection] : connections)
    if (connection->involves(host)) found.push_back(connection);
  return found;
}

void Fabric::power_up(Host& host) {
  if (!std::exchange(host.is_down, false)) return;
  for (const auto& connection : connections_of(host)) connection->forget_flights(connection->side_of(host));
}

void Fabric::retire(std::uint64_t connection_number) {
  const auto found = connections.find(connection_number);
  retired_.push_back(std::move(found->second));
  connections.erase(found);
  if (burial_ != World::EventId::none) return;
  burial_ = world.after(Duration{0}, [this] {
    burial_ = World::EventId::none;
    retired_.clear();
  });
}

// --- Endpoint
// --------------------------------------------------------------------------------------------------------

Endpoint::Endpoint(std::shared_ptr<Connection> connection, bool is_client)
    : connection_(std::move(connection)), is_client_(is_client) {}
Endpoint::~Endpoint() {
  close();
}

Endpoint::State Endpoint::state() const {
  return connection_->side(is_client_).state;
}
Endpoint::Error Endpoint::error() const {
  return connection_->side(is_client_).error;
}
bool Endpoint::readable() const {
  return connection_->is_readable(connection_->side(is_client_));
}
bool Endpoint::at_end() const {
  const Side& side = connection_->side(is_client_);
  return side.end_received && side.received.empty();
}
std::size_t Endpoint::writable_bytes() const {
  return connection_->writable_bytes(connection_->side(is_client_));
}
std::size_t Endpoint::read(char* into, std::size_t capacity) {
  return connection_->read(connection_->side(is_client_), into, capacity);
}
std::size_t Endpoint::write(std::string_view bytes) {
  return connection_->write(connection_->side(is_client_), bytes);
}
void Endpoint::finish() {
  connection_->finish(connection_->side(is_client_));
}
void Endpoint::close() {
  connection_->close(connection_->side(is_client_));
}
void Endpoint::abort() {
  connection_->abort(connection_->side(is_client_));
}
void Endpoint::on_change(std::function<void()> callback) {
  connection_->set_on_change(connection_->side(is_client_), std::move(callback));
}
const std::string& Endpoint::host() const {
  return connection_->side(is_client_).host->name;
}
const std::string& Endpoint::peer_host() const {
  return connection_->side(!is_client_).host->name;
}
std::uint16_t Endpoint::port() const {
  return connection_->side(is_client_).port;
}
std::uint16_t Endpoint::peer_port() const {
  return connection_->side(!is_client_).port;
}
std::uint64_t Endpoint::connection_number() const {
  return connection_->number();
}

// --- Network
// ---------------------------------------------------------------------------------------------------------

Network::Network(World& world) : fabric_(std::make_shared<Fabric>(world)) {}

Network::~Network() {
  fabric_->close();
}

void Network::add_host(const std::string& name) {
  if (fabric_->hosts.contains(name)) throw std::logic_error("two hosts of one name: " + name);
  const int id = static_cast<int>(fabric_->hosts.size()) + 1;
  Host& host = fabric_->hosts[name];
  host.id = id;
  host.name = name;
  host.address =
      "10." + std::to_string(id >> 16) + "." + std::to_string(id >> 8 & 255) + "." + std::to_string(id & 255);
}

std::string Network::address_of(const std::string& name) const {
  const auto found = fabric_->hosts.find(name);
  return found == fabric_->hosts.end() ? "" : found->second.address;
}

std::string Network::host_at(const std::string& name_or_address) const {
  if (fabric_->hosts.contains(name_or_address)) return name_or_address;
  for (const auto& [name, host] : fabric_->hosts)
    if (host.address == name_or_address) return name;
  return "";
}

void Network::listen(const std::string& host_name, std::uint16_t port, Accept accept) {
  Host& host = fabric_->host(host_name);
  if (accept) {
    fabric_->power_up(host);
    host.listeners[port] = std::make_shared<Accept>(std::move(accept));
  } else {
    host.listeners.erase(port);
  }
}

EndpointPtr Network::connect(const std::string& from_host, const std::string& to_host, std::uint16_t port) {
  Host& client = fabric_->host(from_host);
  fabric_->power_up(client);
  const std::string server_name = host_at(to_host);
  Host& server = server_name.empty() ? fabric_->nowhere : fabric_->host(server_name);
  const std::uint64_t number = ++fabric_->last_connection_number;
  const auto connection = std::make_shared<Connection>(fabric_, number, client, server, port);
  fabric_->connections.emplace(number, connection);
  return connection->open();
}

void Network::set_conditions(const LinkConditions& all) {
  fabric_->conditions = all;
}
void Network::set_conditions(const std::string& host, const LinkConditions& conditions) {
  fabric_->host(host).conditions = conditions;
}
void Network::set_timeouts(const NetworkTimeouts& timeouts) {
  fabric_->timeouts = timeouts;
}
void Network::observe(std::function<void(const Observed&)> observer) {
  fabric_->observer = std::move(observer);
}
void Network::set_gate(Gate gate) {
  fabric_->gate = std::move(gate);
}

int Network::cut(const std::string& host_name, bool reset) {
  int changed = 0;
  for (const auto& connection : fabric_->connections_of(fabric_->host(host_name)))
    changed += reset ? connection->cut_by_reset() : connection->cut_by_fin();
  return changed;
}

int Network::stall(const std::string& host_name, Direction direction, Duration duration) {
  Host& host = fabric_->host(host_name);
  const Time until = fabric_->world.now() + duration;
  if (direction != Direction::to_server) host.to_client_stalled_until = until;
  if (direction != Direction::to_client) host.to_server_stalled_until = until;
  fabric_->note(host, "stall", static_cast<std::uint64_t>(duration.count()));
  return static_cast<int>(fabric_->connections_of(host).size());
}

int Network::hold_reads(const std::string& host_name, Duration duration) {
  Host& host = fabric_->host(host_name);
  host.reads_held_until = fabric_->world.now() + duration;
  fabric_->note(host, "hold reads", static_cast<std::uint64_t>(duration.count()));
  // By then they may be others than now, and the hold another one.
  fabric_->world.after(duration, [fabric = fabric_, &host] {
    for (const auto& connection : fabric->connections_of(host)) connection->wake(connection->side_of(host));
  });
  return static_cast<int>(fabric_->connections_of(host).size());
}

int Network::vanish(const std::string& host_name) {
  const Host& host = fabric_->host(host_name);
  int changed = 0;
  for (const auto& connection : fabric_->connections_of(host))
    changed += connection->vanish(connection->side_of(host));
  return changed;
}

int Network::drop_all(const std::string& host_name) {
  Host& host = fabric_->host(host_name);
  host.is_down = true;
  host.listeners.clear();
  int changed = 0;
  for (const auto& connection : fabric_->connections_of(host))
    changed += connection->lose_power(connection->side_of(host));
  return changed;
}

void Network::partition(const std::string& host_a, const std::string& host_b, bool a_to_b, bool b_to_a) {
  const Host& a = fabric_->host(host_a);
  const Host& b = fabric_->host(host_b);
  const auto set = [this](const Host& from, const Host& to, bool blocked) {
    if (blocked)
      fabric_->partitions.emplace(from.id, to.id);
    else
      fabric_->partitions.erase({from.id, to.id});
    fabric_->note(from, blocked ? "partition" : "partition ends", static_cast<std::uint64_t>(to.id));
  };
  set(a, b, a_to_b);
  set(b, a, b_to_a);
}

void Network::heal() {
  fabric_->partitions.clear();
  for (auto& [name, host] : fabric_->hosts) {
    host.to_client_stalled_until = host.to_server_stalled_until = host.reads_held_until = Time{0};
    fabric_->note(host, "heal", 0);
    for (const auto& connection : fabric_->connections_of(host)) connection->wake(connection->side_of(host));
  }
  for (const auto& [number, connection] : fabric_->connections) connection->release();
}

Network::Resources Network::resources() const {
  Resources sum;
  for (const auto& [number, connection] : fabric_->connections) {
    ++sum.connections;
    sum.bytes_buffered += connection->buffered_bytes();
    sum.segments_in_flight += connection->segment_count();
  }
  return sum;
}

}  // namespace mqttvet::sim
