"""A service under measurement, and the requests that prepare it."""

import json
import urllib.request

import machine


class Service:
    """A service that sends everything it records to the bench's receiver; it is alone on the measured core unless others are given."""

    def __init__(self, bench, executable, name, environment=None, disabled=False, cores=None, port=None):
        self.port = port or machine.free_port()
        variables = {
            "HOST": "127.0.0.1", "PORT": str(self.port), "NAMESPACE": "bench", "INSTANCE_NAME": f"{name}-1",
            "OTEL_LOCATION": f"127.0.0.1:{bench.receiver_port}", "OTEL_METRICS_EXPORTER": "otlp", "OTEL_LOGS_EXPORTER": "otlp",
            "LOG_FILE": str(bench.folder / f"{name}-{self.port}.jsonl"),
        }
        if disabled:
            variables["OTEL_SDK_DISABLED"] = "true"
        self.child = machine.Child(
            name, [bench.programs / executable], cores or bench.cores.server, bench.folder, variables | (environment or {}))
        machine.wait_for_port(self.port, self.child)

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"


def post(url, body, token=None):
    """Sends JSON and returns that of the answer."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": token} if token else {})
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())
