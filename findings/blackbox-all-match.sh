#!/usr/bin/env bash
# Packages: Debian prometheus-blackbox-exporter 0.23.0-4+b4 (bookworm, trixie).
#
# One would guess: `fail_if_all_match_regexp` of a DNS module fails the probe if all records match, as its three neighbours
# (`fail_if_matches_regexp`, `fail_if_not_matches_regexp`, `fail_if_none_matches_regexp`) do what they say; and
# `probe_http_redirects` of a module with `follow_redirects: false` is 0.
#
# Seen: `fail_if_all_match_regexp` fails if NOT all records match, and lets the probe pass if they do. A redirect that is not
# followed counts as one, and a loop as 11, one more than are followed.
#   answer 192.0.2.1, fail_if_all_match_regexp: ["192"]   probe_success 1
#   answer 192.0.2.1, fail_if_all_match_regexp: ["none"]  probe_success 0
#   302, follow_redirects: false                          probe_http_redirects 1
#   302 to itself                                         probe_http_redirects 11
# The main branch has the same code (prober/dns.go, validRRs; prober/http.go, CheckRedirect).
#
# Why it matters: a module that is to notice an answer which it must not get never fails, and one that is written by the name alone fails
# for good answers. What reads the exporter's files has to do as it does.
set -euo pipefail
work=$(mktemp -d)
trap 'kill $(jobs -p) 2> /dev/null || true; rm -rf "$work"' EXIT
cd "$work"
apt-get -qq -o APT::Sandbox::User=root download prometheus-blackbox-exporter=0.23.0-4+b4
dpkg-deb -x prometheus-blackbox-exporter_*.deb .
cat > server.py <<'PYTHON'
import http.server, socket, struct, sys, threading

class Redirect(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(302)
        self.send_header("Location", self.path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass

web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Redirect)
threading.Thread(target=web.serve_forever, daemon=True).start()
names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
names.bind(("127.0.0.1", 0))
spare = socket.create_server(("127.0.0.1", 0))
port = spare.getsockname()[1]
spare.close()
print(web.server_port, names.getsockname()[1], port, flush=True)
while True:
    query, peer = names.recvfrom(512)
    record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 300, 4) + bytes([192, 0, 2, 1])
    names.sendto(query[:2] + b"\x85\x80" + query[4:6] + b"\0\1\0\0\0\0" + query[12:] + record, peer)
PYTHON
timeout 60 python3 server.py > ports &
for _ in $(seq 100); do [ -s ports ] && break; sleep 0.1; done
read -r web names port < ports
cat > modules.yml <<'YAML'
modules:
  all: {prober: dns, timeout: 5s, dns: {preferred_ip_protocol: ip4, query_name: example.com, query_type: A, validate_answer_rrs: {fail_if_all_match_regexp: ["192"]}}}
  none: {prober: dns, timeout: 5s, dns: {preferred_ip_protocol: ip4, query_name: example.com, query_type: A, validate_answer_rrs: {fail_if_all_match_regexp: ["none"]}}}
  stays: {prober: http, timeout: 5s, http: {preferred_ip_protocol: ip4, follow_redirects: false}}
  follows: {prober: http, timeout: 5s, http: {preferred_ip_protocol: ip4}}
YAML
timeout 60 ./usr/bin/prometheus-blackbox-exporter --config.file=modules.yml --web.listen-address="127.0.0.1:$port" --log.level=error 2> log &
for _ in $(seq 100); do curl -sf "http://127.0.0.1:$port/-/healthy" > /dev/null && break; sleep 0.1; done
probe() { curl -sf "http://127.0.0.1:$port/probe?module=$1&target=$2" | awk -v name="$3" '$1 == name { print $2 }'; }
all=$(probe all "127.0.0.1:$names" probe_success)
none=$(probe none "127.0.0.1:$names" probe_success)
stays=$(probe stays "http://127.0.0.1:$web/" probe_http_redirects)
follows=$(probe follows "http://127.0.0.1:$web/" probe_http_redirects)
echo "all match: probe_success $all; none matches: probe_success $none"
echo "not followed: probe_http_redirects $stays; a loop: probe_http_redirects $follows"
[ "$all $none $stays $follows" = "1 0 1 11" ]
