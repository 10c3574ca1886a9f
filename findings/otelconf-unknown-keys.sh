#!/usr/bin/env bash
# Packages: Debian sid golang-opentelemetry-contrib-dev 1.46.0-1 (with otelconf, the declarative configuration for Go) and
# golang-opentelemetry-otel-dev 1.46.0-3 (OpenTelemetry's API and SDK for Go) with golang-opentelemetry-proto-dev 1.10.0-1, golang-google-grpc-dev
# 1.81.1-1, golang-google-protobuf-dev 1.36.10-2, golang-gopkg-yaml.v3-dev 3.0.5-1 and the libraries listed below, compiled by golang-1.26-go
# 1.26.10-1 with golang-1.26-src (unpacked, not installed).
#
# One would guess: a file of the declarative configuration with a key that does not exist, or of a format that this SDK does not know, is refused, as
# the schema has it and as wrong values are. A variable that is not set gives an attribute no value, or an empty one.
#
# Seen: keys are not looked at. One letter too few in "sampler" or "attributes" and the setting is as if it were not there, without an error and with
# all traces sampled; file_format may be 99.0. Values are checked: a type, a negative delay, the name of a sampler. An attribute whose variable is
# not set, or that is null, is the text "<nil>"; a date is a text in the form of Go, and 010 is eight, as YAML 1.1 has it, though off is a text.
#   samplr: {always_off: }, attribute: […], file_format: "99.0" -> no error;  sampler: {always_of: }, schedule_delay: soon -> errors
#   value: ${NOT_SET} -> <nil>;  2024-01-01 -> 2024-01-01 00:00:00 +0000 UTC;  010 -> 8;  off -> off
#
# Why it matters: a file that works here is no proof that it is right, and an SDK that keeps to the schema refuses it. A sampler that was mistyped
# costs money before anybody sees it; a file of a later version is taken for half of what it says.
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
(cd "$work/debian" && "${apt[@]}" download golang-1.26-{go,src}=1.26.10-1 \
    golang-opentelemetry-{otel-dev=1.46.0-3,contrib-dev=1.46.0-1,proto-dev=1.10.0-1} \
    golang-github-{cenkalti-backoff-v5-dev=5.0.3-4,cespare-xxhash-v2-dev=2.3.0-4,go-logr-logr-dev=1.4.4-1,go-logr-stdr-dev=1.2.2-4} \
    golang-github-{golang-protobuf-1-5-dev=1.5.4-2,google-uuid-dev=1.6.0-1,grpc-ecosystem-grpc-gateway-dev=2.30.0-1} \
    golang-golang-x-{exp-dev=0.0~git20261009.ca0d7ba-1,net-dev=1:0.62.0-1,sys-dev=0.49.0+dfsg-1,text-dev=0.43.0-1} \
    golang-google-{genproto-dev=0.0~git20260414.afd174a-2,grpc-dev=1.81.1-1,protobuf-dev=1.36.10-2} golang-go.uber-multierr-dev=1.11.0-2 \
    golang-gopkg-yaml.v3-dev=3.0.5-1)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
cat > "$work/go/src/probe/main.go" <<'GO'
package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"go.opentelemetry.io/contrib/otelconf"
	"go.opentelemetry.io/otel/sdk/trace"
)

// Configures an SDK by the lines below file_format, and returns whether its root spans are sampled, and its resource.
func configure(format, lines string) (sampled bool, resource string, err error) {
	config, err := otelconf.ParseYAML([]byte("file_format: \"" + format + "\"\n" + lines))
	if err != nil {
		return false, "", err
	}
	sdk, err := otelconf.NewSDK(otelconf.WithOpenTelemetryConfiguration(*config))
	if err != nil {
		return false, "", err
	}
	_, span := sdk.TracerProvider().Tracer("probe").Start(context.Background(), "root")
	own, ok := span.(trace.ReadOnlySpan)
	if !ok {
		return false, "", nil
	}
	return span.SpanContext().IsSampled(), own.Resource().String(), nil
}

func check(what string, holds bool, seen ...any) {
	fmt.Println(append([]any{what, "->"}, seen...)...)
	if !holds {
		fmt.Println("This has changed.")
		os.Exit(1)
	}
}

func main() {
	const processors = "processors: [{simple: {exporter: {console: {}}}}]"
	const provider = "tracer_provider: {" + processors + "}\n"

	sampled, _, err := configure("1.0", "tracer_provider: {"+processors+", sampler: {always_off: }}\n")
	check("sampler: always_off", err == nil && !sampled, "sampled", sampled, err)
	sampled, _, err = configure("1.0", "tracer_provider: {"+processors+", samplr: {always_off: }}\n")
	check("samplr: always_off", err == nil && sampled, "sampled", sampled, err)
	_, resource, err := configure("1.0", provider+"resource: {attribute: [{name: a, value: b}]}\nwhatever: 5\n")
	check("attribute: a=b, whatever: 5", err == nil && !strings.Contains(resource, "a=b"), resource, err)
	_, _, err = configure("1.0", "tracer_provider: {processors: [{batch: {schedule_delai: 5, exporter: {console: {}}}}]}\n")
	check("schedule_delai: 5", err == nil, err)
	_, _, err = configure("99.0", provider)
	check("file_format: 99.0", err == nil, err)

	for _, wrong := range []string{"sampler: {always_of: }, " + processors, "processors: [{batch: {schedule_delay: soon, exporter: {console: {}}}}]",
		"processors: [{batch: {schedule_delay: -5, exporter: {console: {}}}}]", "processors: [{simple: {exporter: {consol: {}}}}]"} {
		_, _, err = configure("1.0", "tracer_provider: {"+wrong+"}\n")
		check(wrong, err != nil, err)
	}

	for _, row := range [][2]string{
		{"${NOT_SET}", "<nil>"}, {"null", "<nil>"}, {"2024-01-01", "2024-01-01 00:00:00 +0000 UTC"}, {"010", "8"}, {"off", "off"},
	} {
		_, resource, err = configure("1.0", provider+"resource:\n  attributes:\n    - name: a\n      value: "+row[0]+"\n")
		check("value: "+row[0], err == nil && strings.HasPrefix(resource, "a="+row[1]+",service.name="), resource, err)
	}
}
GO
export GOROOT="$work/root/usr/lib/go-1.26" GOPATH="$work/go:$work/root/usr/share/gocode" GOCACHE="$work/cache" GO111MODULE=off GOENV=off \
    GOTOOLCHAIN=local GOTELEMETRY=off CGO_ENABLED=0
timeout 600 "$GOROOT/bin/go" build -o "$work/probe" probe
timeout 60 "$work/probe"
