// The tables of this folder and docs/SPEC_NOTES.md as they were when the program was built, so that it needs
// no file to explain itself. Internal to this folder.
#pragma once

namespace mqttvet::conformance::embedded {

extern const char* const kMqtt311Normative;
extern const char* const kMqtt50Normative;
extern const char* const kNonNumbered;
extern const char* const kUncovered;
extern const char* const kSpecNotes;

}  // namespace mqttvet::conformance::embedded
