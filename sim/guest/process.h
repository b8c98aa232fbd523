// One run, one process: a sweep forks a child per run from a parent that has warmed the libraries up. Every
// run then begins with the same heap and the same library state, and a crash inside a library is that run's
// finding only.
#pragma once

#include <string>

namespace mqttvet::sim {

// Starts this program again, once, with address randomisation and malloc's thread cache off, so that even
// what a library reads from freed memory repeats. Call first thing in main(); does not return if it succeeds.
// Without the right to do so (a sandbox), or under a sanitizer, the program goes on as it is: only undefined
// behaviour is then not repeatable.
void reexec_without_aslr(char** argv);

// Connects and disconnects one client of each library in a world of its own, which does their one-time
// initialisation. In host mode, before forking; at most once matters. Its clocks end before those of any run
// begin.
void warm_up();

// Empty, or why guests can't run in this process, in one line: the Paho libraries are not those they were
// made for, or the program does not put itself between them and libc.
std::string unexpected_paho();

}  // namespace mqttvet::sim
