// A story of real client programs on the target: a case for each Paho library.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "conformance/harness/case.h"

namespace mqttvet::conformance {

inline constexpr Library kLibraries[] = {Library::paho_c, Library::paho_cpp};

// `name`: statement and slug; the library is put behind it.
inline void add_story(const std::string& name, CaseInfo info, const std::function<void(Run&, Library)>& story,
                      const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  info.needs.push_back(Capability::paho);
  info.tags.push_back("interop");
  for (const Library library : kLibraries) {
    add_case(
        name + "-with-" + std::string(name_of(library)), info, [=](Run& run) { story(run, library); }, file,
        line);
  }
}

inline Application& connected(Run& run, Library library, ProgramSettings settings = {}) {
  Application& application = run.application(library, std::move(settings));
  application.expect_done(application.connect());
  return application;
}

inline Application& subscribed(Run& run, Library library, const std::string& topic_filter, std::uint8_t qos) {
  Application& application = connected(run, library);
  application.expect_done(application.subscribe(topic_filter, qos));
  return application;
}

inline Library other(Library library) {
  return library == Library::paho_c ? Library::paho_cpp : Library::paho_c;
}

}  // namespace mqttvet::conformance
