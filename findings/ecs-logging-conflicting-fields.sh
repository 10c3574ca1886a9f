#!/usr/bin/env bash
# Package: PyPI ecs-logging 2.3.0.
#
# One would guess: a value in extra={…} whose name is one of the formatter's own fields (error.message beside exc_info, service.name beside the
# formatter's default of it) replaces it, or yields to it. The line is written either way.
#
# Seen: there is no line. The formatter raises TypeError ("merging dicts would replace value …"), and logging prints a traceback to stderr, in its own
# form, and goes on. So it is for the same value twice, and for a name that is a field in one place and the parent of a field in another.
#   error("failed", exc_info=…, extra={"error.message": "card declined"}): no line
#   formatter with service.name shop, info(…, extra={"service.name": "till"}), or "shop" once more: no line
#   info(…, extra={"http": "GET /", "http.request.method": "GET"}): no line
#   info(…, extra={"labels.user": "ada"}): a line
#
# Why it matters: the more somebody says about an error, the likelier it is missing from the index, and it is missing each time; what is on stderr has
# no trace identifier and is read by no one. Keep the names of extra fields out of the schema's own, below "labels".
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check ecs-logging==2.3.0
cat > "$work/probe.py" <<'PYTHON'
import contextlib
import io
import json
import logging

import ecs_logging


def logged(level, defaults=None, **arguments):
    """Returns the lines that one call writes, and the last line of what goes to stderr."""
    stream, errors = io.StringIO(), io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(ecs_logging.StdlibFormatter(extra=defaults))
    logger = logging.Logger("shop")
    logger.addHandler(handler)
    with contextlib.redirect_stderr(errors):
        logger.log(level, "probe", **arguments)
    return [json.loads(line) for line in stream.getvalue().splitlines()], "TypeError: Type mismatch" in errors.getvalue()


default = {"service.name": "shop"}
cases = {
    "error.message beside exc_info": logged(logging.ERROR, exc_info=ValueError("declined"), extra={"error.message": "card declined"}),
    "another service.name": logged(logging.INFO, default, extra={"service.name": "till"}),
    "a field and its parent": logged(logging.INFO, extra={"http": "GET /", "http.request.method": "GET"}),
    "the same service.name": logged(logging.INFO, default, extra={"service.name": "shop"}),
    "exc_info alone": logged(logging.ERROR, exc_info=ValueError("declined")),
    "labels": logged(logging.INFO, extra={"labels.user": "ada"}),
}
for title, (lines, failed) in cases.items():
    print(f"{title}: {len(lines)} lines, TypeError on stderr {failed}")
assert [(len(lines), failed) for lines, failed in cases.values()] == [(0, True)] * 4 + [(1, False)] * 2
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
