#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-sqlalchemy 0.66b1 with opentelemetry-sdk 1.45.1, SQLAlchemy 2.0.58 (on SQLite).
#
# One would guess: an engine that was made before SQLAlchemyInstrumentor().instrument() is either instrumented or not; and if it is made later, it
# does not matter how the program has imported create_engine.
#
# Seen: an engine from before has a span "connect" each time that a connection is taken from the pool, and none for its statements. So has one that
# was made later by a create_engine that had been imported before.
#   engine from before: connect
#   engine from later, "from sqlalchemy import create_engine" from before: connect
#   engine from later, sqlalchemy.create_engine: connect, SELECT
#   engine from before, instrument(engine=…): connect, SELECT
#
# Why it matters: most programs make the engine at the top of a module, and set up telemetry in main(). The spans that are there say that it works,
# and the time of the queries is a gap in the trace, or taken for the application's. Instrument before these imports, or name the engine.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 SQLAlchemy==2.0.58 \
    opentelemetry-instrumentation-sqlalchemy==0.66b1
cat > "$work/probe.py" <<'PYTHON'
import sys

import sqlalchemy
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import create_engine

address = f"sqlite:///{sys.argv[1]}/probe.db"
exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))


def spans(engine):
    exporter.clear()
    for _ in range(2):
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text("SELECT 1"))
    return [span.name.split()[0] for span in exporter.get_finished_spans()]


before, named = create_engine(address), create_engine(address)
SQLAlchemyInstrumentor().instrument(tracer_provider=provider)
seen = {
    "before": spans(before),
    "imported before": spans(create_engine(address)),
    "later": spans(sqlalchemy.create_engine(address)),
}
SQLAlchemyInstrumentor().uninstrument()
SQLAlchemyInstrumentor().instrument(tracer_provider=provider, engine=named)
seen["named"] = spans(named)
for title, names in seen.items():
    print(f"{title}: {' '.join(names)}")
assert seen["before"] == seen["imported before"] == ["connect"] * 2
assert seen["later"] == ["connect", "SELECT"] * 2 and seen["named"].count("SELECT") == 2
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py" "$work"
