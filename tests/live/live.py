#!/usr/bin/env python3
"""live.py MQTTVET BROKER [--full]: the conformance suite on living brokers.

Our own broker and mosquitto, over mqtt, mqtts, ws and wss; then both of them started, stopped and killed by the hooks
of their target files. What mosquitto is known to do otherwise is in docs/targets/. Without --full only a part of the
suite; with it all of it, three times, and every verdict has to come out the same.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "interop"))

import mosquitto  # noqa: E402
from broker import SCHEMES, Broker  # noqa: E402

TARGETS = Path(__file__).parents[2] / "docs" / "targets"
KNOWN_OF_MOSQUITTO = TARGETS / "mosquitto-2.0.11.known.yaml"
# Short sections that reach every layer: handshakes, packets cut on the way, acknowledgements, fragments.
PART = ("MQTT5-3.8.4", "MQTT5-3.12", "MQTT5-4.3.2", "MQTT5-4.4.0-1/matrix-out-q1*", "6.0")
NEED_HOOKS = ("*survives-a-kill", "*survives-a-restart*", "*survive-a-restart")
PROMISED_SECONDS = 60  # for the whole suite, on two idle cores
HUNG_SECONDS = 300


class Failed(Exception):
    pass


def conform(mqttvet, target, *arguments, expected=0):
    """Verdict of each case, by name and version."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        run = subprocess.run([mqttvet, "conform", "-q", "--target", str(target), "--json", report.name, *arguments],
                             capture_output=True, text=True, timeout=HUNG_SECONDS)
        results = json.loads(Path(report.name).read_text() or "{}").get("results", [])
    if run.returncode != expected:
        bad = [f"  {one['case']} [{one['mqtt']}]: {one['text']}" for one in results
               if one["verdict"] in ("fail", "inconclusive") and "known" not in one]
        raise Failed("\n".join([f"{target}: exit status {run.returncode}, expected {expected}", *bad, run.stderr]))
    return {(result["case"], result["mqtt"]): result for result in results}


def verdicts(results):
    return {name: result["verdict"] for name, result in results.items()}


def differences(one, other):
    return [f"  {name}: {one.get(name)}, then {other.get(name)}" for name in one if one.get(name) != other.get(name)]


def over_one_transport(mqttvet, name, url, known, full):
    problems, runs = [], []
    for _ in range(3 if full else 1):
        begun = time.monotonic()
        try:
            runs.append(verdicts(conform(mqttvet, url, *known, *(() if full else PART))))
        except Failed as failure:
            return [str(failure)]
        took = time.monotonic() - begun
        late = ", MORE THAN PROMISED" if full and took > PROMISED_SECONDS else ""
        print(f"{name}, {url}: {len(runs[-1])} cases in {took:.1f} s{late}", flush=True)
    for again in runs[1:]:
        problems += [f"{name}, {url}, another verdict:"] * (again != runs[0]) + differences(runs[0], again)
    return problems


def over_every_transport(mqttvet, name, broker, known, full):
    # A part of the suite waits more than it works.
    with ThreadPoolExecutor(1 if full else len(SCHEMES)) as pool:
        told = pool.map(lambda scheme: over_one_transport(mqttvet, name, broker.url(scheme), known, full), SCHEMES)
        return [problem for problems in told for problem in problems]


def target_file(directory, name, script_arguments):
    """That of docs/targets/, with a directory and a port of its own."""
    port = mosquitto.free_ports(1)[0]
    text = (TARGETS / f"{name}.yaml").read_text()
    lines = []
    for line in text.splitlines():
        if line.startswith("address:"):
            line = f"address: mqtt://127.0.0.1:{port}"
        elif f"./{name}.sh" in line:
            line = line.replace("./", f"{TARGETS}/") + f" {directory / name} {port} {script_arguments}"
        lines.append(line)
    file = directory / f"{name}.yaml"
    file.write_text("\n".join(lines) + "\n")
    return file


def restarts_and_kills(mqttvet, name, file, count):
    """The suite starts the broker by its hook, restarts and kills it, and stops it."""
    results = verdicts(conform(mqttvet, file, *NEED_HOOKS))
    ran = [case for case, verdict in results.items() if verdict == "pass"]
    print(f"{name} by hooks: {len(ran)} of {len(results)} cases")
    return [] if len(ran) == count else [f"{name} by hooks: {len(ran)} cases passed, expected {count}: {results}"]


def survives_a_death(mqttvet, name, file, directory):
    """Killed by us in the middle: it is started again, the suite goes on, and the death is a failure."""
    suite = subprocess.Popen([mqttvet, "conform", "--target", file, "--jobs", "4", "MQTT5-3.8", "MQTT5-4.7"],
                             stdout=subprocess.PIPE, text=True)
    pid = directory / name / "pid"
    end = time.monotonic() + 20
    while not pid.exists() and time.monotonic() < end:
        time.sleep(0.01)
    time.sleep(0.7)
    first = int(pid.read_text())
    os.kill(first, signal.SIGKILL)
    output, _ = suite.communicate(timeout=HUNG_SECONDS)
    problems = []
    if suite.returncode != 1 or "the target died while" not in output:
        problems.append(f"{name}: its death is no finding: exit status {suite.returncode}\n{output[-2000:]}")
    if int(pid.read_text()) == first:
        problems.append(f"{name}: it was not started again")
    if "not run: the target answers nobody" in output:
        problems.append(f"{name}: the suite did not go on")
    return problems


def main():
    mqttvet, broker_program = sys.argv[1:3]
    full = "--full" in sys.argv[3:]
    problems = []
    ours = Broker(broker_program)
    problems += over_every_transport(mqttvet, "our broker", ours, (), full)
    ours.stop()
    theirs = mosquitto.program()
    if theirs:
        other = mosquitto.Mosquitto()
        problems += over_every_transport(mqttvet, "mosquitto", other, ("--known", str(KNOWN_OF_MOSQUITTO)), full)
        other.stop()
    else:
        print("skipped: mosquitto is not installed (Debian: mosquitto)")
    with tempfile.TemporaryDirectory(prefix="mqttvet-live-") as name:
        directory = Path(name)
        own = target_file(directory, "mqttvet-broker", broker_program)
        problems += restarts_and_kills(mqttvet, "mqttvet-broker", own, 14)
        problems += survives_a_death(mqttvet, "mqttvet-broker", own, directory)
        if theirs:
            problems += restarts_and_kills(mqttvet, "mosquitto", target_file(directory, "mosquitto", ""), 10)
    for problem in problems:
        print(f"FAILED: {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
