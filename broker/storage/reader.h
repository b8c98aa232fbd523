// Reads the whole database back.
#pragma once

#include <string>
#include <vector>

#include "broker/core/record.h"
#include "broker/storage/sqlite.h"

namespace mqttvet::storage {

// Throws Failure on the first row that cannot be; see Store::load().
core::Snapshot read_snapshot(Database& database, core::Now now);

}  // namespace mqttvet::storage
