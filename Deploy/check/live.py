"""Starts the services of services.json with what their files say, has a Prometheus scrape them, and runs every query of dashboards and rules.

live.py PROGRAMS PROMETHEUS [COLLECTOR]: fails for a query that Prometheus refuses, and for a series that services have and that is not found.
With a collector, telemetry goes through an agent and a gateway, whose series are looked for too. Needs Python 3, without packages. All
addresses are of this machine.
"""

import http.server
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HERE))
import yaml_text  # noqa: E402

DATA = json.loads((HERE / "services.json").read_text())
SERVICES = {name: {**service, "system": system} for system, one in DATA["systems"].items() for name, service in one["services"].items()}
# What nothing here has: the collector, probes, and what no statement or request has failed with.
COLLECTED = "otelcol_"
ABSENT = re.compile(r"requests_refused|send_failures|send_failed|traces_span_metrics_|probe_|ALERTS|error_type!=|5\.\.|error\"|failure\"|ratio30d|==|<|>")


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes OTLP and forgets it."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def request(method, url, body=None, headers=None):
    data = json.dumps(body).encode() if body is not None else None
    asked = urllib.request.Request(url, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


class Services:
    def __init__(self, programs, folder, receiver):
        self.ports = dict(zip(SERVICES, free_ports(len(SERVICES))))
        self.processes = []
        for name, service in SERVICES.items():
            variables = {
                "PATH": os.environ["PATH"], "OTEL_SERVICE_NAME": name, **DATA["all"], **service.get("environment", {}),
                "OTEL_EXPORTER_OTLP_ENDPOINT": receiver, "OTEL_RESOURCE_ATTRIBUTES": f"service.namespace={service['system']}"}
            variables = {key: re.sub(r"(http://|=)([a-z0-9-]+):\d+", self.local, value) for key, value in variables.items()}
            variables.update({secret: "a secret of thirty-two bytes or more" for secret in service.get("secrets", {})})
            if "database" in service:
                variables["DATABASE_URL"] = f"sqlite:{folder}/{service['database']}"
            if "LEDGER_SPOOL" in variables:
                variables["LEDGER_SPOOL"] = f"{folder}/spool"
            if name == "lunar-module":
                variables["READING_INTERVAL"] = "500"
            if name == "album-store":
                variables["REQUESTS_PER_SECOND"] = "1000"
            if service["system"] == "tweets":
                variables["RATE_LIMIT"] = "0"
            variables |= {"SHIP_ID": name} if service["program"] == "Spaceship" else {}
            variables |= {"HOST": "127.0.0.1", "PORT": str(self.ports[name]), "OTEL_BSP_SCHEDULE_DELAY": "500"}
            self.processes.append(subprocess.Popen(
                [f"{programs}/{service['program']}"], env=variables, stdout=subprocess.DEVNULL, cwd=folder))

    def local(self, match):
        port = self.ports.get(match[2])
        return f"{match[1]}127.0.0.1:{port}" if port else match[0]

    def url(self, name):
        return f"http://127.0.0.1:{self.ports[name]}"

    def wait(self):
        for name in SERVICES:
            deadline = time.monotonic() + 30
            while True:
                try:
                    if request("GET", self.url(name) + "/status")[0] == 200:
                        break
                except OSError:
                    pass
                if time.monotonic() > deadline:
                    sys.exit(f"{name} does not answer")
                time.sleep(0.1)

    def traffic(self, number):
        """Sends a little of everything."""
        address = f"{number}@example.org"
        request("GET", self.url("proxy-service") + "/albums/1")
        request("POST", self.url("proxy-service") + "/albums", {"id": 1000 + number, "title": "Kind of Blue", "artist": "Miles Davis", "price": 9})
        user = {"name": "Ada", "email": address, "password": "correct horse"}
        token = json.loads(request("POST", self.url("auth-service") + "/auth/register", user)[1]).get("token", "")
        request("POST", self.url("auth-service") + "/auth/login", user)
        for path, body in [("/tweet/", {"text": "Hello"}), ("/retweet/", {"tweetId": 1}), ("/tweet/1/like", None)]:
            request("POST", self.url("tweet-service") + path, body, {"Authorization": token})
        for ship in ("enterprise-spaceship", "voyager-spaceship"):
            request("POST", self.url(ship) + "/dock/deepspace9-spaceport")
            request("POST", self.url(ship) + "/separate/deepspace9-spaceport")
        request("POST", self.url("mission-dashboard") + "/command", {"command": "START_MISSION"})
        request("GET", self.url("mission-dashboard") + "/")
        request("POST", self.url("mission-timeline") + "/input", {"name": "Landing"})
        request("GET", self.url("app-hello-world") + "/")
        person = {"email": address, "password": "correct horse", "firstName": "Ada", "lastName": "L"}
        token = json.loads(request("POST", self.url("app-auth") + "/api/v1/auth/register", person)[1]).get("accessToken", "")
        request(
            "POST", self.url("app-books") + "/api/v1/books", {"title": "Emma", "year": "1815", "author": "Jane Austen"},
            {"Authorization": f"Bearer {token}"})

    def stop(self):
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            process.wait(30)


class Collectors:
    """An agent and a gateway, as otel/ configures them, but for their addresses."""

    def __init__(self, program, folder, receiver):
        grpc, http, metrics, gateway, other, pages = free_ports(6)
        self.endpoint, self.targets = f"http://127.0.0.1:{http}", [f"127.0.0.1:{metrics}", f"127.0.0.1:{pages}"]
        self.processes = []
        for name, path, ports in [
            ("gateway", "otel/collector.yaml", (gateway, other, pages)), ("agent", "otel/agents/agent.yaml", (grpc, http, metrics))]:
            text = (HERE / path).read_text()
            for old, new in zip(["0.0.0.0:4317", "0.0.0.0:4318", "port: 8888"], [f"127.0.0.1:{ports[0]}", f"127.0.0.1:{ports[1]}", f"port: {ports[2]}"]):
                text = text.replace(old, new)
            pathlib.Path(folder, f"{name}.yaml").write_text(text)
            variables = {
                # Traces end at the gateway: nothing here takes OTLP by gRPC.
                "JAEGER_ENDPOINT": "http://127.0.0.1:1", "LOGS_ENDPOINT": receiver, "METRICS_ENDPOINT": receiver,
                "GATEWAY_ENDPOINT": f"127.0.0.1:{gateway}"}
            self.processes.append(subprocess.Popen(
                [program, f"--config={folder}/{name}.yaml"], env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(30)


def queries():
    for path in sorted(HERE.glob("grafana/dashboards/*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel.get("targets", []):
                text = target["expr"].replace("$__rate_interval", "10s").replace("$job", ".+").replace("$system", ".+")
                yield f"{path.name}: {panel['title']}", text


def main():
    programs, prometheus = sys.argv[1], sys.argv[2]
    with tempfile.TemporaryDirectory() as folder:
        receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        port = free_ports(1)[0]
        endpoint = f"http://127.0.0.1:{receiver.server_port}"
        collectors = Collectors(sys.argv[3], folder, endpoint) if len(sys.argv) > 3 else None
        services = Services(programs, folder, collectors.endpoint if collectors else endpoint)
        server = None
        try:
            services.wait()
            rules = (HERE / "prometheus/rules/recording.yml").read_text().replace("[5m]", "[10s]")
            pathlib.Path(folder, "recording.yml").write_text(re.sub(r"interval: \w+", "interval: 1s", rules))
            pathlib.Path(folder, "alerts.yml").write_text((HERE / "prometheus/rules/alerts.yml").read_text())
            pathlib.Path(folder, "prometheus.yml").write_text(yaml_text.text({
                "global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": ["recording.yml", "alerts.yml"],
                "scrape_configs": [
                    {"job_name": name, "static_configs": [{
                        "targets": [f"127.0.0.1:{services.ports[name]}"], "labels": {"system": service["system"]}}]}
                    for name, service in SERVICES.items()]
                + ([{"job_name": "otel-collector", "static_configs": [{"targets": collectors.targets}]}] if collectors else [])}))
            server = subprocess.Popen(
                [prometheus, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb",
                 f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"], stdout=subprocess.DEVNULL)
            end, number = time.monotonic() + 25, 0
            while time.monotonic() < end:
                services.traffic(number)
                number += 1
                time.sleep(0.2)
            refused, empty, count, full = [], [], 0, 0
            for place, text in queries():
                count += 1
                status, body = request(
                    "GET", f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": text}))
                answer = json.loads(body)
                if status != 200 or answer["status"] != "success":
                    refused.append(f"{place}: {answer.get('error')}: {text}")
                elif answer["data"]["result"]:
                    full += 1
                elif not ABSENT.search(text) and (collectors or COLLECTED not in text):
                    empty.append(f"{place}: {text}")
            targets = json.loads(request("GET", f"http://127.0.0.1:{port}/api/v1/targets")[1])["data"]["activeTargets"]
            down = [target["scrapePool"] + ": " + target["lastError"] for target in targets if target["health"] != "up"]
            broken = [
                rule["name"] + ": " + rule.get("lastError", "")
                for group in json.loads(request("GET", f"http://127.0.0.1:{port}/api/v1/rules")[1])["data"]["groups"]
                for rule in group["rules"] if rule["health"] == "err"]
            firing = {rule["labels"]["alertname"] for rule in json.loads(
                request("GET", f"http://127.0.0.1:{port}/api/v1/alerts")[1])["data"]["alerts"]}
            problems = [f"refused: {one}" for one in refused] + [f"nothing found: {one}" for one in empty]
            problems += [f"not scraped: {one}" for one in down] + [f"not evaluated: {one}" for one in broken]
            if problems:
                sys.exit("\n".join(problems))
            print(f"{count} queries of {len(targets)} targets, {full} with series; pending or firing: {', '.join(sorted(firing)) or 'none'}")
        finally:
            services.stop()
            if collectors:
                collectors.stop()
            if server:
                server.send_signal(signal.SIGTERM)
                server.wait(30)


main()
