#!/usr/bin/env bash
# Package: PyPI python-logging-loki 0.3.1.
#
# One would guess: a line has the time at which it was logged (record.created), also with the handler that the package recommends, which sends from a
# queue in a thread of its own.
#
# Seen: it has the time at which it is sent. Behind the queue that is after all lines before it were sent, one request each.
#   5 lines logged at once, Loki answers after 0.3 s: times 0.3 s apart, the last more than a second late
#   a record of an hour ago (from a MemoryHandler, say): the time is now
#
# Why it matters: when Loki is slow or gone for a while, lines lie minutes from their trace and from the lines of other services, and their order and
# distance are those of the network; durations read from them are wrong. Put the time into the line as well.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check python-logging-loki==0.3.1
cat > "$work/probe.py" <<'PYTHON'
import json
import logging
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import Queue

import logging_loki

times, all_there = [], threading.Event()
delay = 0.3


class Loki(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        push = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        times.append(int(push["streams"][0]["values"][0][0]) / 1e9)
        time.sleep(delay)
        self.send_response(204)
        self.end_headers()
        if len(times) == 5:
            all_there.set()


server = ThreadingHTTPServer(("127.0.0.1", 0), Loki)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}/loki/api/v1/push"
queued = logging_loki.LokiQueueHandler(Queue(-1), url=address, version="1")
logger = logging.Logger("shop")
logger.addHandler(queued)
logged = time.time()
for number in range(5):
    logger.info("line %d", number)
took = time.time() - logged
assert all_there.wait(40)
queued.listener.stop()
late = [moment - logged for moment in times]
print(f"logged within {took:.2f} s, times {', '.join(f'{seconds:.2f}' for seconds in late)} s after that began")
assert took < 1 and late[4] - late[0] > 4 * delay * 0.9
delay = 0
old = time.time() - 3600
record = logging.makeLogRecord({"msg": "old", "name": "shop", "levelno": 20, "levelname": "INFO", "created": old})
logging_loki.LokiHandler(url=address, version="1").handle(record)
print(f"record of an hour ago: {times[5] - old:.0f} s later")
assert times[5] - old > 3590
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
