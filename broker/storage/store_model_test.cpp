// The store against a model of plain maps: whatever records come, both say the same, at once and after a
// restart.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "broker/storage/store.h"
#include "broker/storage/testing/model.h"
#include "broker/storage/testing/random_records.h"
#include "broker/storage/testing/temporary_directory.h"

namespace mqttvet::storage {
namespace {

using testing::Model;
using testing::RandomRecords;

std::uint64_t draw(std::uint64_t bound) {
  return *rc::gen::inRange<std::uint64_t>(0, bound);
}

Store open_or_fail(const std::string& path) {
  // A small log, so that it is copied into the database again and again.
  Result<Store> store = Store::open(path, {.checkpoint_after_pages = 10});
  RC_ASSERT(store.ok());
  return std::move(*store);
}

void check_equal(Store& store, const Model& model) {
  Result<core::Snapshot> snapshot = store.load(testing::kWallFrame);
  if (!snapshot.ok()) RC_FAIL(snapshot.error().text);
  RC_ASSERT(testing::describe(*snapshot) == testing::describe(model.snapshot()));
  RC_ASSERT(store.check_invariants() == std::vector<std::string>());
}

RC_GTEST_PROP(StoreModel, HoldsWhatTheRecordsSay_AfterEachCommitAndAfterEachRestart, ()) {
  testing::TemporaryDirectory directory;
  std::optional<Store> store = open_or_fail(directory.path("mqttvet.db"));
  Model model;
  RandomRecords records(draw);
  core::Now now{core::Monotonic(std::chrono::seconds(5)), core::Wall(std::chrono::hours(24 * 365 * 50))};
  for (std::uint64_t commits = draw(12); commits > 0; --commits) {
    std::vector<core::Record> batch;
    for (std::uint64_t count = draw(10); count > 0; --count) {
      batch.push_back(records.next(model, now));
      model.apply(batch.back(), now);
    }
    const auto error = store->commit(batch, now);
    if (error) RC_FAIL(error->text);
    now.monotonic += std::chrono::milliseconds(1500);
    now.wall += std::chrono::milliseconds(1500);
    if (draw(3) == 0) {  // the process restarts: another origin of the monotonic clock
      store.reset();
      store = open_or_fail(directory.path("mqttvet.db"));
      now.monotonic = core::Monotonic(std::chrono::seconds(draw(100)));
      records.forget_messages();
    }
    check_equal(*store, model);
  }
}

}  // namespace
}  // namespace mqttvet::storage
