// Guests' threads, waiting and clocks, written as ordinary C++ and pthread code, on both backends.
#include "sim/guest/scheduler.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;

class Guests : public testing::TestWithParam<Scheduler::Backend> {
 protected:
  void run(std::function<void()> main) {
    scheduler_.spawn(machine_, "main", std::move(main));
    ended_ = world_.run_until(1h);
    EXPECT_THAT_all_ended();
  }
  void EXPECT_THAT_all_ended() { EXPECT_EQ(scheduler_.describe(), std::vector<std::string>{}); }

  World world_{7};
  Network network_{world_};
  Scheduler scheduler_{world_, network_, {.backend = GetParam()}};
  Machine& machine_ = (network_.add_host("alice"), scheduler_.boot("alice"));
  World::Ended ended_{};
};

TEST_P(Guests, ThreadIsJoinedWithItsResult) {
  int result = 0;
  run([&] {
    std::thread thread([&] { result = 42; });
    thread.join();
    EXPECT_EQ(result, 42);
  });
  EXPECT_EQ(result, 42);
}

TEST_P(Guests, SleepTakesSimulatedTimeOnly) {
  Duration slept{};
  run([&] {
    const auto before = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(10min);
    slept = std::chrono::steady_clock::now() - before;
  });
  EXPECT_GE(slept, 10min);
  EXPECT_LT(slept, 10min + 100ms);
}

TEST_P(Guests, WallClockBeginsIn2026AndFollowsTheMachinesOffset) {
  machine_.clock_offset = 1h;
  std::time_t now = 0;
  run([&] { now = ::time(nullptr); });
  EXPECT_EQ(now, 1'767'225'600 + 3600);
}

TEST_P(Guests, MutexExcludesWhileItsHolderSleeps) {
  int inside = 0;
  int most = 0;
  run([&] {
    std::mutex mutex;
    std::vector<std::thread> threads;
    for (int i = 0; i < 5; ++i) {
      threads.emplace_back([&] {
        for (int round = 0; round < 20; ++round) {
          const std::lock_guard lock(mutex);
          most = std::max(most, ++inside);
          std::this_thread::sleep_for(1ms);
          --inside;
        }
      });
    }
    for (auto& thread : threads) thread.join();
  });
  EXPECT_EQ(most, 1);
  EXPECT_EQ(inside, 0);
}

TEST_P(Guests, RecursiveMutexIsFreeAfterAsManyUnlocks) {
  run([&] {
    std::recursive_mutex mutex;
    mutex.lock();
    mutex.lock();
    mutex.unlock();
    bool taken = true;
    std::thread([&] { taken = mutex.try_lock(); }).join();
    EXPECT_FALSE(taken);
    mutex.unlock();
    std::thread([&] {
      taken = mutex.try_lock();
      mutex.unlock();
    }).join();
    EXPECT_TRUE(taken);
  });
}

TEST_P(Guests, ErrorCheckingMutexReportsWhatItShould) {
  run([&] {
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_t mutex;
    pthread_mutex_init(&mutex, &attributes);
    EXPECT_EQ(pthread_mutex_unlock(&mutex), EPERM);
    EXPECT_EQ(pthread_mutex_lock(&mutex), 0);
    EXPECT_EQ(pthread_mutex_lock(&mutex), EDEADLK);
    EXPECT_EQ(pthread_mutex_unlock(&mutex), 0);
    EXPECT_EQ(pthread_mutex_destroy(&mutex), 0);
  });
}

TEST_P(Guests, ConditionVariableWakesOrTimesOutOnTime) {
  run([&] {
    std::mutex mutex;
    std::condition_variable changed;
    bool flag = false;
    std::unique_lock lock(mutex);
    const auto before = std::chrono::steady_clock::now();
    EXPECT_FALSE(changed.wait_for(lock, 5s, [&] { return flag; }));
    EXPECT_GE(std::chrono::steady_clock::now() - before, 5s);
    std::thread thread([&] {
      std::this_thread::sleep_for(1s);
      const std::lock_guard inner(mutex);
      flag = true;
      changed.notify_one();
    });
    EXPECT_TRUE(changed.wait_for(lock, 5s, [&] { return flag; }));
    EXPECT_LT(std::chrono::steady_clock::now() - before, 7s);
    lock.unlock();
    thread.join();
  });
}

TEST_P(Guests, TimedWaitRefusesAnImpossibleTime) {
  run([&] {
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    pthread_mutex_lock(&mutex);
    const timespec impossible{.tv_sec = 0, .tv_nsec = 1'000'000'000};
    EXPECT_EQ(pthread_cond_timedwait(&condition, &mutex, &impossible), EINVAL);
    pthread_mutex_unlock(&mutex);
  });
}

TEST_P(Guests, OnceRunsOnceAndOthersWaitForItsEnd) {
  int runs = 0;
  run([&] {
    std::once_flag once;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        std::call_once(once, [&] {
          std::this_thread::sleep_for(1s);
          ++runs;
        });
        EXPECT_EQ(runs, 1);
      });
    }
    for (auto& thread : threads) thread.join();
  });
  EXPECT_EQ(runs, 1);
}

TEST_P(Guests, StaticInitialisationWaitsForTheOneThatBegan) {
  run([&] {
    const auto value = [] {
      static const int initialised = [] {
        std::this_thread::sleep_for(1s);
        return 7;
      }();
      return initialised;
    };
    int other = 0;
    std::thread thread([&] { other = value(); });
    EXPECT_EQ(value(), 7);
    thread.join();
    EXPECT_EQ(other, 7);
  });
}

TEST_P(Guests, FutureAndSemaphoreCarryAcross) {
  run([&] {
    sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    std::promise<int> promise;
    auto future = promise.get_future();
    std::thread thread([&] {
      sem_wait(&semaphore);
      promise.set_value(5);
    });
    EXPECT_EQ(future.wait_for(1s), std::future_status::timeout);
    sem_post(&semaphore);
    EXPECT_EQ(future.get(), 5);
    thread.join();
    sem_destroy(&semaphore);
  });
}

TEST_P(Guests, ExceptionsInFlightBelongToTheirThread) {
  run([&] {
    const auto fail = [](int number) {
      try {
        throw number;
      } catch (int caught) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10 - caught));
        EXPECT_EQ(caught, number);
        try {
          throw;
        } catch (int again) {
          EXPECT_EQ(again, number);
        }
      }
    };
    std::thread one(fail, 1);
    std::thread two(fail, 2);
    one.join();
    two.join();
    EXPECT_EQ(std::uncaught_exceptions(), 0);
  });
}

TEST_P(Guests, ErrnoBelongsToItsThread) {
  run([&] {
    errno = EDOM;
    std::thread([] { errno = ERANGE; }).join();
    std::this_thread::sleep_for(1ms);
    EXPECT_EQ(errno, EDOM);
  });
}

std::vector<int> destroyed;

TEST_P(Guests, ThreadSpecificDataIsPerGuestAndDestroyed) {
  destroyed.clear();
  run([&] {
    pthread_key_t key;
    pthread_key_create(&key, [](void* value) { destroyed.push_back(*static_cast<int*>(value)); });
    static int numbers[] = {0, 1, 2};
    pthread_setspecific(key, &numbers[0]);
    for (int i = 1; i <= 2; ++i) {
      std::thread([&, i] {
        EXPECT_EQ(pthread_getspecific(key), nullptr);
        pthread_setspecific(key, &numbers[i]);
        std::this_thread::sleep_for(1ms);
        EXPECT_EQ(pthread_getspecific(key), &numbers[i]);
      }).join();
    }
    EXPECT_EQ(pthread_getspecific(key), &numbers[0]);
  });
  EXPECT_EQ(destroyed, (std::vector<int>{1, 2, 0}));
}

TEST_P(Guests, BusyGuestDoesNotKeepTheWorldFromItsEnd) {
  bool stop = false;
  scheduler_.spawn(machine_, "main", std::function<void()>([&] {
                     while (!stop) sched_yield();
                   }));
  EXPECT_EQ(world_.run_until(50ms), World::Ended::time_up);
  EXPECT_EQ(world_.now(), 50ms);
  stop = true;
  world_.run_until(1s);
}

INSTANTIATE_TEST_SUITE_P(Backends, Guests,
                         testing::Values(Scheduler::Backend::fibers, Scheduler::Backend::threads),
                         [](const auto& each) {
                           return each.param == Scheduler::Backend::fibers ? "fibers" : "threads";
                         });

}  // namespace
}  // namespace mqttvet::sim
