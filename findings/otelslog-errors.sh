#!/usr/bin/env bash
# Packages: Debian sid golang-opentelemetry-contrib-dev 1.46.0-1 (with the bridge otelslog) and golang-opentelemetry-otel-dev 1.46.0-3
# (OpenTelemetry's API and SDK for Go) with golang-github-go-logr-logr-dev 1.4.4-1, golang-github-go-logr-stdr-dev 1.2.2-4,
# golang-github-cespare-xxhash-v2-dev 2.3.0-4, golang-github-google-uuid-dev 1.6.0-1 and golang-golang-x-sys-dev 0.49.0+dfsg-1, compiled by
# golang-1.26-go 1.26.10-1 with golang-1.26-src (unpacked, not installed).
#
# One would guess: an error among the values of a line of slog is its text, under the key that the program gave it, as with slog's own JSON. Levels
# of one's own become a severity between 1 and 24, which is what there is.
#
# Seen: an error becomes exception.message and exception.type, at any level, and its key is gone. Of two errors the last remains, and none if both
# attributes are there already, so one line can have the message of one error and the type of another. Within a group it is a text under its key,
# but not behind WithGroup. The type of a wrapped error is that of the innermost. A severity is the level plus nine, without a bound.
#   Error("two", "cause", errA, "rollback", errB) -> exception.message=B, exception.type=*errors.errorString; nothing of A
#   Error("three", "exception.message", "mine", "err", errA) -> exception.message=mine, exception.type=*errors.errorString
#   Error("four", Group("g", "err", errA)) -> g={err: "A"};  WithGroup("g").Error("five", "err", errA) -> no g
#   levels 12, 16, 100 -> severities 21, 25, 109;  -9, -100 -> 0, -91
#
# Why it matters: a search for rollback=… finds nothing, the first cause of a failure is lost, and a count of exceptions has each line of DEBUG that
# mentions an error. A reader of OTLP logs meets severities that are no severity, negative ones among them.
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
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sort"
	"strings"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/sdk/log"
)

var seen []string

// An exporter that keeps severity, body and attributes of each record as a text.
type keeper struct{}

func (keeper) Export(_ context.Context, records []log.Record) error {
	for _, record := range records {
		var attributes []string
		for attribute := range record.WalkAttributes {
			attributes = append(attributes, fmt.Sprintf("%s=%v", attribute.Key, attribute.Value))
		}
		sort.Strings(attributes)
		seen = append(seen, fmt.Sprintf("%d %v %s", record.Severity(), record.Body(), strings.Join(attributes, " ")))
	}
	return nil
}

func (keeper) Shutdown(context.Context) error { return nil }

func (keeper) ForceFlush(context.Context) error { return nil }

func main() {
	provider := log.NewLoggerProvider(log.WithProcessor(log.NewSimpleProcessor(keeper{})))
	logger := otelslog.NewLogger("probe", otelslog.WithLoggerProvider(provider))
	errA, errB := errors.New("A"), errors.New("B")
	logger.Debug("one", "err", errA)
	logger.Error("two", "cause", errA, "rollback", errB)
	logger.Error("three", "exception.message", "mine", "err", errA)
	logger.Error("four", slog.Group("g", "err", errA))
	logger.WithGroup("g").Error("five", "err", errA)
	logger.With("cause", errA).Error("six", "rollback", errB)
	logger.Error("seven", "err", fmt.Errorf("while reading: %w", io.EOF))
	logger.Error("eight", "errs", []error{errA, errB})
	for _, level := range []slog.Level{12, 16, 100, -9, -100} {
		logger.Log(context.Background(), level, "level")
	}
	expected := []string{
		"5 one exception.message=A exception.type=*errors.errorString",
		"17 two exception.message=B exception.type=*errors.errorString",
		"17 three exception.message=mine exception.type=*errors.errorString",
		`17 four g={"err":"A"}`,
		"17 five exception.message=A exception.type=*errors.errorString",
		"17 six exception.message=B exception.type=*errors.errorString",
		"17 seven exception.message=while reading: EOF exception.type=*errors.errorString",
		`17 eight errs=["A","B"]`,
		"21 level ", "25 level ", "109 level ", "0 level ", "-91 level ",
	}
	fmt.Println(strings.Join(seen, "\n"))
	if strings.Join(seen, "\n") != strings.Join(expected, "\n") {
		fmt.Println("This has changed. It was:", strings.Join(expected, "\n"))
		os.Exit(1)
	}
}
GO
export GOROOT="$work/root/usr/lib/go-1.26" GOPATH="$work/go:$work/root/usr/share/gocode" GOCACHE="$work/cache" GO111MODULE=off GOENV=off \
    GOTOOLCHAIN=local GOTELEMETRY=off CGO_ENABLED=0
timeout 600 "$GOROOT/bin/go" build -o "$work/probe" probe
timeout 60 "$work/probe"
