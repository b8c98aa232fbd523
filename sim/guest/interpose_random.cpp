// Randomness of guests: one stream per world, whoever asks. Seeding it is ignored; the world's seed has done
// so.
#include <sys/random.h>

#include <cstdlib>
#include <cstring>

#include "sim/guest/real.h"
#include "sim/guest/scheduler.h"

using namespace mqttvet::sim;  // NOLINT: this file defines libc's names only

namespace {

void fill(Guest* guest, void* into, std::size_t size) {
  HostMode host(guest);
  guest->scheduler->point(kSystemCall);
  auto* bytes = static_cast<unsigned char*>(into);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<unsigned char>(guest->scheduler->draw() >> 56);
}

std::uint64_t draw(Guest* guest) {
  HostMode host(guest);
  guest->scheduler->point(kMutexWork);
  return guest->scheduler->draw();
}

}  // namespace

extern "C" {

int rand() noexcept {
  Guest* guest = current;
  return guest ? static_cast<int>(draw(guest) >> 33) : MQTTVET_REAL(rand)();
}

void srand(unsigned seed) noexcept {
  if (!current) MQTTVET_REAL(srand)(seed);
}

long random() noexcept {
  Guest* guest = current;
  return guest ? static_cast<long>(draw(guest) >> 33) : MQTTVET_REAL(random)();
}

void srandom(unsigned seed) noexcept {
  if (!current) MQTTVET_REAL(srandom)(seed);
}

ssize_t getrandom(void* into, size_t size, unsigned flags) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(getrandom)(into, size, flags);
  fill(guest, into, size);
  return static_cast<ssize_t>(size);
}

int getentropy(void* into, size_t size) {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(getentropy)(into, size);
  fill(guest, into, size);
  return 0;
}

std::uint32_t arc4random() noexcept {
  Guest* guest = current;
  return guest ? static_cast<std::uint32_t>(draw(guest) >> 32) : MQTTVET_REAL(arc4random)();
}

void arc4random_buf(void* into, size_t size) noexcept {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(arc4random_buf)(into, size);
  fill(guest, into, size);
}

std::uint32_t arc4random_uniform(std::uint32_t bound) noexcept {
  Guest* guest = current;
  if (!guest) return MQTTVET_REAL(arc4random_uniform)(bound);
  return bound < 2 ? 0 : static_cast<std::uint32_t>((draw(guest) >> 32) * bound >> 32);
}

}  // extern "C"
