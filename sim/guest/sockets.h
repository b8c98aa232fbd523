// The guests' sockets: TCP over IPv4 as the kernel offers it, on the endpoints of the simulated network.
//
// All clients that share one copy of the Paho libraries share its threads too, so the thread that calls
// connect() does not tell whose machine it is. A *route* does: a host name made for one machine, which
// resolves to an address that stands for "that host, as reached from this machine".
#pragma once

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/guest/machine.h"
#include "sim/network/network.h"

namespace mqttvet::sim {

class Scheduler;
struct Guest;

// Functions that a guest calls, named as in POSIX; they return what POSIX says, or -errno instead of -1.
class Sockets {
 public:
  // Far above the descriptors of the process, so that neither is taken for the other.
  static constexpr int kFirstDescriptor = 1'000'000;
  static bool owns(int descriptor) { return descriptor >= kFirstDescriptor; }

  explicit Sockets(Scheduler& scheduler) : scheduler_(scheduler) {}
  // Leaves what is open as it is, to be leaked with the guests it belongs to: a world that is over must not
  // see its connections close, nor may those who observe it.
  ~Sockets();

  // A name for `host` that connects from `machine`, whoever uses it: "broker.from.alice.1".
  std::string route(Machine& machine, const std::string& host);

  // The machine is gone: its sockets fail from now on, whoever waits for them is told, and no new ones
  // connect.
  void power_off(Machine& machine);

  int socket(int domain, int type);
  int connect(int descriptor, const sockaddr* address, socklen_t length);
  int close(int descriptor);
  int shutdown(int descriptor, int how);
  ssize_t recv(int descriptor, void* into, std::size_t capacity, int flags);
  ssize_t writev(int descriptor, const iovec* parts, int count);
  int poll(pollfd* descriptors, nfds_t count, int timeout_ms);
  int fcntl(int descriptor, int command, long argument);
  int getsockopt(int descriptor, int level, int name, void* value, socklen_t* length);
  int setsockopt(int descriptor);
  int getpeername(int descriptor, sockaddr* address, socklen_t* length);
  int getsockname(int descriptor, sockaddr* address, socklen_t* length);
  int bytes_readable(int descriptor);  // FIONREAD, as 0 or 1

  // 0 or an EAI_ code. The result is freed with free_addresses().
  int resolve(const char* host, const char* service, const addrinfo* hints, addrinfo** result);
  static void free_addresses(addrinfo* addresses);

 private:
  struct Socket {
    EndpointPtr endpoint;  // null before connect()
    Machine* machine = nullptr;
    bool non_blocking = false;
    bool finished = false;        // shutdown(SHUT_WR)
    bool error_reported = false;  // by SO_ERROR or a call that failed
    std::vector<Guest*> watchers;
  };
  struct Route {
    Machine* machine;
    std::string host;
    std::string address;
  };

  Socket* find(int descriptor);
  short readiness(const Socket& socket) const;
  int scan(pollfd* descriptors, nfds_t count);  // fills revents; how many are ready
  void wait_for_change(Socket& socket);
  void changed(Socket& socket);
  int pending_error(const Socket& socket) const;
  int write_name(const std::string& address, std::uint16_t port, sockaddr* into, socklen_t* length) const;
  void leave_watch(pollfd* descriptors, nfds_t count, Guest* guest);

  Scheduler& scheduler_;
  std::map<int, std::shared_ptr<Socket>> sockets_;
  std::map<std::string, Route> routes_;  // by name
  std::map<std::string, const Route*> by_address_;
};

}  // namespace mqttvet::sim
