// What the store says to a file or directory it cannot use; and that it then leaves it alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <random>
#include <sstream>

#include "broker/storage/data_directory.h"
#include "broker/storage/testing/model.h"
#include "broker/storage/testing/random_records.h"
#include "broker/storage/testing/records.h"
#include "broker/storage/testing/temporary_directory.h"

namespace mqttvet::storage {
namespace {

using ::testing::HasSubstr;
using testing::kWallFrame;
using testing::message;
using testing::put_outgoing;
using testing::put_session;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

void write_file(const std::string& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

// Somebody else's hands on the file.
void meddle(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(database);
  sqlite3_close(database);
}

class OpenTest : public ::testing::Test {
 protected:
  std::string path() const { return directory_.path("mqttvet.db"); }

  // A row in every table.
  void fill() {
    Result<Store> store = Store::open(path());
    ASSERT_TRUE(store.ok()) << store.error().text;
    const std::vector<core::Record> batch = {
        put_session("a"),
        core::PutSubscription{"a", {.topic_filter = "f", .options = {}, .subscription_identifier = {}}},
        core::PutIncoming{"a", 5}, put_outgoing("a", 1, message(1)), core::PutRetained{message(2, "t")}};
    ASSERT_FALSE(store->commit(batch, kWallFrame));
  }

  // The error of open, or else of load; "none".
  std::string error() const {
    Result<Store> store = Store::open(path());
    if (!store.ok()) return store.error().text;
    Result<core::Snapshot> snapshot = store->load(kWallFrame);
    return snapshot.ok() ? "none" : snapshot.error().text;
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(OpenTest, RefusesAFileThatIsNoDatabase) {
  const std::string text = "Dear diary, today I wrote a broker. " + std::string(2000, '.');
  write_file(path(), text);
  EXPECT_EQ(error(), path() + ": is not a mqttvet database, expected an SQLite file or none");
  EXPECT_EQ(read_file(path()), text);
}

TEST_F(OpenTest, RefusesTheDatabaseOfAnotherProgram) {
  meddle(path(), "CREATE TABLE addresses (name TEXT)");
  const std::string before = read_file(path());
  EXPECT_EQ(error(), path() + ": is not a mqttvet database: its application id is 0x0, expected 0x4d515456");
  EXPECT_EQ(read_file(path()), before);
}

TEST_F(OpenTest, RefusesANewerSchema) {
  fill();
  meddle(path(), "PRAGMA user_version = 3");
  const std::string before = read_file(path());
  EXPECT_EQ(error(),
            path() + ": has schema version 3, expected 2: it was written by a newer version of mqttvet");
  EXPECT_EQ(read_file(path()), before);
}

TEST_F(OpenTest, TakesAnEmptyFileForNew) {
  write_file(path(), "");
  EXPECT_EQ(error(), "none");
}

TEST_F(OpenTest, RefusesADirectoryInPlaceOfTheFile) {
  ASSERT_EQ(::mkdir(path().c_str(), 0700), 0);
  EXPECT_THAT(error(), HasSubstr(path() + ": cannot be opened: "));
}

TEST_F(OpenTest, RefusesASecondStoreOfThisProcess_AndOfAnother) {
  const std::string in_use = path() + ": is in use by another process, expected to be the only one";
  Result<Store> first = Store::open(path());
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(error(), in_use);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(error() == in_use ? 42 : 1);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 42);
}

TEST_F(OpenTest, NamesTheDamage) {
  struct Damage {
    const char* sql;
    const char* expected;
  };
  const Damage damages[] = {
      {"UPDATE session SET protocol_version = 9", "protocol_version is 9, expected 3 to 5"},
      {"UPDATE session SET next_packet_id = 65536", "next_packet_id is 65536, expected 0 to 65535"},
      {"UPDATE session SET session_expiry_interval = -1",
       "session_expiry_interval is -1, expected 0 to 4294967295"},
      {"UPDATE session SET will_qos = 1", "will_retain is missing or of another type, expected an integer"},
      {"UPDATE subscription SET maximum_qos = 3", "maximum_qos is 3, expected 0 to 2"},
      {"UPDATE subscription SET session = 99", "session is 99, a session that is not there"},
      {"UPDATE outgoing SET state = 3", "state is 3, expected 0 to 2"},
      {"UPDATE outgoing SET subscription_identifiers = x'0102'", "subscription_identifiers has a length"},
      {"UPDATE outgoing SET message = 99", "message is 99, a message that is not there"},
      {"UPDATE incoming SET packet_id = -1", "packet_id is -1, expected 0 to 65535"},
      {"UPDATE message SET user_properties = x'0005'", "user_properties ends in the middle"},
      {"UPDATE retained SET topic_name = 'other'", "message is a message of topic 't', expected 'other'"},
      {"DELETE FROM retained", "nothing refers to message 2"},
      {"DELETE FROM message", "message is 1, a message that is not there"},
      {"DELETE FROM session", "session is 1, a session that is not there"},
      {"DELETE FROM counter", "the counter last_message is missing"},
      {"UPDATE counter SET value = 1", "message 2 is beyond the last one, 1"},
      {"DROP TABLE incoming", "no such table: incoming"},
  };
  for (const Damage& damage : damages) {
    ::unlink(path().c_str());
    fill();
    meddle(path(), damage.sql);
    const std::string before = read_file(path());
    EXPECT_THAT(error(), HasSubstr(damage.expected)) << damage.sql;
    EXPECT_EQ(read_file(path()), before) << damage.sql;
  }
}

TEST_F(OpenTest, SurvivesAnyBytes) {
  {
    Result<Store> store = Store::open(path());
    ASSERT_TRUE(store.ok());
    std::mt19937 engine(1);
    testing::Model model;
    testing::RandomRecords records([&engine](std::uint64_t n) { return engine() % n; });
    for (int i = 0; i < 300; ++i) {
      const core::Record record = records.next(model, kWallFrame);
      model.apply(record, kWallFrame);
      ASSERT_FALSE(store->commit(std::span(&record, 1), kWallFrame));
    }
  }
  const std::string good = read_file(path());
  int refused = 0;
  std::mt19937 engine(2);
  for (int round = 0; round < 300; ++round) {
    std::string bad = good;
    if (round % 3 == 0) bad.resize(engine() % bad.size());
    for (std::uint32_t flips = 1 + engine() % 8; flips > 0 && !bad.empty(); --flips) {
      bad[engine() % bad.size()] = static_cast<char>(engine());
    }
    write_file(path(), bad);
    if (error() != "none") ++refused;
  }
  EXPECT_GT(refused, 100);
}

TEST(DataDirectory, IsCreatedWithItsParents) {
  testing::TemporaryDirectory directory;
  const std::string data = directory.path("a/b");
  {
    Result<Store> store = open_data_directory(data);
    ASSERT_TRUE(store.ok()) << store.error().text;
  }
  EXPECT_TRUE(std::filesystem::exists(data + "/mqttvet.db"));
}

TEST(DataDirectory, RefusesAFile) {
  testing::TemporaryDirectory directory;
  write_file(directory.path("data"), "");
  Result<Store> store = open_data_directory(directory.path("data"));
  ASSERT_FALSE(store.ok());
  EXPECT_THAT(store.error().text, HasSubstr(directory.path("data") + ": cannot be used as data directory"));
}

TEST(DataDirectory, RefusesADirectoryItMayNotWriteTo) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
  testing::TemporaryDirectory directory;
  ASSERT_EQ(::chmod(directory.path().c_str(), 0500), 0);
  Result<Store> store = open_data_directory(directory.path());
  ASSERT_FALSE(store.ok());
  EXPECT_THAT(store.error().text, HasSubstr("no permission to write"));
}

}  // namespace
}  // namespace mqttvet::storage
