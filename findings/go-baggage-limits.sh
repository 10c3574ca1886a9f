#!/usr/bin/env bash
# Packages: Debian sid golang-opentelemetry-otel-dev 1.46.0-3 (OpenTelemetry's API for Go) with golang-github-go-logr-logr-dev 1.4.4-1,
# golang-github-go-logr-stdr-dev 1.2.2-4 and golang-github-cespare-xxhash-v2-dev 2.3.0-4, compiled by golang-1.26-go 1.26.10-1 with golang-1.26-src
# (unpacked, not installed).
#
# One would guess: a baggage header with more than the propagator takes, or with an entry that is not valid, is dropped whole, as tracestate is, with
# an error each time. What the propagator writes itself it also reads, and entries that pass through stay in their order.
#
# Seen: of more than 64 entries the first 64 are kept; of an invalid entry that one alone is lost, and of more than 8192 bytes all is. Neither limit
# holds for writing: 70 entries and 15019 bytes are written, of which the same propagator reads 64 and none. The order is another at each write, so
# which entries are beyond the limit of the next service is chance. The error handler hears of the first fault of the process, and of no later one.
#   65 entries read: k0…k63;  user=1,city=Zürich,plan=pro read: user, plan
#   8192 bytes read: 1 entry, 8193: none;  five entries of 3000 bytes written: 15019 bytes, read again: none
#   k0=v,…,k7=v passes through twenty times: several orders;  70 entries of a service reach the next one twenty times: 64, not the same ones
#   four invalid headers: 1 error
#
# Why it matters: a tenant or user that is set first may be missing at the third service, in some requests. A service in front of such has to keep
# its baggage below 64 entries and 8192 bytes itself, nobody tells it; and a test or a cache must not compare headers as text.
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
    golang-github-go-logr-logr-dev=1.4.4-1 golang-github-go-logr-stdr-dev=1.2.2-4 golang-github-cespare-xxhash-v2-dev=2.3.0-4)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
cat > "$work/go/src/probe/main.go" <<'GO'
package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
)

var propagator propagation.Baggage

func extract(value string) baggage.Baggage {
	headers := propagation.HeaderCarrier(http.Header{"Baggage": {value}})
	return baggage.FromContext(propagator.Extract(context.Background(), headers))
}

func inject(own baggage.Baggage) string {
	headers := http.Header{}
	propagator.Inject(baggage.ContextWithBaggage(context.Background(), own), propagation.HeaderCarrier(headers))
	return headers.Get("Baggage")
}

// The entries k0, k1, … with a value of so many bytes, as a service sets them.
func entries(count, bytes int) baggage.Baggage {
	var own baggage.Baggage
	for number := range count {
		member, err := baggage.NewMemberRaw(fmt.Sprint("k", number), strings.Repeat("v", bytes))
		check(err == nil, "a member")
		own, err = own.SetMember(member)
		check(err == nil, "setting a member")
	}
	return own
}

func check(holds bool, what ...any) {
	if !holds {
		fmt.Println("This has changed:", fmt.Sprintln(what...))
		os.Exit(1)
	}
}

func seen(holds bool, what ...any) {
	check(holds, what...)
	fmt.Println(what...)
}

func main() {
	errors := 0
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { errors++ }))

	for _, broken := range []string{"city=Zürich", "city=%zz", "city", "city=\"x\""} {
		read := extract("user=1," + broken + ",plan=pro")
		seen(read.Len() == 2 && read.Member("user").Value() == "1" && read.Member("plan").Value() == "pro", "beside", broken, "read:", read.Len())
	}
	seen(errors == 1, "errors told:", errors)

	var list []string
	for number := range 65 {
		list = append(list, fmt.Sprintf("k%d=v", number))
	}
	read := extract(strings.Join(list, ","))
	seen(read.Len() == 64 && read.Member("k63").Value() == "v" && read.Member("k64").Key() == "", "of 65 entries read:", read.Len())
	seen(extract("k="+strings.Repeat("v", 8190)).Len() == 1, "of 8192 bytes read: 1")
	seen(extract("k="+strings.Repeat("v", 8191)).Len() == 0, "of 8193 bytes read: 0")

	large := inject(entries(5, 3000))
	seen(len(large) == 15019 && extract(large).Len() == 0, "written:", len(large), "bytes, read again:", extract(large).Len())

	orders, survivors := map[string]bool{}, map[string]bool{}
	for range 20 {
		orders[inject(extract(strings.Join(list[:8], ",")))] = true
		written := inject(entries(70, 1))
		check(strings.Count(written, "=") == 70, "70 entries are written")
		next, kept := extract(written), ""
		for number := range 70 {
			if next.Member(fmt.Sprint("k", number)).Key() != "" {
				kept += fmt.Sprint(" ", number)
			}
		}
		check(next.Len() == 64, "and 64 are read")
		survivors[kept] = true
	}
	seen(len(orders) > 1, "orders of eight entries:", len(orders))
	seen(len(survivors) > 1, "sets of entries that arrive:", len(survivors))
	seen(errors == 1, "errors told:", errors)
}
GO
export GOROOT="$work/root/usr/lib/go-1.26" GOPATH="$work/go:$work/root/usr/share/gocode" GOCACHE="$work/cache" GO111MODULE=off GOENV=off \
    GOTOOLCHAIN=local GOTELEMETRY=off CGO_ENABLED=0
timeout 600 "$GOROOT/bin/go" build -o "$work/probe" probe
timeout 60 "$work/probe"
