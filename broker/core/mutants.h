// The planted bugs by the core's name: most of them live here, and whoever steps a broker switches them on.
#pragma once

#include "broker/mutants/mutants.h"

namespace mqttvet::core {

using mutants::find_mutant;
using mutants::find_mutants;
using mutants::kMutants;
using mutants::Mutant;
using mutants::mutant_profiles;
using mutants::MutantInfo;
using mutants::MutantProfile;
#ifdef MQTTVET_MUTANTS
using mutants::hits;
using mutants::is_on;
using mutants::switch_all_off;
using mutants::switch_on;
#endif

}  // namespace mqttvet::core
