#include "broker/mutants/mutants.h"

#include <array>

namespace mqttvet::mutants {
namespace {

// The catalogue says which defects of emqttd these are. E_C07 is a later version's.
constexpr Mutant kEmqttd[] = {
    Mutant::B011_zero_means_none,
    Mutant::B015_pid_collision_at_wrap,
    Mutant::B041_qos0_overtakes_queue,
    Mutant::B052_dead_client_registered,
    Mutant::B057_takeover_will,
    Mutant::B059_will_gt_expiry,
    Mutant::B065_will_acl,
    Mutant::B076_keepalive_first_interval,
    Mutant::B094_suback_before_active,
    Mutant::B096_trie_leak,
    Mutant::B114_vbi_five_bytes,
    Mutant::B117_revoked_access,
    Mutant::B119_denied_not_acked,
    Mutant::B126_gc_reaps_live,
    Mutant::E_A03_pubrec_frees_id,
    Mutant::E_A04_ack_kind_unchecked,
    Mutant::E_A05_window_counts_publish_only,
    Mutant::E_A06_stale_retry_timer,
    Mutant::E_A07_zero_retries,
    Mutant::E_A09_resends_beyond_window,
    Mutant::E_B01_pubrel_resent_once,
    Mutant::E_B02_pubcomp_timer_forgets,
    Mutant::E_B03_pubrel_hash_order,
    Mutant::E_B06_equals_by_hash,
    Mutant::E_C01_rel_timeout_drops,
    Mutant::E_C02_pubcomp_before_effect,
    Mutant::E_C04_last_wins,
    Mutant::E_C05_overflow_is_silent,
    Mutant::E_C06_rel_timer_runs_offline,
    Mutant::E_D02_expiry_kills_live_session,
    Mutant::E_D05_clean_session_inherited,
    Mutant::E_D07_old_end_harms_new,
    Mutant::E_D09_expiry_in_minutes,
    Mutant::E_D10_sessions_in_memory_only,
    Mutant::E_D11_any_user_takes_it,
    Mutant::E_D12_client_ids_repeat,
    Mutant::E_E10_a_copy_for_each_member,
    Mutant::E_F01_refused_goes_on,
    Mutant::E_F02_unknown_types_wait,
    Mutant::E_F04_flags_unchecked,
    Mutant::E_F05_one_byte_disarms,
    Mutant::E_F06_unknown_level_unanswered,
    Mutant::E_F07_connect_flags_unchecked,
    Mutant::E_F08_packet_id_zero,
    Mutant::E_F09_dup_at_qos0,
    Mutant::E_F10_client_id_not_utf8,
    Mutant::E_F11_reserved_bits_of_subscribe,
    Mutant::E_F15_one_refused_filter_fails_all,
    Mutant::E_F18_not_authorized_unused,
    Mutant::E_H01_repeated_subscribe_gets_none,
    Mutant::E_H02_unsubscribe_late,
    Mutant::E_H03_dup_passed_on,
    Mutant::E_H04_dollar_matched,
    Mutant::E_H06_full_keeps_old,
    Mutant::E_H08_retained_twice_as_long,
    Mutant::E_I01_qos0_evicts_qos1,
    Mutant::E_I03_alarm_not_cleared,
    Mutant::E_I04_priority_unbounded,
};

constexpr MutantProfile kProfiles[] = {{"emqttd-1.1.3", kEmqttd}};

}  // namespace

std::span<const MutantProfile> mutant_profiles() {
  return kProfiles;
}

std::vector<Mutant> find_mutants(std::string_view name) {
  for (const MutantProfile& profile : kProfiles)
    if (profile.name == name) return {profile.mutants.begin(), profile.mutants.end()};
  if (const auto mutant = find_mutant(name)) return {*mutant};
  return {};
}

std::optional<Mutant> find_mutant(std::string_view name_or_id) {
  for (const MutantInfo& info : kMutants) {
    if (info.name == name_or_id) return info.mutant;
  }
  // "B008" or "E_A03": all up to an underscore that begins the words.
  std::optional<Mutant> found;
  for (const MutantInfo& info : kMutants) {
    const bool begins =
        info.name.starts_with(name_or_id) && info.name.substr(name_or_id.size()).starts_with('_');
    if (!begins) continue;
    if (found) return std::nullopt;  // the beginning of several
    found = info.mutant;
  }
  return found;
}

#ifdef MQTTVET_MUTANTS
namespace {

struct Switch {
  bool on = false;
  std::uint64_t hits = 0;
};
std::array<Switch, static_cast<std::size_t>(Mutant::count_)> switches;

Switch& switch_of(Mutant mutant) {
  return switches[static_cast<std::size_t>(mutant)];
}

}  // namespace

void switch_on(Mutant mutant) {
  switch_of(mutant).on = true;
}
void switch_all_off() {
  switches.fill({});
}
bool is_on(Mutant mutant) {
  return switch_of(mutant).on;
}
std::uint64_t hits(Mutant mutant) {
  return switch_of(mutant).hits;
}

bool reach(Mutant mutant) {
  Switch& which = switch_of(mutant);
  ++which.hits;
  return which.on;
}
#endif

}  // namespace mqttvet::mutants
