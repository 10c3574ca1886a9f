#!/usr/bin/env bash
# Packages: Debian 12 nginx 1.22.1-9+deb12u11 and jq 1.6-2.1+deb12u3 with libjq1 and libonig5 (unpacked, not installed), PyPI duckdb 2.0.1.
#
# One would guess: with log_format … escape=json each line of the access log is JSON, whatever clients send; and $http_tracestate and $http_baggage
# are the headers that the application gets.
#
# Seen: bytes above 127 are written as they came, so one request with a header in Latin-1 ("User-Agent: é") makes a line that is no JSON, which is
# UTF-8. Python fails at it, jq puts another character there, DuckDB refuses the whole file, or with ignore_errors hands out a row of NULLs. And of
# headers that came on several lines, which HTTP allows for lists, the log has the first line, while all are passed on.
#   jq: 3 lines; Python: 2 of 3 lines; DuckDB: error "Malformed JSON … invalid UTF-8"
#   tracestate: a=1 and tracestate: b=2: log "a=1", application both
#
# Why it matters: any client can hide its requests, or a whole file, from what reads the log, and whoever forwards $http_baggage by proxy_set_header
# cuts it. Read such lines as bytes and replace what is no UTF-8; leave the trace headers to nginx, which passes them on by itself.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/debian"
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download nginx=1.22.1-9+deb12u11 jq=1.6-2.1+deb12u3 libjq1=1.6-2.1+deb12u3 libonig5)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==2.0.1
cat > "$work/probe.py" <<'PYTHON'
import json
import os
import socket
import subprocess
import sys
import threading
import time

import duckdb

root, work = sys.argv[1:]
heads = []


def serve():
    while True:
        connection, _ = application.accept()
        with connection:
            request, head = connection.makefile("rb"), []
            while (line := request.readline()) not in (b"\r\n", b""):
                head.append(line)
            heads.append(head)
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")


def ask(*headers):
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(b"\r\n".join([b"GET / HTTP/1.1", b"Host: probe", b"Connection: close", *headers, b"", b""]))
        assert client.makefile("rb").read().startswith(b"HTTP/1.1 200")


application = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, daemon=True).start()
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
folders = "".join(f"{kind}_temp_path {work}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
with open(f"{work}/conf", "w") as file:
    file.write(
        f"daemon off; master_process off; pid {work}/pid; error_log {work}/error.log; events {{}}\nhttp {{ {folders}\n"
        """log_format line escape=json '{"agent":"$http_user_agent","tracestate":"$http_tracestate","baggage":"$http_baggage"}';\n"""
        f"access_log {work}/access.log line;\n"
        f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{application.getsockname()[1]}; }} }} }}\n"
    )
server = subprocess.Popen([f"{root}/usr/sbin/nginx", "-c", f"{work}/conf", "-p", work, "-e", f"{work}/error.log"])
deadline = time.monotonic() + 40
try:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    ask(b"User-Agent: probe", b"tracestate: a=1", b"tracestate: b=2", b"baggage: k=v", b"baggage: l=w")
    ask(b"User-Agent: caf\xe9")
    ask(b"User-Agent: \xc3\xa9")
    lines = []
    while len(lines) < 3:
        assert time.monotonic() < deadline
        time.sleep(0.1)
        with open(f"{work}/access.log", "rb") as file:
            lines = file.read().splitlines()
finally:
    server.terminate()
    server.wait(20)
print(*lines, sep="\n")
first = json.loads(lines[0])
passed = [line.strip().decode() for line in heads[0] if line.lower().startswith((b"tracestate", b"baggage"))]
print("log", first, "application", passed)
assert first == {"agent": "probe", "tracestate": "a=1", "baggage": "k=v"}
assert passed == ["tracestate: a=1", "tracestate: b=2", "baggage: k=v", "baggage: l=w"]


def readable(line):
    try:
        return bool(json.loads(line))
    except UnicodeDecodeError:
        return False


assert [readable(line) for line in lines] == [True, False, True]
environment = {**os.environ, "LD_LIBRARY_PATH": f"{root}/usr/lib/x86_64-linux-gnu"}
queried = subprocess.run([f"{root}/usr/bin/jq", "-r", ".agent", f"{work}/access.log"], env=environment, capture_output=True, text=True, check=True)
print("jq", queried.stdout.splitlines())
assert queried.stdout.splitlines() == ["probe", "caf\ufffd", "é"]
try:
    duckdb.sql(f"FROM read_json('{work}/access.log')").fetchall()
    raise SystemExit("no error")
except duckdb.Error as error:
    print(str(error).splitlines()[0])
    assert "UTF-8" in str(error)
loose = duckdb.sql(f"SELECT agent FROM read_json('{work}/access.log', ignore_errors = true)").fetchall()
print("ignore_errors", loose)
assert loose == [("probe",), (None,), ("é",)]
PYTHON
timeout 100 "$work/venv/bin/python" "$work/probe.py" "$work/root" "$work"
