#!/usr/bin/env bash
# Package: PyPI fluent-logger 0.11.1.
#
# One would guess: a format of fluent-logger's formatter that names a field which only some records have, as {"trace": "%(trace_id)s"}, leaves it out
# where it is missing; or the line is lost with a note on stderr, as logging does for errors in a formatter.
#
# Seen: the logging call raises KeyError into the program. Handlers of the same logger that come later do not get the record.
#   info("placed", extra={"trace_id": "0af7"}): sent with trace 0af7
#   info("started"): KeyError: 'trace_id'
#   the same formatter in a StreamHandler: no exception, "--- Logging error ---" on stderr
#   fill_missing_fmt_key=True: sent with trace None
#
# Why it matters: lines that are logged outside of a request have no trace, and those are of the start, of the end and of background work: a service
# does not start, or a job dies, once its format has a trace. Libraries that log by the same handler raise as well.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check fluent-logger==0.11.1 msgpack==1.2.4
cat > "$work/probe.py" <<'PYTHON'
import contextlib
import io
import logging
import socket

import msgpack
from fluent.handler import FluentHandler, FluentRecordFormatter

server = socket.create_server(("127.0.0.1", 0))
form = {"trace": "%(trace_id)s"}


class Later(logging.Handler):
    records = 0

    def emit(self, record):
        Later.records += 1


def outcome(handler, formatter, message, **arguments):
    """Logs once; returns what was raised, whether stderr says so, and how many records the handler behind it got."""
    handler.setFormatter(formatter)
    logger = logging.Logger("shop")
    logger.addHandler(handler)
    logger.addHandler(Later())
    Later.records, errors, raised = 0, io.StringIO(), None
    with contextlib.redirect_stderr(errors):
        try:
            logger.info(message, **arguments)
        except Exception as error:
            raised = repr(error)
    return raised, "--- Logging error ---" in errors.getvalue(), Later.records


handler = FluentHandler("shop", host="127.0.0.1", port=server.getsockname()[1])
plain, filling = FluentRecordFormatter(form), FluentRecordFormatter(form, fill_missing_fmt_key=True)
seen = {
    "with": outcome(handler, plain, "placed", extra={"trace_id": "0af7"}),
    "without": outcome(handler, plain, "started"),
    "filled": outcome(handler, filling, "started"),
    "stream": outcome(logging.StreamHandler(io.StringIO()), plain, "started"),
}
handler.close()
server.settimeout(20)
connection, _ = server.accept()
with connection:
    data = b"".join(iter(lambda: connection.recv(65536), b""))
unpacker = msgpack.Unpacker()
unpacker.feed(data)
traces = [record["trace"] for _, _, record in unpacker]
print(*seen.items(), f"sent: {traces}", sep="\n")
assert seen["with"] == seen["filled"] == (None, False, 1) and traces == ["0af7", None]
assert seen["without"] == ("KeyError('trace_id')", False, 0)
assert seen["stream"] == (None, True, 1)
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
