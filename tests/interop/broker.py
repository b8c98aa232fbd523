"""A mqttvet-broker with a certificate, on free ports of this machine."""
import re
import subprocess
import tempfile
import time
from pathlib import Path

SCHEMES = ("mqtt", "mqtts", "ws", "wss")
PATIENCE = 20  # seconds until something that hangs has failed


def make_certificate(directory):
    """Paths of a certificate and its key: valid for two days, signed by itself; clients trust exactly this one."""
    certificate, key = directory / "broker.pem", directory / "broker.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


class Broker:
    def __init__(self, program):
        self._directory = tempfile.TemporaryDirectory(prefix="mqttvet-interop-")
        self.directory = Path(self._directory.name)
        self.certificate, self.key = make_certificate(self.directory)
        listen = [word for scheme in SCHEMES for word in ("--listen", f"{scheme}://127.0.0.1:0")]
        self._log = self.directory / "broker.log"
        with open(self._log, "w") as log:
            self._process = subprocess.Popen([program, *listen, "--certificate", self.certificate, "--key", self.key,
                                              "--memory"], stderr=log)
        self.ports = self._wait_for_ports()

    def _wait_for_ports(self):
        for _ in range(PATIENCE * 20):
            found = dict(re.findall(r"listening on (\w+)://127\.0\.0\.1:(\d+)", self._log.read_text()))
            if len(found) == len(SCHEMES):
                return {scheme: int(port) for scheme, port in found.items()}
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError("the broker does not listen: " + self._log.read_text())

    def url(self, scheme):
        path = "/mqtt" if scheme in ("ws", "wss") else ""
        return f"{scheme}://127.0.0.1:{self.ports[scheme]}{path}"

    def log(self):
        return self._log.read_text()

    def stop(self):
        """SIGTERM; the exit status."""
        self._process.terminate()
        try:
            return self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
        finally:
            self._directory.cleanup()
