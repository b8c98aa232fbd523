#!/usr/bin/env python3
"""interop.py BROKER DIRECTORY PAHO_CPP PAHO_C: real clients on a mqttvet-broker, over all of its transports.

mosquitto's, Paho's for C and C++, and mqtt.js. Each tells the same stories: every QoS, a retained message, a session
that keeps messages, a will. Prints a line for each that fails, and for each client that is not there. DIRECTORY is
where mqtt.js is installed to, from npm.
"""
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import mosquitto_clients
import other_clients
from broker import Broker

STORIES_AT_ONCE = 4


def all_stories(broker, directory, paho_cpp, paho_c):
    if shutil.which("mosquitto_sub"):
        yield from mosquitto_clients.stories(broker)
    else:
        print("skipped: mosquitto's clients are not installed (Debian: mosquitto-clients)")
    yield from other_clients.paho_stories(broker, paho_cpp, paho_c)
    yield from other_clients.mqtt_js_stories(broker, directory)


def told(story):
    """What went wrong; empty: nothing."""
    try:
        story()
        return ""
    except (AssertionError, OSError, subprocess.SubprocessError) as error:
        output = getattr(error, "stderr", None) or getattr(error, "output", None) or ""
        return repr(error) + "\n" + (output if isinstance(output, str) else output.decode(errors="replace"))


def main():
    program, directory, paho_cpp, paho_c = sys.argv[1:]
    broker = Broker(program)
    names, stories = zip(*all_stories(broker, directory, paho_cpp, paho_c))
    with ThreadPoolExecutor(STORIES_AT_ONCE) as tellers:  # they wait more than they work
        problems = [f"{name}: {problem}" for name, problem in zip(names, tellers.map(told, stories)) if problem]
    log = broker.log()
    status = broker.stop()
    if status != 0:
        problems.append(f"the broker ended with status {status}")
    for problem in problems:
        print(f"FAILED: {problem}")
    if problems:
        print(log)
    print(f"{len(names)} stories of real clients, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
