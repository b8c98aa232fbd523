// A guest's machine has an empty disk that can't be written to: nothing is found, nothing is made. (Paho's
// trace looks for /proc/version; its persistence in files is not used.)
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/guest/real.h"
#include "sim/guest/scheduler.h"

using namespace mqttvet::sim;  // NOLINT: this file defines libc's names only

namespace {

int refuse(Guest* guest, int error) {
  HostMode host(guest);
  guest->scheduler->point(kSystemCall);
  return host.fail(error);
}

std::FILE* open_nothing(Guest* guest, const char* mode) {
  refuse(guest, mode[0] == 'r' && !std::strchr(mode, '+') ? ENOENT : EROFS);
  return nullptr;
}

}  // namespace

extern "C" {

FILE* fopen(const char* path, const char* mode) {
  Guest* guest = current;
  return guest ? open_nothing(guest, mode) : MQTTVET_REAL(fopen)(path, mode);
}

FILE* fopen64(const char* path, const char* mode) {
  Guest* guest = current;
  return guest ? open_nothing(guest, mode) : MQTTVET_REAL(fopen64)(path, mode);
}

int stat(const char* path, struct stat* into) noexcept {
  Guest* guest = current;
  return guest ? refuse(guest, ENOENT) : MQTTVET_REAL(stat)(path, into);
}

int lstat(const char* path, struct stat* into) noexcept {
  Guest* guest = current;
  return guest ? refuse(guest, ENOENT) : MQTTVET_REAL(lstat)(path, into);
}

DIR* opendir(const char* path) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(opendir)(path);
  refuse(guest, ENOENT);
  return nullptr;
}

int mkdir(const char* path, mode_t mode) noexcept {
  Guest* guest = current;
  return guest ? refuse(guest, EROFS) : MQTTVET_REAL(mkdir)(path, mode);
}

int rename(const char* from, const char* to) noexcept {
  Guest* guest = current;
  return guest ? refuse(guest, ENOENT) : MQTTVET_REAL(rename)(from, to);
}

int remove(const char* path) noexcept {
  Guest* guest = current;
  return guest ? refuse(guest, ENOENT) : MQTTVET_REAL(remove)(path);
}

int unlink(const char* path) noexcept {
  Guest* guest = current;
  return guest ? refuse(guest, ENOENT) : MQTTVET_REAL(unlink)(path);
}

int rmdir(const char* path) noexcept {
  Guest* guest = current;
  return guest ? refuse(guest, ENOENT) : MQTTVET_REAL(rmdir)(path);
}

}  // extern "C"
