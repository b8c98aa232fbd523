// Who there is and who may do what in a generated plan: users, an access control list, both changed in
// mid-run, and a stranger who tries to come in.
#include <algorithm>

#include "sim/plan/generate_parts.h"

namespace mqttvet::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kUsers[] = {"ann", "ben", "cleo"};

std::string password_of(std::string_view user) {
  return "secret of " + std::string(user);
}

std::string any_user(Draw& draw) {
  return std::string(kUsers[draw.between<std::size_t>(0, std::size(kUsers) - 1)]);
}

std::string any_who(Draw& draw, const std::vector<ClientPlan>& clients) {
  switch (draw(rc::gen::weightedElement<int>({{4, 0}, {3, 1}, {3, 2}, {1, 3}}))) {
    case 0:
      return "all";
    case 1:
      return "user " + any_user(draw);
    case 2:
      return "client " + clients[draw.between<std::size_t>(0, clients.size() - 1)].client_id;
    default:
      return "anonymous";
  }
}

std::string any_rule(Draw& draw, const std::vector<ClientPlan>& clients) {
  const std::string verdict = draw.chance(60) ? "deny " : "allow ";
  const std::string who = any_who(draw, clients);
  const auto what = draw.one_of<std::string>({" publish ", " subscribe ", " all "});
  const auto filter = draw(rc::gen::weightedElement<std::string>({{3, "a/b"},
                                                                  {2, "a/c"},
                                                                  {1, "a/#"},
                                                                  {2, "a/+/c"},
                                                                  {2, "d"},
                                                                  {1, "d/#"},
                                                                  {1, "+/b"},
                                                                  {2, "eq #"},
                                                                  {2, "eq a/#"},
                                                                  {3, "own/%c"},
                                                                  {3, "own/%u/#"},
                                                                  {2, "own/+"},
                                                                  {2, "will/%c"},
                                                                  {1, "will/#"}}));
  return verdict + who + what + filter;
}

// Mostly open, or nothing would ever happen.
std::vector<std::string> any_acl(Draw& draw, const std::vector<ClientPlan>& clients) {
  std::vector<std::string> lines;
  for (int left = draw.between(1, 6); left > 0; --left) lines.push_back(any_rule(draw, clients));
  lines.push_back(draw.chance(85) ? "allow all all #" : "allow all all a/#");
  if (draw.chance(80)) lines.push_back("allow all subscribe $SYS/#");
  return lines;
}

// A session is its user's, so that a client always comes as the same one.
void name_users(Plan& plan, Draw draw) {
  for (const std::string_view user : kUsers) plan.broker.users[std::string(user)] = password_of(user);
  const bool anonymous = draw.chance(30);
  if (anonymous) plan.broker.config["allow_anonymous"] = "true";
  for (ClientPlan& client : plan.clients) {
    const std::string user = any_user(draw);
    if (anonymous && draw.chance(30)) continue;
    client.user_name = user;
    client.password = password_of(user);
  }
  for (ClientPlan& client : plan.clients) {
    if (client.name != kTwin) continue;
    client.user_name = plan.clients.front().user_name;
    client.password = plan.clients.front().password;
  }
}

// Somebody who knows a name, or nothing; never the password.
void send_stranger(Plan& plan, Draw draw, Duration end) {
  ClientPlan stranger;
  stranger.name = stranger.client_id = kStranger;
  stranger.driver = Driver::raw;
  stranger.version = draw(any_version());
  stranger.reconnect = false;
  Duration at = draw.duration(500ms, 5s);
  for (int left = draw.between(1, 4); left > 0 && at + 500ms < end; --left) {
    DoConnect connect;
    connect.user_name = draw.chance(80) ? any_user(draw) : "nobody";
    const auto password = draw.one_of<std::string>({"", "wrong", password_of(*connect.user_name) + "!"});
    if (draw.chance(60)) connect.password = password;  // else there is none
    plan.steps.push_back({0, at, stranger.name, connect, false, false, {}});
    plan.steps.push_back({0, at + 300ms, stranger.name, DoDisconnect{}, false, false, {}});
    at += draw.duration(1s, 10s);
  }
  plan.clients.push_back(std::move(stranger));
}

// A client has its password wrong when it comes back, and right soon after.
void mistype_passwords(Plan& plan, Draw draw) {
  std::vector<Step> corrections;
  for (Step& step : plan.steps) {
    auto* connect = std::get_if<DoConnect>(&step.operation);
    if (connect == nullptr || step.client == kTwin || *step.at < 2s || !draw.chance(25)) continue;
    const auto client = std::find_if(plan.clients.begin(), plan.clients.end(),
                                     [&](const ClientPlan& each) { return each.name == step.client; });
    if (client->driver != Driver::raw || !client->user_name) continue;
    Step right = step;
    *right.at += draw.duration(100ms, 600ms);
    corrections.push_back(std::move(right));
    connect->password = "wrong";
  }
  plan.steps.insert(plan.steps.end(), corrections.begin(), corrections.end());
}

// Other rules, and for a while one user less. In the end everybody is there again.
void reload(Plan& plan, Draw draw, const Features& features, Duration end) {
  const auto add = [&plan](Duration at, Fault lists) {
    lists.kind = FaultKind::reload;
    lists.target = "broker";
    lists.at = at;
    lists.id = plan.faults.empty() ? 1 : plan.faults.back().id + 1;
    plan.faults.push_back(std::move(lists));
  };
  Duration at = draw.duration(2s, 10s);
  for (int left = draw.between(1, 3); left > 0 && at + 1s < end; --left) {
    Fault lists;
    lists.users = plan.broker.users;
    if (features.rules && draw.chance(85)) lists.acl = any_acl(draw, plan.clients);
    const std::string gone = any_user(draw);
    const Duration back = at + draw.duration(500ms, 8s);
    if (features.users && draw.chance(30) && back < end) {
      Fault without = lists;
      without.users.erase(gone);
      add(at, std::move(without));
      at = back;
    }
    add(at, std::move(lists));
    at += draw.duration(1s, std::max(20s, std::chrono::duration_cast<std::chrono::seconds>(end / 4)));
  }
}

}  // namespace

void generate_access(std::uint64_t seed, const Features& features, Plan& plan, Duration end) {
  if (features.users) {
    name_users(plan, Draw(seed, "users"));
    if (features.wrong_passwords) {
      mistype_passwords(plan, Draw(seed, "wrong passwords"));
      send_stranger(plan, Draw(seed, "stranger"), end);
    }
  }
  if (features.rules) {
    Draw draw(seed, "rules");
    plan.broker.acl = any_acl(draw, plan.clients);
    if (draw.chance(30)) plan.broker.config["acl_allow_unmatched"] = "true";
  }
  if (features.reloads && (features.users || features.rules))
    reload(plan, Draw(seed, "reloads"), features, end);
}

}  // namespace mqttvet::sim
