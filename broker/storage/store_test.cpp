#include "broker/storage/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/storage/testing/model.h"
#include "broker/storage/testing/records.h"
#include "broker/storage/testing/temporary_directory.h"

namespace mqttvet::storage {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kWallFrame;
using testing::message;
using testing::put_outgoing;
using testing::put_session;
using Records = std::vector<core::Record>;

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() { reopen(); }

  void reopen() {
    store_.reset();
    Result<Store> opened = Store::open(directory_.path("mqttvet.db"));
    ASSERT_TRUE(opened.ok()) << opened.error().text;
    store_ = std::move(*opened);
  }
  void commit(const Records& batch, core::Now now = kWallFrame) {
    const auto error = store_->commit(batch, now);
    ASSERT_FALSE(error) << error->text;
    ASSERT_THAT(store_->check_invariants(), IsEmpty());
  }
  std::string commit_error(const Records& batch) {
    const auto error = store_->commit(batch, kWallFrame);
    return error ? error->text : "none";
  }
  core::Snapshot load(core::Now now = kWallFrame) {
    Result<core::Snapshot> snapshot = store_->load(now);
    EXPECT_TRUE(snapshot.ok()) << snapshot.error().text;
    return *snapshot;
  }

  testing::TemporaryDirectory directory_;
  std::optional<Store> store_;
};

TEST_F(StoreTest, IsEmptyWhenNew) {
  EXPECT_EQ(testing::describe(load()), "last message 0\n");
  EXPECT_THAT(store_->check_invariants(), IsEmpty());
}

TEST_F(StoreTest, MessageOfTwoQueuesAndRetained_ComesBackAsOne_AndGoesWithTheLastOfThem) {
  const core::MessagePtr shared = message(7);
  commit({put_session("a"), put_session("b"), put_outgoing("a", 1, shared), put_outgoing("b", 1, shared),
          core::PutRetained{shared}});
  reopen();
  {
    const core::Snapshot snapshot = load();
    EXPECT_EQ(snapshot.sessions[0].outgoing[0].message, snapshot.sessions[1].outgoing[0].message);
    EXPECT_EQ(snapshot.sessions[0].outgoing[0].message, snapshot.retained[0]);
  }
  commit({core::DeleteOutgoing{"a", 1, core::MessageId{7}}, core::DeleteRetained{"topic"}});
  EXPECT_EQ(load().sessions[1].outgoing[0].message->payload, "payload");
  commit({core::DeleteSession{"b"}});  // check_invariants sees that the message has gone, too
  EXPECT_EQ(load().sessions.size(), 1u);
}

TEST_F(StoreTest, RemembersTheLastMessageId_WhenTheMessageHasGone) {
  commit({core::PutRetained{message(41)}});
  commit({core::DeleteRetained{"topic"}});
  reopen();
  EXPECT_EQ(load().last_message_id, core::MessageId{41});
}

TEST_F(StoreTest, RetainedMessageReplacesTheOneOfItsTopic_EvenByItself) {
  commit({core::PutRetained{message(1, "t")}, core::PutRetained{message(2, "t")}});
  commit({core::PutRetained{message(2, "t")}});
  const core::Snapshot snapshot = load();
  ASSERT_EQ(snapshot.retained.size(), 1u);
  EXPECT_EQ(snapshot.retained[0]->id, core::MessageId{2});
}

TEST_F(StoreTest, ExpiryGoesOnWhileTheBrokerIsDown) {
  // Given: a message that expires in 60 s, on a machine that is up for 1000 s.
  const core::Wall noon{hours(24 * 365 * 50)};
  const core::Monotonic before{seconds(1000)};
  core::Message expiring = *message(1);
  expiring.arrived_at = before;
  expiring.expiry_interval = seconds(60);
  commit({core::PutRetained{std::make_shared<core::Message>(expiring)}}, {before, noon});
  reopen();
  // When: 45 s later the broker runs again, on a machine that is up for 5 s.
  const core::Monotonic after{seconds(5)};
  // Then: 15 s are left.
  EXPECT_EQ(load({after, noon + seconds(45)}).retained[0]->expires_at(), after + seconds(15));
  // And a message that has expired meanwhile says so.
  EXPECT_EQ(load({after, noon + seconds(61)}).retained[0]->expires_at(), after - seconds(1));
}

TEST_F(StoreTest, WallClockThatWasSetBack_GivesAMessageNoMoreThanItsWholeInterval) {
  const core::Wall noon{hours(24 * 365 * 50)};
  core::Message expiring = *message(1);
  expiring.arrived_at = core::Monotonic(seconds(1000));
  expiring.expiry_interval = seconds(60);
  commit({core::PutRetained{std::make_shared<core::Message>(expiring)}}, {expiring.arrived_at, noon});
  reopen();
  // The broker runs again an hour earlier.
  const core::Now earlier{core::Monotonic(seconds(5)), noon - hours(1)};
  EXPECT_EQ(load(earlier).retained[0]->arrived_at, earlier.monotonic);
  EXPECT_EQ(load(earlier).retained[0]->expires_at(), earlier.monotonic + seconds(60));
}

TEST_F(StoreTest, QueueComesBackByPosition_NotByKey) {
  commit({put_session("a"), put_outgoing("a", 1, message(1)), put_outgoing("a", 2, message(2))});
  commit({core::UpdateOutgoing{"a", 1, 3, core::OutgoingRecord::State::sent, 17, 18}});
  const core::RestoredSession session = load().sessions[0];
  EXPECT_EQ(session.outgoing[0].key, 2u);
  EXPECT_EQ(session.outgoing[1].key, 1u);
  EXPECT_EQ(session.outgoing[1].packet_id, 17);
  EXPECT_EQ(session.session.next_packet_id, 18);
}

TEST_F(StoreTest, ReplacedSessionKeepsWhatBelongsToIt_DeletedOneLeavesNothing) {
  commit({put_session("a"),
          core::PutSubscription{"a", {.topic_filter = "f", .options = {}, .subscription_identifier = {}}},
          core::PutIncoming{"a", 5}, put_outgoing("a", 1, message(1))});
  commit({put_session("a")});
  EXPECT_EQ(load().sessions[0].subscriptions.size(), 1u);
  EXPECT_EQ(load().sessions[0].incoming, std::vector<core::PacketId>{5});
  EXPECT_EQ(load().sessions[0].outgoing.size(), 1u);
  commit({core::DeleteSession{"a"}, put_session("a")});
  EXPECT_THAT(load().sessions[0].subscriptions, IsEmpty());
  EXPECT_THAT(load().sessions[0].incoming, IsEmpty());
  EXPECT_THAT(load().sessions[0].outgoing, IsEmpty());
}

TEST_F(StoreTest, DeletingWhatIsNotThere_HasNoEffect) {
  commit({core::DeleteSession{"x"}, core::DeleteSubscription{"x", "f"}, core::DeleteOutgoing{"x", 1, {}},
          core::DeleteIncoming{"x", 1}, core::DeleteRetained{"t"}});
  EXPECT_EQ(testing::describe(load()), "last message 0\n");
}

TEST_F(StoreTest, BatchThatContradictsTheStore_LeavesNoTrace_AndIsTheLast) {
  commit({put_session("a")});
  const std::string error = commit_error({core::PutIncoming{"a", 1}, core::PutIncoming{"ghost", 1}});
  EXPECT_EQ(error,
            directory_.path("mqttvet.db") + ": was given a record of session 'ghost', which does not exist");
  EXPECT_EQ(commit_error({core::PutIncoming{"a", 2}}), error);
  EXPECT_THAT(load().sessions[0].incoming, IsEmpty());
  reopen();
  EXPECT_THAT(load().sessions[0].incoming, IsEmpty());
  commit({core::PutIncoming{"a", 3}});
}

TEST_F(StoreTest, RefusesAnUpdateOfAMessageThatIsNotThere) {
  commit({put_session("a")});
  EXPECT_THAT(commit_error({core::UpdateOutgoing{"a", 9, 1, core::OutgoingRecord::State::sent, 1, 2}}),
              HasSubstr("an update of outgoing message 9 of session 'a', which does not exist"));
}

TEST_F(StoreTest, RefusesWhatItCouldNotReadBack) {
  EXPECT_THAT(commit_error({core::PutRetained{nullptr}}), HasSubstr("a record without its message"));
  reopen();
  EXPECT_THAT(commit_error({core::PutRetained{message(1ull << 63)}}),
              HasSubstr("the message id 9223372036854775808"));
  reopen();
  core::Message long_property = *message(1);
  long_property.properties.user_properties = {{"name", std::string(65536, 'x')}};
  EXPECT_THAT(commit_error({core::PutRetained{std::make_shared<core::Message>(long_property)}}),
              HasSubstr("a user property longer than 65535 bytes"));
}

}  // namespace
}  // namespace mqttvet::storage
