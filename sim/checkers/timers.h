// TIM: the timers whose end is the end of a connection, or a repetition on a living one. The end of a
// session, of a will's delay and of a message are for SES, WIL and EXP; that nobody is disconnected too
// early, for check_closings().
#pragma once

#include <vector>

#include "sim/checkers/model.h"

namespace mqttvet::sim {

// Who is silent for one and a half times its keep-alive is disconnected (section 3.1.2.10).
void check_keep_alive(const Model& model, std::vector<Violation>& violations);

// A network connection on which no complete CONNECT comes is closed after connect_timeout (section 3.1.4:
// "within a reasonable amount of time", and how much that is the broker's configuration says).
void check_time_to_connect(const Model& model, std::vector<Violation>& violations);

// 3.1.1 and 3.1: what is not acknowledged is sent again after retry_interval, not earlier, and on a living
// connection never if that is 0.
void check_retry_interval(const Model& model, std::vector<Violation>& violations);

}  // namespace mqttvet::sim
