// Topic Aliases as section 3.3.2.3.4 defines them: what a number stands for, in one direction of one
// connection.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "conformance/wire/wire.h"

namespace mqttvet::sim {

class TopicAliases {
 public:
  // The Topic Name that a PUBLISH means. It teaches an alias if it carries both. `known` becomes false if it
  // carries an alias alone that nothing has taught; the name is empty then.
  std::string topic_of(const wire::Publish& publish, bool& known) {
    const auto alias = wire::number(publish.properties, wire::PropertyId::topic_alias);
    if (!alias) return publish.topic;
    if (!publish.topic.empty()) return topics_[*alias] = publish.topic;
    const auto found = topics_.find(*alias);
    known = found != topics_.end();
    return known ? found->second : std::string();
  }

 private:
  std::map<std::uint32_t, std::string> topics_;
};

}  // namespace mqttvet::sim
