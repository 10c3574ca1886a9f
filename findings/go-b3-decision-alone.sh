#!/usr/bin/env bash
# Packages: Debian sid golang-opentelemetry-contrib-dev 1.46.0-1 (with the B3 propagator for Go) and golang-opentelemetry-otel-dev 1.46.0-3
# (OpenTelemetry's API and SDK for Go) with golang-github-go-logr-logr-dev 1.4.4-1, golang-github-go-logr-stdr-dev 1.2.2-4,
# golang-github-cespare-xxhash-v2-dev 2.3.0-4, golang-github-google-uuid-dev 1.6.0-1 and golang-golang-x-sys-dev 0.49.0+dfsg-1, compiled by
# golang-1.26-go 1.26.10-1 with golang-1.26-src (unpacked, not installed).
#
# One would guess: B3's decision without a trace, "b3: 0" or X-B3-Sampled: 0, with which a gateway says that a request is not to be traced, is kept:
# the trace that begins here is not sampled. A service without an SDK passes the decision on as it came.
#
# Seen: the propagator reads the decision and writes it again where there is no span. The SDK knows nothing of it, so its root span is sampled and the
# next service gets 1. Without a span "b3: 0" and "b3: d" pass, and "b3: 1" goes out as "b3: 0": "sample this" has become "do not".
#   with the SDK: b3: 0 -> b3: (a new trace)-…-1;  X-B3-Sampled: 0 -> the same;  b3: d -> (a new trace)-…-d
#   without:      b3: 0 -> b3: 0;  b3: d -> b3: d;  b3: 1 -> b3: 0;  X-B3-Sampled: 1 -> b3: 0
#
# Why it matters: health checks that a gateway wants to keep out of tracing by "b3: 0" are traced by each Go service, and a gateway that decides with
# "b3: 1" loses all traces behind a Go service without an SDK. A decision has to travel with identifiers to be safe.
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
    golang-opentelemetry-contrib-dev=1.46.0-1 golang-github-go-logr-logr-dev=1.4.4-1 golang-github-go-logr-stdr-dev=1.2.2-4 \
    golang-github-cespare-xxhash-v2-dev=2.3.0-4 golang-github-google-uuid-dev=1.6.0-1 golang-golang-x-sys-dev=0.49.0+dfsg-1)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
cat > "$work/go/src/probe/main.go" <<'GO'
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"

	"go.opentelemetry.io/contrib/propagators/b3"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/trace"
)

func main() {
	tracer := trace.NewTracerProvider().Tracer("probe")
	propagator := b3.New()
	inject := func(ctx context.Context) string {
		out := http.Header{}
		propagator.Inject(ctx, propagation.HeaderCarrier(out))
		return out.Get("b3")
	}
	for _, row := range []struct{ name, value, without, with string }{
		{"B3", "0", "0", "1"}, {"B3", "d", "d", "d"}, {"B3", "1", "0", "1"}, {"X-B3-Sampled", "0", "0", "1"}, {"X-B3-Sampled", "1", "0", "1"},
		{"B3", "5b8efff798038103d269b633813fc60c-eee19b7ec3c1b174-0", "5b8efff798038103d269b633813fc60c-eee19b7ec3c1b174-0", "0"},
		{"B3", "5b8efff798038103d269b633813fc60c-eee19b7ec3c1b174-1", "5b8efff798038103d269b633813fc60c-eee19b7ec3c1b174-1", "1"},
	} {
		ctx := propagator.Extract(context.Background(), propagation.HeaderCarrier(http.Header{row.name: {row.value}}))
		without := inject(ctx)
		ctx, span := tracer.Start(ctx, "hop")
		with := strings.Split(inject(ctx), "-")
		fmt.Println(row.name, row.value, "-> without a span:", without, "with one:", with, "recorded:", span.IsRecording())
		if without != row.without || len(with) != 3 || with[2] != row.with || span.IsRecording() != (row.with != "0") {
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
