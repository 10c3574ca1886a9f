#!/usr/bin/env bash
# Packages: Debian sid golang-opentelemetry-collector-dev 0.152.0-1 (the Collector's receiver and exporter for OTLP over HTTP) with
# golang-opentelemetry-otel-dev 1.46.0-3, golang-opentelemetry-contrib-dev 1.46.0-1 and the libraries listed below, compiled by golang-1.26-go
# 1.26.10-1 with golang-1.26-src (unpacked, not installed).
#
# One would guess: any 2xx is a success for the Collector's OTLP exporter, a redirect that turns a POST into a GET is none. A Collector that answers
# its senders only when the next one has answered (no sending queue) hands on what that one said: status, Retry-After, and what was rejected.
#
# Seen: an answer of 200 whose body is not what its content type says ("OK" as application/json) is a failure, and the same spans are sent again and
# again; as "application/json; charset=utf-8" the body is not looked at, so a partial success in it is not seen either. A 301, 302 or 303 is followed
# with a GET without a body, and if there is a page, that is a success. Of what the next one said 400, 401, 403, 404, 429 and 503 come through; 408,
# 413, 415 and 422 are a 500. Retry-After is in the text alone, and a partial success a whole one.
#   200 application/json "OK" -> sent at least 4 times;  200 text/plain "OK" -> once;  302 to a page -> GET, 200 to the sender
#   429 or 503 with Retry-After: 7 -> the same without the header, "Throttle (7s), error: …";  413 -> 500
#   {"partialSuccess":{"rejectedSpans":"1",…}} -> {"partialSuccess":{}}
#
# Why it matters: a 200 that says application/json or application/x-protobuf has to have such a response as its body, or none, or the spans come
# again; with a charset, or as text/plain, the body is not looked at, so that a partial success is not heard. A login page in front of it makes all
# exports succeed. A sender behind a Collector without a queue cannot know how long to wait, or that its request is too large.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial "$work/debian" "$work/go/src/collector"
mirror=$(grep -rhoE '^(URIs: |deb (\[[^]]*\] )?)https?://[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d 2> "$work/null" \
    | grep -m 1 -oE 'https?://[^ ]*/debian/?$' || true)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" > "$work/apt/sources.list"
apt=(apt-get -qq -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/apt/lists"
    -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=root)
"${apt[@]}" update
(cd "$work/debian" && "${apt[@]}" download golang-1.26-{go,src}=1.26.10-1 \
    golang-opentelemetry-{collector-dev=0.152.0-1,contrib-dev=1.46.0-1,otel-dev=1.46.0-3} \
    golang-github-{cenkalti-backoff-v5-dev=5.0.3-4,cespare-xxhash-v2-dev=2.3.0-4,davecgh-go-spew-dev=1.1.1-7,felixge-httpsnoop-dev=1.0.3-3} \
    golang-github-{foxboron-go-tpm-keyfiles-dev=0.0~git20251226.609e477-1,fsnotify-fsnotify-dev=1.10.1-1,go-logr-logr-dev=1.4.4-1} \
    golang-github-{go-logr-stdr-dev=1.2.2-4,go-viper-mapstructure-dev=2.5.0-3,gobwas-glob-dev=1.0.0-2,golang-protobuf-1-5-dev=1.5.4-2} \
    golang-github-{golang-snappy-dev=1.0.0-1,google-go-tpm-dev=0.9.8-4,hashicorp-go-version-dev=1.8.0-1,json-iterator-go-dev=1.1.12-3} \
    golang-github-{hashicorp-golang-lru-v2-dev=2.0.7-4,klauspost-compress-dev=1.20.3+ds1-1,knadh-koanf-dev=2.3.4-2} \
    golang-github-{mitchellh-copystructure-dev=1.2.0-1,mitchellh-reflectwalk-dev=1.0.1-1,modern-go-concurrent-dev=1.0.3-1.1} \
    golang-github-{modern-go-reflect2-dev=1.0.2-2,pierrec-lz4-dev=4.1.18-2,pmezard-go-difflib-dev=1.0.0-4,rs-cors-dev=1.11.1-2} \
    golang-github-stretchr-testify-dev=1.11.1-2 golang-go.uber-{multierr-dev=1.11.0-2,zap-dev=1.27.0-2} \
    golang-golang-x-{crypto-dev=1:0.58.0-1,net-dev=1:0.62.0-1,sys-dev=0.49.0+dfsg-1,text-dev=0.43.0-1} \
    golang-google-{genproto-dev=0.0~git20260414.afd174a-2,grpc-dev=1.81.1-1,protobuf-dev=1.36.10-2} golang-gopkg-yaml.v3-dev=3.0.5-1)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
cat > "$work/go/src/collector/main.go" <<'GO'
// A collector of one receiver and one exporter, both OTLP over HTTP: it listens at the first argument and sends to the second.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/exporter"
	"go.opentelemetry.io/collector/exporter/otlphttpexporter"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	metrics "go.opentelemetry.io/otel/metric/noop"
	traces "go.opentelemetry.io/otel/trace/noop"
	"go.uber.org/zap"
)

type host struct{}

func (host) GetExtensions() map[component.ID]component.Component { return nil }

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	ctx := context.Background()
	logger, err := zap.NewProduction()
	check(err)
	telemetry := component.TelemetrySettings{Logger: logger, TracerProvider: traces.NewTracerProvider(), MeterProvider: metrics.NewMeterProvider()}
	in, out := otlpreceiver.NewFactory(), otlphttpexporter.NewFactory()
	inConfig, outConfig := in.CreateDefaultConfig(), out.CreateDefaultConfig()
	address := map[string]any{"endpoint": os.Args[1]}
	check(confmap.NewFromStringMap(map[string]any{"protocols": map[string]any{"http": address}}).Unmarshal(inConfig))
	settings := map[string]any{"endpoint": os.Args[2], "encoding": "json"}
	if os.Args[3] == "waits" {
		settings["sending_queue"] = map[string]any{"enabled": false}
		settings["retry_on_failure"] = map[string]any{"enabled": false}
	} else {
		settings["retry_on_failure"] = map[string]any{"initial_interval": "200ms"}
	}
	check(confmap.NewFromStringMap(settings).Unmarshal(outConfig))
	sender, err := out.CreateTraces(ctx, exporter.Settings{ID: component.NewID(out.Type()), TelemetrySettings: telemetry}, outConfig)
	check(err)
	taker, err := in.CreateTraces(ctx, receiver.Settings{ID: component.NewID(in.Type()), TelemetrySettings: telemetry}, inConfig, sender)
	check(err)
	check(sender.Start(ctx, host{}))
	check(taker.Start(ctx, host{}))
	fmt.Println("started")
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGTERM)
	<-ended
	check(taker.Shutdown(ctx))
	check(sender.Shutdown(ctx))
}
GO
export GOROOT="$work/root/usr/lib/go-1.26" GOPATH="$work/go:$work/root/usr/share/gocode" GOCACHE="$work/cache" GO111MODULE=off GOENV=off \
    GOTOOLCHAIN=local GOTELEMETRY=off CGO_ENABLED=0
timeout 900 "$GOROOT/bin/go" build -o "$work/collector" collector
cat > "$work/probe.py" <<'PYTHON'
import http.server
import json
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import time

requests, answers = [], {}


class Backend(http.server.BaseHTTPRequestHandler):
    """Where the collector sends spans to; it answers as it was told to."""

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        requests.append(f"{self.command} {self.path}")
        status, headers, body = answers[self.path]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST


backend = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
threading.Thread(target=backend.serve_forever, daemon=True).start()
SPAN = {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "order"}
REQUEST = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [SPAN]}]}]}).encode()
JSON, PARTIAL = "application/json", b'{"partialSuccess":{"rejectedSpans":"1","errorMessage":"no room"}}'


class Collector:
    """A collector that waits for the backend's answer, or one with its queue and its retries."""

    def __init__(self, mode):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
        self.log = open(f"{sys.argv[1]}.{mode}", "w+")
        command = ["timeout", "110", sys.argv[1], f"127.0.0.1:{self.port}", f"http://127.0.0.1:{backend.server_port}", mode]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        assert self.process.stdout.readline() == "started\n"

    def post(self, status, body=b"", **headers):
        """Returns status, headers and body that a sender gets, where the backend answers as given."""
        requests.clear()
        answers["/v1/traces"] = status, {name.replace("_", "-"): value for name, value in headers.items()}, body
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/v1/traces", data=REQUEST, headers={"Content-Type": JSON})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, json.loads(answer.read())
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers, json.loads(answer.read())

    def written(self):
        self.log.seek(0)
        return self.log.read()

    def end(self):
        self.process.terminate()
        self.process.wait(20)


collector = Collector("waits")
try:
    for status, expected in {400: 400, 401: 401, 403: 403, 404: 404, 429: 429, 503: 503, 408: 500, 413: 500, 415: 500, 422: 500, 500: 500}.items():
        seen, headers, body = collector.post(status)
        print("backend", status, "-> sender", seen)
        assert seen == expected and len(requests) == 1
    for status in (429, 503):
        seen, headers, body = collector.post(status, Retry_After="7")
        print("backend", status, "Retry-After: 7 -> sender", seen, headers["Retry-After"], body["message"][:30])
        assert seen == status and headers["Retry-After"] is None and body["message"].startswith("Throttle (7s), error: ")
    for status in (301, 302, 303):
        answers["/login"] = 200, {"Content-Type": "text/html"}, b"<p>Who are you?</p>"
        seen, headers, body = collector.post(status, Location="/login")
        print("backend", status, "->", requests, "-> sender", seen, body)
        assert seen == 200 and body == {"partialSuccess": {}} and requests == ["POST /v1/traces", "GET /login"]
    seen, headers, body = collector.post(200, b"OK", Content_Type=JSON)
    print("backend 200 application/json OK -> sender", seen, body["message"][:30])
    assert seen == 503
    for kind, told in ((JSON + "; charset=utf-8", 0), (JSON, 1)):
        seen, headers, body = collector.post(200, PARTIAL, Content_Type=kind)
        lines = collector.written().count("no room")
        print("partial success as", kind, "-> sender", seen, body, "lines in the log", lines)
        assert seen == 200 and body == {"partialSuccess": {}} and lines == told
finally:
    collector.end()

collector = Collector("queues")
try:
    for kind, body, again in ((JSON, b"OK", True), (JSON, b"[]", True), ("application/x-protobuf", b"OK", True), ("text/plain", b"OK", False),
                              (JSON + "; charset=utf-8", b"OK", False), (JSON, b"", False)):
        seen, _, _ = collector.post(200, body, Content_Type=kind)
        deadline = time.monotonic() + 30
        while len(requests) < (3 if again else 1) and time.monotonic() < deadline:
            time.sleep(0.05)
        answers["/v1/traces"] = 200, {}, b""
        if again:
            # The next attempt ends it.
            count = len(requests)
            while len(requests) == count and time.monotonic() < deadline:
                time.sleep(0.05)
        else:
            time.sleep(1)
        print("backend 200", kind, body, "-> sender", seen, "requests", len(requests))
        assert seen == 200 and (len(requests) > 3 if again else len(requests) == 1)
finally:
    collector.end()
PYTHON
timeout 120 python3 "$work/probe.py" "$work/collector"
