// A guest that leaves the simulated world is stopped, by name; host code is passed on to libc.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sim/guest/scheduler.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;

void run_guest(std::function<void()> main) {
  World world(1);
  Network network(world);
  network.add_host("alice");
  Scheduler scheduler(world, network);
  scheduler.spawn(scheduler.boot("alice"), "alice/main", std::move(main));
  world.run_until(1s);
}

TEST(UnmodelledDeathTest, GuestThatSelectsIsStoppedByName) {
  EXPECT_DEATH(run_guest([] { select(0, nullptr, nullptr, nullptr, nullptr); }),
               "guest alice/main called select, which the simulated world has no model of");
}

TEST(UnmodelledDeathTest, GuestThatOpensAFileOrPollsTheKernelIsStopped) {
  EXPECT_DEATH(run_guest([] { open("/etc/hostname", O_RDONLY); }), "called open,");
  EXPECT_DEATH(run_guest([] { epoll_create1(0); }), "called epoll_create1,");
  EXPECT_DEATH(run_guest([] { syscall(SYS_gettimeofday, nullptr, nullptr); }), "called syscall");
  EXPECT_DEATH(run_guest([] {
                 char byte;
                 [[maybe_unused]] const auto count = read(0, &byte, 1);
               }),
               "called read");
}

// Every register that can carry an argument arrives: select() has five, open() is variadic.
TEST(Unmodelled, HostCodeIsPassedOnToLibcWithAllItsArguments) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  fd_set set;
  FD_ZERO(&set);
  FD_SET(ends[0], &set);
  timeval timeout{.tv_sec = 0, .tv_usec = 0};
  EXPECT_EQ(select(ends[0] + 1, &set, nullptr, nullptr, &timeout), 1);
  EXPECT_TRUE(FD_ISSET(ends[0], &set));
  close(ends[0]);
  close(ends[1]);

  char path[] = "/tmp/guest_test_XXXXXX";
  const int made = mkstemp(path);
  ASSERT_GE(made, 0);
  close(made);
  unlink(path);
  const int opened = open(path, O_CREAT | O_RDWR, 0600);
  ASSERT_GE(opened, 0);
  struct stat status {};
  EXPECT_EQ(fstat(opened, &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  close(opened);
  unlink(path);
}

}  // namespace
}  // namespace mqttvet::sim
