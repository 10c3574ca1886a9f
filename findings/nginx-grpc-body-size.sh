#!/usr/bin/env bash
# Packages: Debian 12 nginx 1.22.1-9+deb12u11 (unpacked, not installed), PyPI grpcio 1.85.3.
#
# One would guess: nginx in front of a gRPC server (grpc_pass) bounds a request by client_max_body_size (1 MB by default) as the server bounds a
# message: one message that is too large is refused with RESOURCE_EXHAUSTED, and streams of small messages go on.
#
# Seen: the limit is for all messages of a call together. A stream of messages of 100 KB is cut after the tenth, when the server has handled those
# before. The answer is 413 without a gRPC status, which a client reads as UNKNOWN. A limit of requests (429) is UNAVAILABLE, and so is a timeout of
# nginx (504), while the server is still at work and the deadline of the call is far off.
#   3 messages of 100 KB: OK; 30: UNKNOWN after 9 or 10 arrived; one message of 2 MB: UNKNOWN
#   429: UNAVAILABLE; grpc_read_timeout 1s, deadline 20 s: UNAVAILABLE
#
# Why it matters: streams of telemetry or events (OpenTelemetry's Arrow protocol, log tails, agents) end every megabyte with a code that nobody
# repeats, and a batch of spans above 1 MB is lost, as UNKNOWN is not among the codes to be sent again. Set client_max_body_size 0 where grpc_pass
# is.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/debian"
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download nginx=1.22.1-9+deb12u11)
dpkg -x "$work"/debian/nginx_*.deb "$work/root"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check grpcio==1.85.3
cat > "$work/probe.py" <<'PYTHON'
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc

root, work = sys.argv[1:]
received, cut, ended = [], threading.Event(), threading.Event()


def collect(requests, context):
    received.clear()
    context.add_callback(cut.set)
    for request in requests:
        received.append(len(request))
    return b""


def answer(request, _):
    if request == b"slow":
        ended.wait(20)
    return b""


class Handler(grpc.GenericRpcHandler):
    def service(self, details):
        if details.method == "/probe/Stream":
            return grpc.stream_unary_rpc_method_handler(collect)
        return grpc.unary_unary_rpc_method_handler(answer)


def code(call, *requests):
    try:
        call(*requests, timeout=20)
        return "OK"
    except grpc.RpcError as error:
        print(" ", error.details())
        return error.code().name


server = grpc.server(ThreadPoolExecutor(4), options=[("grpc.max_receive_message_length", 64 << 20)])
server.add_generic_rpc_handlers((Handler(),))
backend = server.add_insecure_port("127.0.0.1:0")
server.start()
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
folders = "".join(f"{kind}_temp_path {work}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
with open(f"{work}/conf", "w") as file:
    file.write(
        f"daemon off; master_process off; pid {work}/pid; error_log {work}/error.log; events {{}}\nhttp {{ access_log off; {folders}\n"
        f"server {{ listen 127.0.0.1:{port} http2;\n location / {{ grpc_pass grpc://127.0.0.1:{backend}; }}\n"
        f" location /probe/Unlimited {{ client_max_body_size 0; grpc_pass grpc://127.0.0.1:{backend}; }}\n"
        f" location /probe/Slow {{ grpc_read_timeout 1s; grpc_pass grpc://127.0.0.1:{backend}; }}\n location /probe/Limited {{ return 429; }} }} }}\n"
    )
proxy = subprocess.Popen([f"{root}/usr/sbin/nginx", "-c", f"{work}/conf", "-p", work, "-e", f"{work}/error.log"])
deadline = time.monotonic() + 40
try:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stream, unary = channel.stream_unary("/probe/Stream"), channel.unary_unary
        part = b"x" * 100_000
        seen = {"3 messages": code(stream, iter([part] * 3))}
        assert len(received) == 3 and cut.wait(20)
        cut.clear()
        seen["30 messages"] = code(stream, iter([part] * 30))
        assert cut.wait(20)
        arrived = len(received)
        seen["2 MB"] = code(unary("/probe/Call"), b"x" * 2_000_000)
        seen["2 MB, client_max_body_size 0"] = code(unary("/probe/Unlimited"), b"x" * 2_000_000)
        seen["429"] = code(unary("/probe/Limited"), b"")
        seen["slow"] = code(unary("/probe/Slow"), b"slow")
finally:
    ended.set()
    proxy.terminate()
    proxy.wait(20)
    server.stop(0).wait()
print(seen, "arrived of 30:", arrived)
assert seen == {
    "3 messages": "OK", "30 messages": "UNKNOWN", "2 MB": "UNKNOWN", "2 MB, client_max_body_size 0": "OK",
    "429": "UNAVAILABLE", "slow": "UNAVAILABLE",
}, seen
assert 0 < arrived <= 11, arrived
PYTHON
timeout 100 "$work/venv/bin/python" "$work/probe.py" "$work/root" "$work"
