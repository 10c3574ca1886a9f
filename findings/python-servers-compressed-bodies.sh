#!/usr/bin/env bash
# Packages: PyPI aiohttp 3.14.5, tornado 6.6.1, starlette 1.10.0 with uvicorn 0.54.0, flask 3.1.3, opentelemetry-proto 1.45.1.
#
# One would guess: a Python server hands the body of a request out as it came, since Content-Encoding is the handler's affair; or it decompresses it,
# and then the header is gone. So a receiver of OTLP that decompresses by the header works on all of them.
#
# Seen: Starlette, Flask and Tornado hand out what came. Tornado with decompress_request decompresses gzip and takes the header away. aiohttp's server
# decompresses gzip and deflate by itself, and leaves Content-Encoding and the length of the compressed body in place. What is larger than 1 MiB after
# that is answered with 413, though much less came; zstd, without another package, with 400, before the handler is asked.
#   gzip: Starlette, Flask, Tornado compressed; aiohttp plain with "Content-Encoding: gzip"; Tornado with the option plain without the header
#   gzip of more than 1 MiB: aiohttp 413; the others 200
#   zstd: aiohttp 400; the others 200
#
# Why it matters: a handler that decompresses by the header fails on aiohttp with each request of a client that compresses, and one that does not
# fails on the others. Exporters take 400 and 413 for final and drop the batch: a burst of telemetry is lost for a limit that is for uploads.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check aiohttp==3.14.5 tornado==6.6.1 starlette==1.10.0 uvicorn==0.54.0 flask==3.1.3 \
    opentelemetry-proto==1.45.1 zstandard==0.25.0
timeout 120 "$work/venv/bin/python" -W ignore - <<'PYTHON'
import asyncio
import gzip
import http.client
import json
import logging
import socket
import threading

import flask
import tornado.httpserver
import tornado.netutil
import tornado.web
import uvicorn
import zstandard
from aiohttp import web
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from werkzeug.serving import make_server

logging.disable(logging.CRITICAL)


def request(records):
    """Returns an export request with so many log records."""
    one = ExportLogsServiceRequest()
    for number in range(records):
        one.resource_logs.add().scope_logs.add().log_records.add().body.string_value = f"order {number}: " + "paid " * 10
    return one.SerializeToString()


small, large = request(100), request(20_000)
bodies = {"gzip": gzip.compress(small), "large": gzip.compress(large), "zstd": zstandard.ZstdCompressor().compress(small)}
assert len(bodies["large"]) < 2**20 < len(large)


def seen(body, encoding):
    """Returns how a handler finds the body: as it was or plain, and with which header."""
    state = "compressed" if body in bodies.values() else "plain" if body in (small, large) else "other"
    return json.dumps([state, encoding])


def ask(port):
    """Returns what a server makes of each body."""
    answers = {}
    for name, body in bodies.items():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("POST", "/", body, {"Content-Encoding": "zstd" if name == "zstd" else "gzip"})
        response = connection.getresponse()
        text = response.read()
        answers[name] = tuple(json.loads(text)) if response.status == 200 else response.status
        connection.close()
    return answers


class TornadoHandler(tornado.web.RequestHandler):
    def post(self):
        self.write(seen(self.request.body, self.request.headers.get("Content-Encoding")))


async def aiohttp_handler(incoming):
    return web.Response(text=seen(await incoming.read(), incoming.headers.get("Content-Encoding")))


async def starlette_handler(incoming):
    return JSONResponse(json.loads(seen(await incoming.body(), incoming.headers.get("content-encoding"))))


async def with_tornado(**options):
    sockets = tornado.netutil.bind_sockets(0, "127.0.0.1")
    server = tornado.httpserver.HTTPServer(tornado.web.Application([("/", TornadoHandler)]), **options)
    server.add_sockets(sockets)
    answers = await asyncio.to_thread(ask, sockets[0].getsockname()[1])
    server.stop()
    return answers


async def main():
    application = web.Application()
    application.router.add_post("/", aiohttp_handler)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found = {"aiohttp": await asyncio.to_thread(ask, runner.addresses[0][1])}
    await runner.cleanup()
    found["Tornado"] = await with_tornado()
    found["Tornado, decompress_request"] = await with_tornado(decompress_request=True)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=[Route("/", starlette_handler, methods=["POST"])]), log_config=None))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    found["Starlette"] = await asyncio.to_thread(ask, listener.getsockname()[1])
    server.should_exit = True
    await serving
    return found


found = asyncio.run(main())
application = flask.Flask("probe")
application.post("/")(lambda: seen(flask.request.get_data(), flask.request.headers.get("Content-Encoding")))
server = make_server("127.0.0.1", 0, application)
threading.Thread(target=server.serve_forever, daemon=True).start()
found["Flask"] = ask(server.server_port)
server.shutdown()
for name, answers in found.items():
    print(name, answers)
as_it_came = {"gzip": ("compressed", "gzip"), "large": ("compressed", "gzip"), "zstd": ("compressed", "zstd")}
assert found.pop("aiohttp") == {"gzip": ("plain", "gzip"), "large": 413, "zstd": 400}
assert found.pop("Tornado, decompress_request") == {"gzip": ("plain", None), "large": ("plain", None), "zstd": ("compressed", "zstd")}
assert all(answers == as_it_came for answers in found.values())
PYTHON
