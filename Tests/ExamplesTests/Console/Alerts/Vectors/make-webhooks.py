#!/usr/bin/env python3
"""Writes webhooks.txt: what Alertmanager sends when alerts come and go by routes.yml. Argument: prometheus-alertmanager."""

import datetime
import http.server
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
BODIES = []
STARTS = {}


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        BODIES.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *words):
        pass


def post(alerts):
    request = urllib.request.Request(
        "http://127.0.0.1:9912/api/v2/alerts", json.dumps(alerts).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=5).close()


def alert(name, job, severity, ended=False, **more):
    one = {
        "labels": {"alertname": name, "job": job, "severity": severity, **more},
        "annotations": {"summary": f"{job} is <down> & \"out\"", "runbook": "http://r/"},
        "endsAt": "2040-01-01T00:00:00Z", "generatorURL": "http://console/#/metrics?q=up"}
    if key(one) not in STARTS:
        STARTS[key(one)] = now()
    one["startsAt"] = STARTS[key(one)]
    if ended:
        one["endsAt"] = now()
    return one


def key(one):
    return json.dumps(one["labels"], sort_keys=True)


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 9911), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    steps = [
        lambda: [alert("Down", "shop", "critical", host="a"), alert("Down", "books", "critical", host="b"), alert("Slow", "shop", "warning"),
         alert("Slow", "auth", "warning"), alert("Odd", "auth", "info"), alert("Quiet", "auth", "silent")],
        lambda: [alert("Down", "shop", "critical", host="c"), alert("Down", "shop", "critical", host="d")],
        lambda: [alert("Down", "shop", "critical", host="a", ended=True)],
        lambda: [alert("Odd", "auth", "info", ended=True), alert("Slow", "auth", "warning", ended=True)],
        lambda: [alert("Down", "shop", "critical", host=host, ended=True) for host in "cd"]
        + [alert("Down", "books", "critical", host="b", ended=True)],
    ]
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        program = subprocess.Popen(
            [sys.argv[1], f"--config.file={HERE / 'routes.yml'}", f"--storage.path={folder}", "--web.listen-address=127.0.0.1:9912",
             "--cluster.listen-address=", "--web.external-url=http://console"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                try:
                    urllib.request.urlopen("http://127.0.0.1:9912/-/ready", timeout=1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            for step in steps:
                alerts = step()
                lines.append("step " + json.dumps(alerts))
                post(alerts)
                time.sleep(4.5)
                for path, body in sorted(BODIES, key=lambda one: (one[0], one[1]["groupKey"])):
                    lines.append(f"sent {path} " + json.dumps(body))
                BODIES.clear()
        finally:
            program.terminate()
            program.wait()
    version = subprocess.run([sys.argv[1], "--version"], capture_output=True, text=True)
    lines.insert(0, "# " + (version.stdout + version.stderr).splitlines()[0].split("(")[0].strip())
    (HERE / "webhooks.txt").write_text("\n".join(lines) + "\n")
    print(len(lines), "lines")


main()
