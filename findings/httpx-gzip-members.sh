#!/usr/bin/env bash
# Packages: PyPI httpx 0.28.1, requests 2.34.2, urllib3 2.8.0, aiohttp 3.14.5, tornado 6.6.1, pycurl 7.49.0, zstandard 0.25.0.
#
# One would guess: a body with Content-Encoding: gzip that consists of several members, which the format allows and which is how compressed logs are
# put together, is read whole by each client, or is an error.
#
# Seen: httpx hands out the first member and drops the rest without a word, while it reads all frames of a zstd body. curl refuses the body, the
# others read all.
#   httpx, gzip of two members: "first"
#   httpx, zstd of two frames: "first second"
#   requests, urllib3, aiohttp, tornado, gzip of two members: "first second"
#   pycurl: error 23, Multi-member gzip response not supported
#
# Why it matters: an export of telemetry that its server put together from compressed parts (one for each hour, or one for each flush) comes back with
# status 200 and the first part alone; a page of metrics or a file of JSON lines that ends early looks complete. Read such bodies with iter_raw() and
# gzip.decompress().
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check httpx==0.28.1 requests==2.34.2 urllib3==2.8.0 aiohttp==3.14.5 tornado==6.6.1 \
    pycurl==7.49.0 zstandard==0.25.0
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import gzip
import io
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import aiohttp
import httpx
import pycurl
import requests
import urllib3
import zstandard
from tornado.httpclient import AsyncHTTPClient

zstd = zstandard.ZstdCompressor().compress
bodies = {
    "gzip": gzip.compress(b"first ") + gzip.compress(b"second"),
    "zstd": zstd(b"first ") + zstd(b"second"),
}


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        body = bodies[self.path[1:]]
        self.send_response(200)
        self.send_header("Content-Encoding", self.path[1:])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}/"


async def by_aiohttp():
    async with aiohttp.ClientSession() as session, session.get(base + "gzip") as response:
        return await response.read()


async def by_tornado():
    return (await AsyncHTTPClient().fetch(base + "gzip")).body


def by_curl():
    body, curl = io.BytesIO(), pycurl.Curl()
    curl.setopt(curl.URL, base + "gzip")
    curl.setopt(curl.ACCEPT_ENCODING, "")
    curl.setopt(curl.WRITEDATA, body)
    try:
        curl.perform()
        return body.getvalue()
    except pycurl.error as error:
        return error.args[0]


seen = {
    "httpx": httpx.get(base + "gzip").content,
    "httpx, zstd": httpx.get(base + "zstd").content,
    "requests": requests.get(base + "gzip", timeout=20).content,
    "urllib3": urllib3.request("GET", base + "gzip").data,
    "aiohttp": asyncio.run(by_aiohttp()),
    "tornado": asyncio.run(by_tornado()),
    "pycurl": by_curl(),
}
for client, body in seen.items():
    print(f"{client}: {body}")
assert seen.pop("httpx") == b"first "
assert seen.pop("pycurl") == 23
assert set(seen.values()) == {b"first second"}
server.shutdown()
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
