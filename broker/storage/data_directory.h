// The directory a broker keeps its data in: DIR/mqttvet.db, and SQLite's log beside it while the broker runs.
#pragma once

#include <string>

#include "broker/storage/store.h"

namespace mqttvet::storage {

// Opens DIR/mqttvet.db; creates DIR (and its parents) if it is missing. Errors: DIR is not a directory,
// cannot be created, cannot be written to; and those of Store::open.
Result<Store> open_data_directory(const std::string& directory, const StoreOptions& options = {});

}  // namespace mqttvet::storage
