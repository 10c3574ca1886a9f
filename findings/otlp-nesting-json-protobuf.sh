#!/usr/bin/env bash
# Packages: PyPI protobuf 7.36.2 with opentelemetry-proto 1.45.1.
#
# One would guess: the depth limit of 100 is one limit. A log body that the protobuf parser takes is also taken as
# JSON, and JSON that the library itself wrote can be read by the library.
#
# Seen: the binary parser does not count the outermost message, json_format.Parse does. A logs request whose body
# holds 48 nested arrays has 101 messages on its deepest path: read as protobuf, written as JSON, and then
# "Message too deep. Max recursion depth is 100". With 47 arrays both read it, with 49 neither. The text format
# reads all three. Arrays in a span attribute step over the edge (100 messages, then 102), so there both agree.
#   47 binary ok, json ok, text ok
#   48 binary ok, json ParseError, text ok
#   49 binary DecodeError, json ParseError, text ok
#
# Why it matters: a Python receiver answers the same log record with success in one encoding and with an error in
# the other, and a file of OTLP/JSON lines that it wrote from an accepted request cannot be read again. Whoever
# sends should cut nesting well below the limit; whoever stores should not take "parsed" for "can be read back".
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check protobuf==7.36.2 opentelemetry-proto==1.45.1
cat > "$work/probe.py" <<'PYTHON'
from google.protobuf import json_format, text_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest as Request


def request(levels):
    message = Request()
    value = message.resource_logs.add().scope_logs.add().log_records.add().body
    for _ in range(levels):
        value = value.array_value.values.add()
    value.string_value = "leaf"
    return message


def outcome(read):
    try:
        read()
        return "ok"
    except Exception as error:
        return type(error).__name__


seen = {}
for levels in (47, 48, 49):
    message = request(levels)
    binary = message.SerializeToString()
    json = json_format.MessageToJson(message)
    text = text_format.MessageToString(message)
    seen[levels] = (
        outcome(lambda: Request.FromString(binary)),
        outcome(lambda: json_format.Parse(json, Request())),
        outcome(lambda: text_format.Parse(text, Request())),
    )
    print(levels, "binary %s, json %s, text %s" % seen[levels])
assert seen == {
    47: ("ok", "ok", "ok"),
    48: ("ok", "ParseError", "ok"),
    49: ("DecodeError", "ParseError", "ok"),
}, seen
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
