"""Paho's clients for C and C++, which are programs of ours, and mqtt.js, which comes from npm."""
import shutil
import subprocess
from pathlib import Path

from broker import PATIENCE, SCHEMES

MQTT_JS = "mqtt@5.16.0"
PAHO_SCHEMES = {"mqtt": "tcp", "mqtts": "ssl", "ws": "ws", "wss": "wss"}


def run(*command):
    subprocess.run([str(word) for word in command], check=True, timeout=6 * PATIENCE, capture_output=True, text=True)


def paho_stories(broker, paho_cpp, paho_c):
    for scheme in SCHEMES:
        uri = PAHO_SCHEMES[scheme] + broker.url(scheme).removeprefix(scheme)
        for version in ("3.1", "3.1.1", "5.0"):
            for name, program, api in (("Paho C++", paho_cpp, "async"), ("Paho C++", paho_cpp, "sync"),
                                       ("Paho C", paho_c, "sync")):
                yield (f"{name} {api} {version} {scheme}",
                       lambda words=(program, api, uri, version, broker.certificate): run(*words))


def install_mqtt_js(directory):
    """The directory, or None with a word why not."""
    if not shutil.which("node") or not shutil.which("npm"):
        print("skipped: mqtt.js: node and npm are not installed (Debian: nodejs, npm)")
        return None
    home = Path(directory)
    if (home / "node_modules" / "mqtt").is_dir():
        return home
    home.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(["npm", "install", "--prefix", home, "--no-audit", "--no-fund", "--ignore-scripts",
                               MQTT_JS], capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        print(f"skipped: {MQTT_JS}: npm takes too long")
        return None
    if done.returncode != 0:
        last_word = (done.stderr.strip().splitlines() or ["npm does not say why"])[-1]
        print(f"skipped: {MQTT_JS} cannot be installed from npm: {last_word}")
        return None
    return home


def mqtt_js_stories(broker, directory):
    home = install_mqtt_js(directory)
    if home is None:
        return
    program = Path(__file__).with_name("mqtt_js.cjs")
    for scheme in SCHEMES:
        for version in ("3.1", "3.1.1", "5.0"):
            yield (f"mqtt.js {version} {scheme}",
                   lambda words=("node", program, home, broker.url(scheme), version, broker.certificate): run(*words))
