// Sockets of guests; what they do is in sockets.cpp. Descriptors that are not a guest's socket are the
// process's own, of which a guest may only write to the standard streams.
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdarg>

#include "sim/guest/real.h"
#include "sim/guest/scheduler.h"
#include "sim/guest/sockets.h"

using namespace mqttvet::sim;  // NOLINT: this file defines libc's names only

namespace {

// One system call: a scheduling point, then what `call` does with the guest's sockets; -errno becomes -1 and
// errno.
template <class Call>
auto system_call(Guest* guest, Call call) {
  HostMode host(guest);
  guest->scheduler->point(kSystemCall);
  const auto result = call(guest->scheduler->sockets());
  if (result >= 0) return result;
  host.fail(static_cast<int>(-result));
  return static_cast<decltype(result)>(-1);
}

bool is_standard_stream(int descriptor) {
  return descriptor == STDOUT_FILENO || descriptor == STDERR_FILENO;
}

}  // namespace

extern "C" {

int socket(int domain, int type, int protocol) noexcept {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(socket)(domain, type, protocol);
  return system_call(guest, [&](Sockets& sockets) { return sockets.socket(domain, type); });
}

int connect(int descriptor, const sockaddr* address, socklen_t length) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(connect)(descriptor, address, length);
  return system_call(guest, [&](Sockets& sockets) { return sockets.connect(descriptor, address, length); });
}

int close(int descriptor) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(close)(descriptor);
  return system_call(guest, [&](Sockets& sockets) { return sockets.close(descriptor); });
}

int shutdown(int descriptor, int how) noexcept {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(shutdown)(descriptor, how);
  return system_call(guest, [&](Sockets& sockets) { return sockets.shutdown(descriptor, how); });
}

ssize_t recv(int descriptor, void* into, size_t capacity, int flags) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(recv)(descriptor, into, capacity, flags);
  return system_call(guest,
                     [&](Sockets& sockets) { return sockets.recv(descriptor, into, capacity, flags); });
}

ssize_t read(int descriptor, void* into, size_t capacity) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(read)(descriptor, into, capacity);
  if (!Sockets::owns(descriptor)) abort_unmodelled("read (of a file)");
  return recv(descriptor, into, capacity, 0);
}

ssize_t writev(int descriptor, const iovec* parts, int count) {
  Guest* guest = current;
  if (!guest || is_standard_stream(descriptor)) return MQTTVET_REAL(writev)(descriptor, parts, count);
  return system_call(guest, [&](Sockets& sockets) { return sockets.writev(descriptor, parts, count); });
}

ssize_t send(int descriptor, const void* bytes, size_t size, int flags) {
  if (!current) return MQTTVET_REAL(send)(descriptor, bytes, size, flags);
  const iovec part{const_cast<void*>(bytes), size};
  return writev(descriptor, &part, 1);
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  if (!current || is_standard_stream(descriptor)) return MQTTVET_REAL(write)(descriptor, bytes, size);
  if (!Sockets::owns(descriptor)) abort_unmodelled("write (to a file)");
  return send(descriptor, bytes, size, 0);
}

int poll(pollfd* descriptors, nfds_t count, int timeout_ms) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(poll)(descriptors, count, timeout_ms);
  return system_call(guest, [&](Sockets& sockets) { return sockets.poll(descriptors, count, timeout_ms); });
}

int fcntl(int descriptor, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  const long argument = va_arg(arguments, long);
  va_end(arguments);
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(fcntl)(descriptor, command, argument);
  return system_call(guest, [&](Sockets& sockets) { return sockets.fcntl(descriptor, command, argument); });
}

int ioctl(int descriptor, unsigned long request, ...) noexcept {
  va_list arguments;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(ioctl)(descriptor, request, argument);
  if (request != FIONREAD) abort_unmodelled("ioctl (other than FIONREAD)");
  const int bytes = system_call(guest, [&](Sockets& sockets) { return sockets.bytes_readable(descriptor); });
  if (bytes >= 0) *static_cast<int*>(argument) = bytes;
  return bytes >= 0 ? 0 : -1;
}

int getsockopt(int descriptor, int level, int name, void* value, socklen_t* length) noexcept {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(getsockopt)(descriptor, level, name, value, length);
  return system_call(
      guest, [&](Sockets& sockets) { return sockets.getsockopt(descriptor, level, name, value, length); });
}

int setsockopt(int descriptor, int level, int name, const void* value, socklen_t length) noexcept {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(setsockopt)(descriptor, level, name, value, length);
  return system_call(guest, [&](Sockets& sockets) { return sockets.setsockopt(descriptor); });
}

int getpeername(int descriptor, sockaddr* address, socklen_t* length) noexcept {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(getpeername)(descriptor, address, length);
  return system_call(guest,
                     [&](Sockets& sockets) { return sockets.getpeername(descriptor, address, length); });
}

int getsockname(int descriptor, sockaddr* address, socklen_t* length) noexcept {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(getsockname)(descriptor, address, length);
  return system_call(guest,
                     [&](Sockets& sockets) { return sockets.getsockname(descriptor, address, length); });
}

int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** result) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(getaddrinfo)(host, service, hints, result);
  HostMode mode(guest);
  return guest->scheduler->sockets().resolve(host, service, hints, result);
}

void freeaddrinfo(addrinfo* addresses) noexcept {
  if (!current) return MQTTVET_REAL(freeaddrinfo)(addresses);
  Sockets::free_addresses(addresses);
}

}  // extern "C"
