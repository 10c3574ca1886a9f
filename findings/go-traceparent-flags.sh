#!/usr/bin/env bash
# Packages: Debian sid golang-opentelemetry-otel-dev 1.46.0-3 (OpenTelemetry's API and SDK for Go) with golang-github-go-logr-logr-dev 1.4.4-1,
# golang-github-go-logr-stdr-dev 1.2.2-4, golang-github-cespare-xxhash-v2-dev 2.3.0-4, golang-github-google-uuid-dev 1.6.0-1 and
# golang-golang-x-sys-dev 0.49.0+dfsg-1, compiled by golang-1.26-go 1.26.10-1 with golang-1.26-src (unpacked, not installed).
#
# One would guess: of the flags in traceparent a receiver takes those that it knows, sampled (01) and random (02), and clears the others, as W3C has
# it for all versions; the trace goes on.
#
# Seen: so it is for each later version (01 to fe), where a receiver knows least. In version 00 any other flag, as in 04 or 09, makes the whole header
# invalid: a new trace begins, sampled as this service samples, and tracestate is gone.
#   01-…-05 -> 00-(the same trace)-…-01, tracestate a=b;   01-…-04 -> 00-(the same trace)-…-00
#   00-…-05 -> 00-(a new trace)-…-01, no tracestate;       00-…-04 -> 00-(a new trace)-…-01
#
# Why it matters: a flag that a later level of W3C's Trace Context adds to version 00, as level 2 added 02, cuts traces in two at each Go service, and
# turns "not sampled" into "sampled" there. A sender must not set a bit of its own in version 00, and a proxy not pass one on.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial "$work/debian" "$work/go/src/probe"
mirror=$(grep -rhoE '^(URIs: |deb (\[[^]]*\] )?)https?://[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d 2> "$work/null" \
    | grep -m 1 -oE 'https?://[^ ]*/debian/?$' || true)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" > "$work/apt/sources.list"
apt=(apt-get -qq -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/apt/lists"
    -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=root)
"${apt[@]}" update
(cd "$work/debian" && "${apt[@]}" download golang-1.26-{go,src}=1.26.10-1 golang-opentelemetry-otel-dev=1.46.0-3 \
    golang-github-go-logr-logr-dev=1.4.4-1 golang-github-go-logr-stdr-dev=1.2.2-4 golang-github-cespare-xxhash-v2-dev=2.3.0-4 \
    golang-github-google-uuid-dev=1.6.0-1 golang-golang-x-sys-dev=0.49.0+dfsg-1)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
cat > "$work/go/src/probe/main.go" <<'GO'
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace"
)

const caller = "5b8efff798038103d269b633813fc60c"

func main() {
	tracer := trace.NewTracerProvider().Tracer("probe")
	propagator := propagation.TraceContext{}

	// Returns whether the caller's trace goes on, and the flags that the next service gets, after a span of this service.
	hop := func(version, flags string) (bool, string) {
		in := http.Header{"Traceparent": {version + "-" + caller + "-eee19b7ec3c1b174-" + flags}, "Tracestate": {"a=b"}}
		ctx, span := tracer.Start(propagator.Extract(context.Background(), propagation.HeaderCarrier(in)), "hop")
		defer span.End()
		out := http.Header{}
		propagator.Inject(ctx, propagation.HeaderCarrier(out))
		parent := strings.Split(out.Get("traceparent"), "-")
		goesOn := parent[1] == caller
		if goesOn != (out.Get("tracestate") == "a=b") {
			fmt.Println("This has changed: tracestate without its trace", out)
			os.Exit(1)
		}
		return goesOn, parent[3]
	}
	for _, row := range []struct {
		version, flags string
		goesOn         bool
		out            string
	}{
		{"00", "00", true, "00"}, {"00", "01", true, "01"}, {"00", "02", true, "02"}, {"00", "03", true, "03"},
		{"00", "04", false, "01"}, {"00", "05", false, "01"}, {"00", "09", false, "01"}, {"00", "80", false, "01"},
		{"01", "04", true, "00"}, {"01", "05", true, "01"}, {"01", "09", true, "01"}, {"01", "83", true, "03"},
		{"fe", "04", true, "00"}, {"fe", "05", true, "01"}, {"fe", "80", true, "00"},
	} {
		goesOn, out := hop(row.version, row.flags)
		fmt.Println("version", row.version, "flags", row.flags, "the trace goes on:", goesOn, "flags of the next service:", out)
		if goesOn != row.goesOn || out != row.out {
			fmt.Println("This has changed.")
			os.Exit(1)
		}
	}
}
GO
export GOROOT="$work/root/usr/lib/go-1.26" GOPATH="$work/go:$work/root/usr/share/gocode" GOCACHE="$work/cache" GO111MODULE=off GOENV=off \
    GOTOOLCHAIN=local GOTELEMETRY=off CGO_ENABLED=0
timeout 600 "$GOROOT/bin/go" build -o "$work/probe" probe
timeout 60 "$work/probe"
