#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-asgi, -wsgi, -aiohttp-server and -tornado 0.66b1 with opentelemetry-sdk 1.45.1, uvicorn 0.54.0,
# hypercorn 0.18.0, tornado 6.6.1, aiohttp 3.14.5, gunicorn 27.0.1.
#
# One would guess: the lines of a Python server's access log are written outside of the server span, since the server writes them when the
# application, and the instrumentation around it, are done; or inside of it, for all servers alike.
#
# Seen: it depends on the server. uvicorn and hypercorn write the line while the response is being sent, and tornado before its span ends: those lines
# belong to the server span. With aiohttp and gunicorn there is no current span, and the line has no trace.
#   uvicorn: server span
#   hypercorn: server span
#   tornado: server span
#   aiohttp: none
#   gunicorn: none
#
# Why it matters: access lines are the first that people join with traces. A change of the server (gunicorn's own worker in place of uvicorn) takes
# the trace away without an error. Write the access line in the application, where all have it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-asgi==0.66b1 opentelemetry-instrumentation-wsgi==0.66b1 \
    opentelemetry-instrumentation-aiohttp-server==0.66b1 opentelemetry-instrumentation-tornado==0.66b1 uvicorn==0.54.0 hypercorn==0.18.0 \
    tornado==6.6.1 aiohttp==3.14.5 gunicorn==27.0.1
cat > "$work/probe.py" <<'PYTHON'
import asyncio
import logging
import os
import socket
import sys
import threading
import time
import urllib.request

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

server, result = sys.argv[1:]
trace.set_tracer_provider(TracerProvider())


class Access(logging.Handler):
    """Writes the kind of the current span into a file; the process of gunicorn's worker is another one."""

    def emit(self, record):
        span = trace.get_current_span()
        kind = "none" if not span.get_span_context().is_valid else "server span" if span.kind.name == "SERVER" else span.name.split("/ ")[-1]
        with open(result, "a") as file:
            file.write(kind + "\n")


logger = logging.getLogger(server + ".access")
logger.setLevel(logging.INFO)
logger.propagate = False
logger.addHandler(Access())
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
address = "127.0.0.1:%d" % listener.getsockname()[1]


def ask():
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://{address}/", timeout=10).read()
            break
        except OSError:
            time.sleep(0.1)
    for _ in range(100):
        if os.path.exists(result):
            break
        time.sleep(0.1)
    os._exit(0)


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


def wsgi_app(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


if server != "gunicorn":
    threading.Thread(target=ask, daemon=True).start()
if server == "uvicorn":
    import uvicorn
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware

    uvicorn.Server(uvicorn.Config(OpenTelemetryMiddleware(app), log_config=None)).run(sockets=[listener])
elif server == "hypercorn":
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware

    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.accesslog = logger
    asyncio.run(serve(OpenTelemetryMiddleware(app), config))
elif server == "tornado":
    from opentelemetry.instrumentation.tornado import TornadoInstrumentor

    TornadoInstrumentor().instrument()
    from tornado.httpserver import HTTPServer
    from tornado.web import Application, RequestHandler

    class Handler(RequestHandler):
        def get(self):
            self.write("ok")

    async def main():
        listener.setblocking(False)
        HTTPServer(Application([("/", Handler)])).add_socket(listener)
        await asyncio.Event().wait()

    asyncio.run(main())
elif server == "aiohttp":
    from opentelemetry.instrumentation.aiohttp_server import AioHttpServerInstrumentor

    AioHttpServerInstrumentor().instrument()
    from aiohttp import web

    async def handler(_):
        return web.Response(text="ok")

    application = web.Application()
    application.router.add_get("/", handler)
    web.run_app(application, sock=listener, handle_signals=False, print=None)
elif server == "gunicorn":
    from gunicorn.app.base import BaseApplication
    from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware

    class Application(BaseApplication):
        def load_config(self):
            self.cfg.set("bind", f"fd://{listener.fileno()}")
            self.cfg.set("accesslog", "-")
            self.cfg.set("errorlog", "/dev/null")
            self.cfg.set("post_worker_init", lambda _: logging.getLogger("gunicorn.access").handlers.__setitem__(slice(None), [Access()]))
            self.cfg.set("when_ready", lambda arbiter: threading.Thread(target=stop, args=(arbiter,), daemon=True).start())

        def load(self):
            return OpenTelemetryMiddleware(wsgi_app)

    def stop(arbiter):
        for _ in range(100):
            if os.path.exists(result):
                break
            try:
                urllib.request.urlopen(f"http://{address}/", timeout=10).read()
            except OSError:
                pass
            time.sleep(0.2)
        arbiter.SIG_QUEUE.append(15)
        arbiter.wakeup()

    Application().run()
PYTHON
for server in uvicorn hypercorn tornado aiohttp gunicorn; do
    timeout 30 "$work/venv/bin/python" "$work/probe.py" "$server" "$work/$server" > "$work/$server.log" 2>&1 || true
    echo "$server: $(sort -u "$work/$server")"
done | tee "$work/seen"
diff "$work/seen" - <<'SEEN'
uvicorn: server span
hypercorn: server span
tornado: server span
aiohttp: none
gunicorn: none
SEEN
