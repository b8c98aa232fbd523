"""A mosquitto with four listeners, on free ports of this machine."""
import getpass
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from broker import SCHEMES, make_certificate

PATIENCE = 20  # seconds


def program():
    """Its path; None: it is not installed."""
    return shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Mosquitto:
    def __init__(self):
        self._directory = tempfile.TemporaryDirectory(prefix="mqttvet-mosquitto-")
        directory = Path(self._directory.name)
        certificate, key = make_certificate(directory)
        self.ports = dict(zip(SCHEMES, free_ports(len(SCHEMES))))
        lines = ["allow_anonymous true", f"user {getpass.getuser()}"]
        for scheme, port in self.ports.items():
            lines.append(f"listener {port} 127.0.0.1")
            if scheme in ("ws", "wss"):
                lines.append("protocol websockets")
            if scheme in ("mqtts", "wss"):
                lines += [f"certfile {certificate}", f"keyfile {key}"]
        configuration = directory / "mosquitto.conf"
        configuration.write_text("\n".join(lines) + "\n")
        self._log = directory / "mosquitto.log"
        with open(self._log, "w") as log:
            self._process = subprocess.Popen([program(), "-c", configuration], stdout=log, stderr=log)
        self._wait_until_it_listens()

    def _wait_until_it_listens(self):
        end = time.monotonic() + PATIENCE
        for port in self.ports.values():
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    if time.monotonic() > end or self._process.poll() is not None:
                        raise RuntimeError("mosquitto does not listen: " + self._log.read_text()) from None
                    time.sleep(0.05)

    def url(self, scheme):
        path = "/mqtt" if scheme in ("ws", "wss") else ""
        return f"{scheme}://127.0.0.1:{self.ports[scheme]}{path}"

    def stop(self):
        self._process.terminate()
        self._process.wait(PATIENCE)
        self._directory.cleanup()
