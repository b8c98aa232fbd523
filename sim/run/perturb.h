// Another process for the same run: what must not matter is different.
#pragma once

namespace mqttvet::sim {

// From now on fresh memory of this process, on the heap and below the current frame of the stack, has other
// bytes in it, and what is allocated has other addresses and stands in another order. Guests have a heap of
// their own, which stays what it is: what they read from memory they freed repeats.
void perturb_process();

}  // namespace mqttvet::sim
