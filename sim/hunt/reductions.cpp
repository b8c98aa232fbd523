#include "sim/hunt/reductions.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "sim/hunt/document.h"
#include "sim/plan/check_plan.h"

namespace mqttvet::sim {
namespace {

constexpr const char* kUsualNames[] = {"alice", "bob", "carol", "dave", "erin"};

std::optional<Plan> checked(Plan plan) {
  if (!check_plan(plan).empty()) return std::nullopt;
  return plan;
}

bool has_step(const Plan& plan, int id) {
  return std::any_of(plan.steps.begin(), plan.steps.end(), [&](const Step& step) { return step.id == id; });
}

bool has_guest(const Plan& plan) {
  return std::any_of(plan.clients.begin(), plan.clients.end(),
                     [](const ClientPlan& client) { return client.driver != Driver::raw; });
}

// A fault that followed a step which is gone follows the one before it.
void mend(Plan& plan) {
  for (Fault& fault : plan.faults) {
    while (fault.after_step && *fault.after_step > 0 && !has_step(plan, *fault.after_step))
      --*fault.after_step;
  }
}

Plan without_client(const Plan& plan, std::size_t which) {
  Plan smaller = plan;
  const std::string name = plan.clients[which].name;
  smaller.clients.erase(smaller.clients.begin() + static_cast<std::ptrdiff_t>(which));
  std::erase_if(smaller.steps, [&](const Step& step) { return step.client == name; });
  std::erase_if(smaller.faults, [&](const Fault& fault) {
    return fault.target == name || (fault.aim && fault.aim->client == name);
  });
  mend(smaller);
  return smaller;
}

// Every place where a step or a fault names a client.
void for_each_name(Plan& plan, const std::function<void(std::string&)>& change) {
  for (Step& step : plan.steps) change(step.client);
  for (Fault& fault : plan.faults) {
    change(fault.target);
    if (fault.aim) change(fault.aim->client);
  }
}

template <class Item>
std::vector<Item> without_chunk(const std::vector<Item>& items, std::size_t chunk, std::size_t number) {
  const std::size_t end = items.size() - number * chunk;
  const std::size_t begin = end > chunk ? end - chunk : 0;
  std::vector<Item> left(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(begin));
  left.insert(left.end(), items.begin() + static_cast<std::ptrdiff_t>(end), items.end());
  return left;
}

std::size_t chunks_of(std::size_t size, std::size_t chunk) {
  return (size + chunk - 1) / chunk;
}

// Candidates that are edits of one document.
Candidates edits(const Plan& plan, std::size_t (Document::*count)() const,
                 std::optional<Plan> (Document::*make)(std::size_t) const) {
  const auto document = std::make_shared<Document>(plan);
  return {(document.get()->*count)(),
          [document, make](std::size_t number) { return (document.get()->*make)(number); }};
}

}  // namespace

std::size_t size_of(const Plan& plan) {
  return plan.steps.size() + plan.faults.size();
}

Candidates without_a_client(const Plan& plan) {
  return {plan.clients.size(), [&plan](std::size_t number) { return checked(without_client(plan, number)); }};
}

Reduction without_steps(std::size_t chunk) {
  return [chunk](const Plan& plan) -> Candidates {
    return {chunks_of(plan.steps.size(), chunk), [&plan, chunk](std::size_t number) {
              Plan smaller = plan;
              smaller.steps = without_chunk(plan.steps, chunk, number);
              mend(smaller);
              return checked(std::move(smaller));
            }};
  };
}

Reduction without_faults(std::size_t chunk) {
  return [chunk](const Plan& plan) -> Candidates {
    return {chunks_of(plan.faults.size(), chunk), [&plan, chunk](std::size_t number) {
              Plan smaller = plan;
              smaller.faults = without_chunk(plan.faults, chunk, number);
              return checked(std::move(smaller));
            }};
  };
}

Candidates with_clients_merged(const Plan& plan) {
  const std::size_t clients = plan.clients.size();
  return {clients * clients, [&plan, clients](std::size_t number) -> std::optional<Plan> {
            const std::size_t stays = number / clients, goes = number % clients;
            if (stays == goes) return std::nullopt;
            Plan smaller = plan;
            const std::string from = plan.clients[goes].name;
            std::erase_if(smaller.steps, [&](const Step& step) {
              return step.client == from && std::holds_alternative<DoConnect>(step.operation);
            });
            for_each_name(smaller, [&](std::string& name) {
              if (name == from) name = plan.clients[stays].name;
            });
            smaller.clients.erase(smaller.clients.begin() + static_cast<std::ptrdiff_t>(goes));
            mend(smaller);
            return checked(std::move(smaller));
          }};
}

Candidates with_a_calm_schedule(const Plan& plan) {
  if (!has_guest(plan) || plan.schedule == Schedule::calm) return {};
  return {1, [&plan](std::size_t) {
            Plan calmer = plan;
            calmer.schedule = Schedule::calm;
            return std::optional(calmer);
          }};
}

Candidates without_a_guest(const Plan& plan) {
  return {plan.clients.size(), [&plan](std::size_t number) -> std::optional<Plan> {
            if (plan.clients[number].driver == Driver::raw) return std::nullopt;
            Plan calmer = plan;
            calmer.clients[number].driver = Driver::raw;
            if (!has_guest(calmer)) calmer.schedule = Plan{}.schedule;
            return checked(std::move(calmer));
          }};
}

Candidates without_an_entry(const Plan& plan) {
  return edits(plan, &Document::entry_count, &Document::without_entry);
}

Candidates with_a_rounder_value(const Plan& plan) {
  return edits(plan, &Document::value_count, &Document::with_value);
}

Candidates with_usual_names(const Plan& plan) {
  return {1, [&plan](std::size_t) -> std::optional<Plan> {
            Plan renamed = plan;
            std::map<std::string, std::string> usual;
            for (std::size_t i = 0; i < plan.clients.size() && i < std::size(kUsualNames); ++i)
              usual[plan.clients[i].name] = kUsualNames[i];
            const auto rename = [&](std::string& name) {
              if (const auto found = usual.find(name); found != usual.end()) name = found->second;
            };
            for (ClientPlan& client : renamed.clients) rename(client.name), rename(client.client_id);
            for_each_name(renamed, rename);
            if (renamed == plan) return std::nullopt;
            return checked(std::move(renamed));
          }};
}

}  // namespace mqttvet::sim
