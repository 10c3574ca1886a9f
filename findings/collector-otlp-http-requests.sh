#!/usr/bin/env bash
# Packages: Debian sid golang-opentelemetry-collector-dev 0.152.0-1 (the Collector's receiver and exporter for OTLP over HTTP) with
# golang-opentelemetry-otel-dev 1.46.0-3, golang-opentelemetry-contrib-dev 1.46.0-1 and the libraries listed below, compiled by golang-1.26-go
# 1.26.10-1 with golang-1.26-src (unpacked, not installed).
#
# One would guess: the Collector reads a request in JSON as a JSON parser does, and by protobuf's rules: one document, or it is refused; null is the
# same as a field that is not there. What cannot be read is a 400 with its reason, and a body that is too large a 413.
#
# Seen: what follows the first document is not looked at. Of a file of OTLP's JSON lines the first line is taken, the others are lost, and the answer
# is 200 without a word of it. null stands for texts, lists and messages; as an identifier, number, enum or truth value it refuses all of the request.
# If the excerpt around a fault cuts a letter beyond ASCII in two, the 400 is a 500 without the reason.
#   two lines with a span each: 200, 1 span;  parentSpanId, kind, flags, endTimeUnixNano: null -> 400;  name, attributes, status: null -> 200
#   kind "x" behind a name of many "ä": 400, or with one more letter 500 {"code": 13, "message": "failed to marshal error message"}
#   21 MiB: 400;  Content-Encoding: identity, GZIP: 400
#
# Why it matters: a file that an exporter wrote cannot be posted as it is: one request a line. A writer of JSON has to leave out what is null, as some
# libraries do only if they are told to. A sender cannot see that its request was too large and has to be split, or tell its own fault from the
# Collector's by the status.
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
	settings["sending_queue"] = map[string]any{"enabled": false}
	settings["retry_on_failure"] = map[string]any{"enabled": false}
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
import gzip
import http.server
import json
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request

kept = []


class Backend(http.server.BaseHTTPRequestHandler):
    """Where the collector sends what it has read, in JSON."""

    def log_message(self, *_):
        pass

    def do_POST(self):
        kept.append(gzip.decompress(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


backend = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Backend)
threading.Thread(target=backend.serve_forever, daemon=True).start()
with socket.create_server(("127.0.0.1", 0)) as listener:
    port = listener.getsockname()[1]
command = ["timeout", "110", sys.argv[1], f"127.0.0.1:{port}", f"http://127.0.0.1:{backend.server_port}"]
collector = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def document(**fields):
    span = {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "order", **fields}
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}, ensure_ascii=False).encode()


def post(body, encoding=None):
    """Returns the status, the reason, and the spans that the backend got."""
    kept.clear()
    headers = {"Content-Type": "application/json"} | ({"Content-Encoding": encoding} if encoding else {})
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/traces", data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as answer:
        status, text = answer.code, answer.read()
    documents = [json.loads(each) for each in kept]
    spans = [span for each in documents for span in each["resourceSpans"][0]["scopeSpans"][0]["spans"]]
    return status, json.loads(text).get("message", ""), spans


try:
    assert collector.stdout.readline() == "started\n"
    status, reason, spans = post(document() + b"\n" + document(name="second") + b"\n")
    print("two lines:", status, reason, [span["name"] for span in spans])
    assert status == 200 and reason == "" and [span["name"] for span in spans] == ["order"]
    for field in ("name", "traceState", "attributes", "links", "status"):
        status, reason, spans = post(document(**{field: None}))
        print(field, "null:", status)
        assert status == 200 and len(spans) == 1
    for field in ("traceId", "parentSpanId", "kind", "flags", "startTimeUnixNano", "endTimeUnixNano", "droppedAttributesCount"):
        status, reason, spans = post(document(**{field: None}))
        print(field, "null:", status, reason[:60])
        assert status == 400 and not spans
    for value in ({"intValue": None}, {"boolValue": None}, {"doubleValue": None}):
        status, reason, spans = post(document(attributes=[{"key": "a", "value": value}]))
        print(value, status, reason[:60])
        assert status == 400 and not spans
    seen = set()
    for name in ("pear" * 20, "ä" * 60, "ä" * 60 + "a"):
        status, reason, spans = post(document(name=name, kind="x"))
        print("a wrong kind behind", name[-4:], status, reason[:60])
        assert not spans and (status == 400 or (status == 500 and reason == "failed to marshal error message"))
        seen.add((name[0], status))
    assert seen == {("p", 400), ("ä", 400), ("ä", 500)}
    for encoding in ("identity", "GZIP"):
        status, reason, spans = post(document(), encoding)
        print(encoding, status, reason)
        assert status == 400 and reason == f"unsupported Content-Encoding: {encoding}"
    status, reason, spans = post(document(name="x" * (21 << 20)))
    print("21 MiB:", status, reason)
    assert status == 400 and reason == "http: request body too large"
finally:
    collector.terminate()
    collector.wait(20)
PYTHON
timeout 120 python3 "$work/probe.py" "$work/collector"
