// The files of this folder as they were when the program was built. Internal to this folder.
#pragma once

#include <vector>

namespace mqttvet::conformance::embedded {

struct Record {
  const char* stem;  // of the file's name: "mosquitto-2.0.11"
  const char* text;
};
extern const std::vector<Record> kRecords;
extern const char* const kOnlyHere;

}  // namespace mqttvet::conformance::embedded
