#include "sim/guest/sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>

#include <cerrno>
#include <cstdlib>

#include <fmt/format.h>

#include "sim/guest/scheduler.h"

namespace mqttvet::sim {
namespace {

int error_number(Endpoint::Error error) {
  switch (error) {
    case Endpoint::Error::none:
      return 0;
    case Endpoint::Error::refused:
      return ECONNREFUSED;
    case Endpoint::Error::unreachable:
      return EHOSTUNREACH;
    case Endpoint::Error::reset:
      return ECONNRESET;
    case Endpoint::Error::timed_out:
      return ETIMEDOUT;
  }
  return EIO;
}

// A name server of the local network answers in about this time.
constexpr Work kNameLookup{std::chrono::microseconds(500), 16};

}  // namespace

Sockets::~Sockets() {
  for (auto& [descriptor, socket] : sockets_) {
    if (!socket->endpoint) continue;
    socket->endpoint->on_change(nullptr);
    new EndpointPtr(std::move(socket->endpoint));  // leaked
  }
}

std::string Sockets::route(Machine& machine, const std::string& host) {
  const auto number = routes_.size() + 1;
  const std::string name = fmt::format("{}.from.{}.{}", host, machine.host, number);
  // 100.64.0.0/10 is nobody's on the Internet (RFC 6598), and not the simulated network's either.
  const std::string address = fmt::format("100.64.{}.{}", number >> 8 & 0xff, number & 0xff);
  const auto& route = routes_.emplace(name, Route{&machine, host, address}).first->second;
  by_address_[address] = &route;
  return name;
}

void Sockets::power_off(Machine& machine) {
  machine.powered = false;
  for (auto& [descriptor, socket] : sockets_) {
    if (socket->machine == &machine) changed(*socket);
  }
}

int Sockets::socket(int domain, int type) {
  if (domain != AF_INET) return -EAFNOSUPPORT;
  if ((type & 0xf) != SOCK_STREAM) return -EPROTONOSUPPORT;
  int descriptor = kFirstDescriptor;  // the lowest that is free, as the kernel does
  for (const auto& entry : sockets_) {
    if (entry.first != descriptor) break;
    ++descriptor;
  }
  auto socket = std::make_shared<Socket>();
  socket->non_blocking = (type & SOCK_NONBLOCK) != 0;
  sockets_[descriptor] = std::move(socket);
  return descriptor;
}

Sockets::Socket* Sockets::find(int descriptor) {
  const auto found = sockets_.find(descriptor);
  return found == sockets_.end() ? nullptr : found->second.get();
}

// --- What a socket is ready for ---

short Sockets::readiness(const Socket& socket) const {
  if (!socket.endpoint) return POLLOUT | POLLHUP;  // as Linux says of a fresh one
  const Endpoint& endpoint = *socket.endpoint;
  if (!socket.machine->powered) return POLLIN | POLLOUT | POLLERR | POLLHUP;
  short events = 0;
  if (endpoint.state() == Endpoint::State::connecting) return events;
  if (endpoint.readable()) events |= POLLIN;
  if (endpoint.at_end()) events |= POLLIN | POLLRDHUP;
  if (endpoint.state() == Endpoint::State::open) {
    if (!socket.finished && endpoint.writable_bytes() > 0) events |= POLLOUT;
    return events;
  }
  events |= POLLIN | POLLOUT | POLLHUP | POLLRDHUP;
  if (pending_error(socket) != 0) events |= POLLERR;
  return events;
}

int Sockets::pending_error(const Socket& socket) const {
  if (!socket.endpoint || socket.error_reported) return 0;
  if (!socket.machine->powered) return ENETDOWN;
  return error_number(socket.endpoint->error());
}

void Sockets::changed(Socket& socket) {
  for (Guest* watcher : socket.watchers) scheduler_.wake_one(&watcher->socket_queue);
}

// A guest that waits for sockets waits on a queue of its own, on behalf of which it is listed at each socket.
void Sockets::wait_for_change(Socket& socket) {
  Guest& guest = scheduler_.running();
  socket.watchers.push_back(&guest);
  scheduler_.wait(&guest.socket_queue);
  std::erase(socket.watchers, &guest);
}

int Sockets::scan(pollfd* descriptors, nfds_t count) {
  int ready = 0;
  for (nfds_t i = 0; i < count; ++i) {
    pollfd& entry = descriptors[i];
    entry.revents = 0;
    if (entry.fd < 0) continue;
    const Socket* socket = find(entry.fd);
    entry.revents =
        socket ? static_cast<short>(readiness(*socket) & (entry.events | POLLERR | POLLHUP)) : POLLNVAL;
    if (entry.revents != 0) ++ready;
  }
  return ready;
}

int Sockets::poll(pollfd* descriptors, nfds_t count, int timeout_ms) {
  Guest& guest = scheduler_.running();
  std::optional<Time> deadline;
  if (timeout_ms >= 0) deadline = scheduler_.world().now() + std::chrono::milliseconds(timeout_ms);
  while (true) {
    const int ready = scan(descriptors, count);
    if (ready > 0 || timeout_ms == 0) return ready;
    if (deadline && *deadline <= scheduler_.world().now()) return 0;
    for (nfds_t i = 0; i < count; ++i) {
      if (Socket* socket = find(descriptors[i].fd)) socket->watchers.push_back(&guest);
    }
    const bool woken = scheduler_.wait(&guest.socket_queue, deadline);
    leave_watch(descriptors, count, &guest);
    if (!woken) return scan(descriptors, count);
  }
}

void Sockets::leave_watch(pollfd* descriptors, nfds_t count, Guest* guest) {
  for (nfds_t i = 0; i < count; ++i) {
    if (Socket* socket = find(descriptors[i].fd)) std::erase(socket->watchers, guest);
  }
}

// --- Connecting and closing ---

int Sockets::connect(int descriptor, const sockaddr* address, socklen_t length) {
  Socket* socket = find(descriptor);
  if (!socket) return -EBADF;
  if (!address || length < sizeof(sockaddr_in) || address->sa_family != AF_INET) return -EAFNOSUPPORT;
  if (socket->endpoint) {
    if (socket->endpoint->state() == Endpoint::State::connecting) return -EALREADY;
    if (socket->endpoint->state() == Endpoint::State::open) return -EISCONN;
    return -ECONNABORTED;
  }
  const auto& to = *reinterpret_cast<const sockaddr_in*>(address);
  char text[INET_ADDRSTRLEN];
  inet_ntop(AF_INET, &to.sin_addr, text, sizeof text);
  const auto route = by_address_.find(text);
  socket->machine = route != by_address_.end() ? route->second->machine : scheduler_.running().machine;
  if (!socket->machine->powered) return -ENETDOWN;
  const std::string host = route != by_address_.end() ? route->second->host : text;
  Network& network = scheduler_.network();
  if (network.host_at(host).empty()) return -EHOSTUNREACH;
  socket->endpoint = network.connect(socket->machine->host, network.host_at(host), ntohs(to.sin_port));
  const std::weak_ptr<Socket> weak = sockets_[descriptor];
  socket->endpoint->on_change([this, weak] {
    if (const auto alive = weak.lock()) changed(*alive);
  });
  if (socket->non_blocking) return -EINPROGRESS;
  const auto kept = sockets_[descriptor];
  while (kept->endpoint->state() == Endpoint::State::connecting) wait_for_change(*kept);
  const int error = pending_error(*kept);
  kept->error_reported = true;
  return -error;
}

int Sockets::close(int descriptor) {
  const auto found = sockets_.find(descriptor);
  if (found == sockets_.end()) return -EBADF;
  const auto socket = found->second;
  sockets_.erase(found);
  if (socket->endpoint) {
    socket->endpoint->on_change(nullptr);
    if (socket->machine->powered) socket->endpoint->close();
  }
  return 0;  // who polls it meanwhile is not told, as on Linux
}

int Sockets::shutdown(int descriptor, int how) {
  Socket* socket = find(descriptor);
  if (!socket) return -EBADF;
  if (!socket->endpoint || socket->endpoint->state() != Endpoint::State::open) return -ENOTCONN;
  if (how == SHUT_RD) return 0;
  socket->finished = true;
  socket->endpoint->finish();
  return 0;
}

// --- Bytes ---

ssize_t Sockets::recv(int descriptor, void* into, std::size_t capacity, int flags) {
  if ((flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL)) != 0) return -EOPNOTSUPP;
  const auto found = sockets_.find(descriptor);
  if (found == sockets_.end()) return -EBADF;
  const auto socket = found->second;
  if (!socket->endpoint) return -ENOTCONN;
  if (capacity == 0) return 0;
  while (true) {
    if (!socket->machine->powered) return -ENETDOWN;
    if (const auto count = socket->endpoint->read(static_cast<char*>(into), capacity); count > 0) {
      return static_cast<ssize_t>(count);
    }
    if (const int error = pending_error(*socket); error != 0) {
      socket->error_reported = true;
      return -error;
    }
    if (socket->endpoint->at_end() || socket->endpoint->state() == Endpoint::State::closed) return 0;
    if (socket->non_blocking || (flags & MSG_DONTWAIT) != 0) return -EAGAIN;
    wait_for_change(*socket);
  }
}

ssize_t Sockets::writev(int descriptor, const iovec* parts, int count) {
  const auto found = sockets_.find(descriptor);
  if (found == sockets_.end()) return -EBADF;
  const auto socket = found->second;
  if (!socket->endpoint) return -ENOTCONN;
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
  if (bytes.empty()) return 0;
  while (true) {
    if (!socket->machine->powered) return -ENETDOWN;
    if (socket->finished || socket->endpoint->state() == Endpoint::State::closed) {
      const int error = pending_error(*socket);
      socket->error_reported = true;
      return -(error != 0 ? error : EPIPE);
    }
    if (const auto taken = socket->endpoint->write(bytes); taken > 0) return static_cast<ssize_t>(taken);
    if (socket->non_blocking) return -EAGAIN;
    wait_for_change(*socket);
  }
}

int Sockets::bytes_readable(int descriptor) {
  Socket* socket = find(descriptor);
  if (!socket) return -EBADF;
  return socket->endpoint && socket->endpoint->readable() && !socket->endpoint->at_end() ? 1 : 0;
}

// --- Options and names ---

int Sockets::fcntl(int descriptor, int command, long argument) {
  Socket* socket = find(descriptor);
  if (!socket) return -EBADF;
  switch (command) {
    case F_GETFL:
      return O_RDWR | (socket->non_blocking ? O_NONBLOCK : 0);
    case F_SETFL:
      socket->non_blocking = (argument & O_NONBLOCK) != 0;
      return 0;
    case F_GETFD:
      return FD_CLOEXEC;
    case F_SETFD:
      return 0;
    default:
      return -EINVAL;
  }
}

int Sockets::getsockopt(int descriptor, int level, int name, void* value, socklen_t* length) {
  Socket* socket = find(descriptor);
  if (!socket) return -EBADF;
  if (level != SOL_SOCKET || !value || !length || *length < sizeof(int)) return -ENOPROTOOPT;
  int answer = 0;
  if (name == SO_ERROR) {
    answer = pending_error(*socket);
    if (answer != 0) socket->error_reported = true;
  }
  *static_cast<int*>(value) = answer;
  *length = sizeof(int);
  return 0;
}

int Sockets::setsockopt(int descriptor) {
  return find(descriptor) ? 0 : -EBADF;
}

int Sockets::write_name(const std::string& address, std::uint16_t port, sockaddr* into,
                        socklen_t* length) const {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  inet_pton(AF_INET, address.c_str(), &name.sin_addr);
  std::memcpy(into, &name, std::min<std::size_t>(*length, sizeof name));
  *length = sizeof name;
  return 0;
}

int Sockets::getpeername(int descriptor, sockaddr* address, socklen_t* length) {
  Socket* socket = find(descriptor);
  if (!socket) return -EBADF;
  if (!socket->endpoint || socket->endpoint->state() != Endpoint::State::open) return -ENOTCONN;
  return write_name(scheduler_.network().address_of(socket->endpoint->peer_host()),
                    socket->endpoint->peer_port(), address, length);
}

int Sockets::getsockname(int descriptor, sockaddr* address, socklen_t* length) {
  Socket* socket = find(descriptor);
  if (!socket) return -EBADF;
  if (!socket->endpoint) return write_name("0.0.0.0", 0, address, length);
  return write_name(scheduler_.network().address_of(socket->endpoint->host()), socket->endpoint->port(),
                    address, length);
}

int Sockets::resolve(const char* host, const char* service, const addrinfo* hints, addrinfo** result) {
  scheduler_.point(kNameLookup);
  if (!host) return EAI_NONAME;
  if (hints && hints->ai_family != AF_UNSPEC && hints->ai_family != AF_INET) return EAI_FAMILY;
  const auto route = routes_.find(host);
  Network& network = scheduler_.network();
  const std::string address =
      route != routes_.end() ? route->second.address : network.address_of(network.host_at(host));
  if (address.empty()) return EAI_NONAME;
  struct Answer {
    addrinfo info;
    sockaddr_in name;
  };
  auto* answer = static_cast<Answer*>(std::calloc(1, sizeof(Answer)));
  socklen_t length = sizeof answer->name;
  const int port = service ? std::atoi(service) : 0;
  write_name(address, static_cast<std::uint16_t>(port), reinterpret_cast<sockaddr*>(&answer->name), &length);
  answer->info.ai_family = AF_INET;
  answer->info.ai_socktype = hints && hints->ai_socktype != 0 ? hints->ai_socktype : SOCK_STREAM;
  answer->info.ai_protocol = IPPROTO_TCP;
  answer->info.ai_addrlen = sizeof answer->name;
  answer->info.ai_addr = reinterpret_cast<sockaddr*>(&answer->name);
  *result = &answer->info;
  return 0;
}

void Sockets::free_addresses(addrinfo* addresses) {
  std::free(addresses);
}

}  // namespace mqttvet::sim
