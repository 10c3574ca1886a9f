#!/usr/bin/env bash
# Packages: Debian 12 caddy 2.6.2-5 and Debian sid caddy 2.11.4-1 (unpacked, not installed).
#
# One would guess: the Caddy of a distribution has Caddy's standard modules, with tracing among them (OpenTelemetry over OTLP), which its
# documentation lists as such; a configuration that works with the official image works.
#
# Seen: Debian builds it without. The directive is unknown, so Caddy does not start, and of the standard handlers this one is missing. Metrics and
# the access log are there, and a traceparent that comes in is passed on.
#   caddy adapt, with "tracing": Error: … unrecognized directive: tracing
#   modules: http.handlers.metrics, http.handlers.reverse_proxy; no http.handlers.tracing
#
# Why it matters: a Caddyfile from the guides stops the web server when it is put on a Debian machine. Spans of the proxy can only come from its
# access log there, and traces begin behind it. `caddy validate` on the machine itself says so before.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/apt/lists/partial "$work"/apt/cache/archives/partial "$work/12" "$work/sid"
chmod 755 "$work"
chmod 777 "$work/12"
mirror=$(grep -rhoE '^(URIs: |deb (\[[^]]*\] )?)https?://[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d 2> "$work/null" \
    | grep -m 1 -oE 'https?://[^ ]*/debian/?$' || true)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" > "$work/apt/sources.list"
apt=(apt-get -qq -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/apt/lists"
    -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=root)
"${apt[@]}" update
(cd "$work/12" && apt-get download -qq caddy=2.6.2-5)
(cd "$work/sid" && "${apt[@]}" download caddy=2.11.4-1)
export HOME="$work"
for suite in 12 sid; do
    dpkg -x "$work/$suite"/caddy_*.deb "$work/root-$suite"
    caddy="$work/root-$suite/usr/bin/caddy"
    timeout 30 "$caddy" list-modules > "$work/modules"
    for module in metrics reverse_proxy; do grep -x "http.handlers.$module" "$work/modules"; done
    if grep tracing "$work/modules"; then echo "there is a module for tracing"; exit 1; fi
    printf 'http://127.0.0.1:8080 {\n    reverse_proxy 127.0.0.1:8081\n}\n' > "$work/Caddyfile"
    timeout 30 "$caddy" adapt --config "$work/Caddyfile" > "$work/adapted" 2>&1
    printf 'http://127.0.0.1:8080 {\n    tracing {\n        span shop\n    }\n    reverse_proxy 127.0.0.1:8081\n}\n' > "$work/Caddyfile"
    if timeout 30 "$caddy" adapt --config "$work/Caddyfile" > "$work/adapted" 2>&1; then echo "tracing is known"; exit 1; fi
    grep -o 'unrecognized directive: tracing' "$work/adapted"
done
