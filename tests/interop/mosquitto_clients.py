"""mosquitto_pub and mosquitto_sub in their three versions. Debian's know TCP and TLS, no WebSocket."""
import itertools
import subprocess

from broker import PATIENCE

VERSIONS = {"3.1": "mqttv31", "3.1.1": "mqttv311", "5.0": "mqttv5"}
SCHEMES = ("mqtt", "mqtts")


class Mosquitto:
    _numbers = itertools.count()

    def __init__(self, broker, scheme, version):
        self.topic = f"mosquitto/{scheme}/{version}"
        self.is_v5 = version == "5.0"
        self._common = ["-h", "127.0.0.1", "-p", str(broker.ports[scheme]), "-V", VERSIONS[version]]
        if scheme == "mqtts":
            self._common += ["--cafile", str(broker.certificate)]
        self._broker = broker

    def publish(self, topic, payload, *options):
        subprocess.run(["mosquitto_pub", *self._common, "-t", topic, "-m", payload, *options], check=True,
                       timeout=PATIENCE, capture_output=True)

    def subscribe(self, *options):
        """Runs until it ends by itself, and returns the lines it has printed."""
        done = subprocess.run(["mosquitto_sub", *self._common, "-W", str(PATIENCE), *options], check=True,
                              timeout=2 * PATIENCE, capture_output=True, text=True)
        return done.stdout.splitlines()

    def start_subscriber(self, *options):
        """One whose lines are read while it runs. It says 'ready' once it has subscribed."""
        ready = f"{self.topic}/ready/{next(self._numbers)}"
        self.publish(ready, "ready", "-r", "-q", "1")
        process = subprocess.Popen(["mosquitto_sub", *self._common, "-W", str(PATIENCE), "-t", ready, *options],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert process.stdout.readline() == "ready\n"
        return process


def end(process):
    process.kill()
    process.wait()
    process.stdout.close()


def each_qos_arrives(m):
    subscriber = m.start_subscriber("-t", m.topic + "/qos", "-q", "2", "-F", "%p")
    for qos in "012":
        m.publish(m.topic + "/qos", "QoS " + qos, "-q", qos)
    lines = [subscriber.stdout.readline() for _ in range(3)]
    end(subscriber)
    assert sorted(lines) == ["QoS 0\n", "QoS 1\n", "QoS 2\n"], lines


def a_retained_message_waits(m):
    m.publish(m.topic + "/retained", "kept", "-r", "-q", "1")
    assert m.subscribe("-t", m.topic + "/retained", "-C", "1", "-F", "%r %p") == ["1 kept"]
    subprocess.run(["mosquitto_pub", *m._common, "-t", m.topic + "/retained", "-r", "-n"], check=True, timeout=PATIENCE)


def a_session_keeps_messages(m):
    session = ["-i", "session" + m.topic[-11:].replace("/", "-"), "-c", "-q", "2", "-t", m.topic + "/offline"]
    m.subscribe(*session, "-E")
    for qos in "12":
        m.publish(m.topic + "/offline", "offline " + qos, "-q", qos)
    assert m.subscribe(*session, "-C", "2") == ["offline 1", "offline 2"]


def a_will_is_published(m):
    witness = m.start_subscriber("-t", m.topic + "/will", "-q", "1")
    mortal = m.start_subscriber("--will-topic", m.topic + "/will", "--will-payload", "gone", "--will-qos", "1")
    end(mortal)
    assert witness.stdout.readline() == "gone\n"
    end(witness)


def properties_of_5_0_arrive(m):
    if not m.is_v5:
        return
    m.publish(m.topic + "/properties", "body", "-r", "-q", "1", "-D", "publish", "content-type", "text/plain",
              "-D", "publish", "response-topic", "answers", "-D", "publish", "user-property", "colour", "blue",
              "-D", "publish", "message-expiry-interval", "1000")
    lines = m.subscribe("-t", m.topic + "/properties", "-C", "1", "-F", "%C %R %P %p")
    assert lines == ["text/plain answers colour:blue body"], lines


STORIES = (each_qos_arrives, a_retained_message_waits, a_session_keeps_messages, a_will_is_published,
           properties_of_5_0_arrive)


def stories(broker):
    """(name, function) of every story in every version over every transport."""
    for scheme in SCHEMES:
        for version in VERSIONS:
            for story in STORIES:
                yield (f"mosquitto {version} {scheme}: {story.__name__}",
                       lambda story=story, scheme=scheme, version=version: story(Mosquitto(broker, scheme, version)))
