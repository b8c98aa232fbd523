// mqtt_js.cjs HOME_OF_NODE_MODULES URL VERSION CERTIFICATE: the stories of interop.py, told by mqtt.js.
const assert = require('node:assert');
const fs = require('node:fs');
const [home, url, version, certificate] = process.argv.slice(2);
const mqtt = require(home + '/node_modules/mqtt');

const five = version === '5.0';
const name = `mqttjs/${url.split(':')[0]}/${version}`;
const common = {
  protocolId: version === '3.1' ? 'MQIsdp' : 'MQTT',
  protocolVersion: {'3.1': 3, '3.1.1': 4, '5.0': 5}[version],
  ca: fs.readFileSync(certificate),
  reconnectPeriod: 0,
};
const id = story => (name + story).replaceAll('/', '-').slice(0, 23);
const connect = options => mqtt.connectAsync(url, {...common, ...options});

// The next `count` messages, in a promise.
function messages(client, count) {
  const seen = [];
  return new Promise(resolve => {
    client.on('message', (topic, payload, packet) => {
      seen.push({payload: payload.toString(), packet});
      if (seen.length === count) resolve(seen);
    });
  });
}

async function eachQosArrives() {
  const client = await connect({clientId: id('q')});
  await client.subscribeAsync(name + '/qos', {qos: 2});
  const arrived = messages(client, 3);
  for (const qos of [0, 1, 2]) await client.publishAsync(name + '/qos', `QoS ${qos}`, {qos});
  assert.deepEqual((await arrived).map(one => [one.payload, one.packet.qos]),
                   [['QoS 0', 0], ['QoS 1', 1], ['QoS 2', 2]]);
  await client.endAsync();
}

async function aRetainedMessageWaits() {
  const client = await connect({clientId: id('r')});
  await client.publishAsync(name + '/retained', 'kept', {qos: 1, retain: true});
  const arrived = messages(client, 1);
  await client.subscribeAsync(name + '/retained', {qos: 1});
  const [one] = await arrived;
  assert.equal(one.payload, 'kept');
  assert.equal(one.packet.retain, true);
  await client.publishAsync(name + '/retained', '', {qos: 1, retain: true});
  await client.endAsync();
}

async function aSessionKeepsMessages() {
  const session = {clientId: id('s'), clean: false, properties: five ? {sessionExpiryInterval: 1000} : undefined};
  const first = await connect(session);
  await first.subscribeAsync(name + '/offline', {qos: 2});
  await first.endAsync();
  const other = await connect({clientId: id('o')});
  for (const qos of [1, 2]) await other.publishAsync(name + '/offline', `offline ${qos}`, {qos});
  await other.endAsync();
  const again = mqtt.connect(url, {...common, ...session});  // listens before anything can arrive
  const arrived = await messages(again, 2);
  assert.deepEqual(arrived.map(one => one.payload), ['offline 1', 'offline 2']);
  await again.endAsync();
}

async function aWillIsPublished() {
  const witness = await connect({clientId: id('w')});
  await witness.subscribeAsync(name + '/will', {qos: 1});
  const arrived = messages(witness, 1);
  const mortal = await connect({clientId: id('m'), will: {topic: name + '/will', payload: Buffer.from('gone'), qos: 1}});
  mortal.stream.destroy();
  assert.equal((await arrived)[0].payload, 'gone');
  await witness.endAsync();
}

async function propertiesArrive() {
  if (!five) return;
  const client = await connect({clientId: id('p'), properties: {topicAliasMaximum: 10}});
  await client.subscribeAsync(name + '/properties', {qos: 1});
  const arrived = messages(client, 1);
  const properties = {contentType: 'text/plain', responseTopic: 'answers', correlationData: Buffer.from('7'),
                      userProperties: {colour: 'blue'}, payloadFormatIndicator: true};
  await client.publishAsync(name + '/properties', 'body', {qos: 1, properties});
  const got = (await arrived)[0].packet.properties;
  assert.equal(got.contentType, 'text/plain');
  assert.equal(got.responseTopic, 'answers');
  assert.equal(got.correlationData.toString(), '7');
  assert.equal(got.userProperties.colour, 'blue');
  await client.endAsync();
}

async function main() {
  for (const story of [eachQosArrives, aRetainedMessageWaits, aSessionKeepsMessages, aWillIsPublished, propertiesArrive]) {
    const limit = setTimeout(() => {
      console.error(`${story.name}: no answer`);
      process.exit(1);
    }, 15000);
    await story();
    clearTimeout(limit);
  }
}
main().then(() => process.exit(0), error => {
  console.error(error);
  process.exit(1);
});
