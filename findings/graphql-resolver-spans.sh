#!/usr/bin/env bash
# Packages: PyPI strawberry-graphql 0.341.2 and ariadne 1.1.1 with their own extensions for OpenTelemetry, graphql-core 3.3.2, opentelemetry-sdk
# 1.45.1.
#
# One would guess: the span of a field lasts as long as its resolver, the spans of fields nest as the query does, and an operation whose resolver
# raised is an error, since the HTTP answer is a 200 and cannot say so.
#
# Seen: with Ariadne the span that has the field's name and path ends before an asynchronous resolver begins, and is no error when that raises; below
# it are two of fixed names that have time and status. With Strawberry spans of nested fields are all children of the operation, which is of kind
# SERVER, below the server's own. In both, an operation with errors has no status, whether a resolver raised or the query was invalid.
#   Ariadne, a resolver of 0.2 s that raises: field UNSET, below 0.1 s; "resolve async" ERROR, 0.2 s
#   Ariadne and Strawberry, operation: UNSET
#   Strawberry, {items {price}}: price has the operation as its parent; operation SERVER
#
# Why it matters: the slowest fields of an Ariadne service are all "resolve async", and its fields take no time. Failed operations are found in
# neither; and server spans of Strawberry count each request twice.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    strawberry-graphql==0.341.2 ariadne==1.1.1 graphql-core==3.3.2
timeout 60 "$work/venv/bin/python" - <<'PYTHON'
import asyncio
import logging

import strawberry
from ariadne import QueryType, graphql, make_executable_schema
from ariadne.contrib.tracing.opentelemetry import opentelemetry_extension
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from strawberry.extensions.tracing import OpenTelemetryExtension

logging.disable(logging.CRITICAL)
exporter = InMemorySpanExporter()
provider = TracerProvider(shutdown_on_exit=False)
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("probe")
query = QueryType()


@query.field("stock")
async def stock(*_):
    await asyncio.sleep(0.2)
    raise ValueError("no stock")


@strawberry.type
class Item:
    @strawberry.field
    async def price(self) -> int:
        return 1


@strawberry.type
class Query:
    @strawberry.field
    async def items(self) -> list[Item]:
        return [Item()]

    @strawberry.field
    async def stock(self) -> int:
        raise ValueError("no stock")


ariadne_schema = make_executable_schema("type Query { stock: Int }", query)
strawberry_schema = strawberry.Schema(Query, extensions=[OpenTelemetryExtension])


def finished():
    """Returns the spans by name since the last call."""
    spans = {span.name: span for span in exporter.get_finished_spans()}
    exporter.clear()
    return spans


def shown(span):
    seconds = (span.end_time - span.start_time) / 1e9
    return span.status.status_code.name, "below 0.1 s" if seconds < 0.1 else "0.2 s"


async def main():
    _, answer = await graphql(ariadne_schema, {"query": "{stock}"}, extensions=[opentelemetry_extension()])
    assert answer["errors"], answer
    spans = finished()
    seen = {name: shown(span) for name, span in spans.items()}
    print("Ariadne:", seen)
    assert seen["stock"] == ("UNSET", "below 0.1 s") and seen["resolve async"] == ("ERROR", "0.2 s"), seen
    assert seen["GraphQL Operation"][0] == "UNSET", seen
    for text in ("query Q {stock}", "query Q {nothing}"):
        assert (await strawberry_schema.execute(text)).errors
        operation = next(span for name, span in finished().items() if name.startswith("GraphQL Query"))
        print("Strawberry:", text, operation.status.status_code.name)
        assert operation.status.status_code.name == "UNSET"
    with tracer.start_as_current_span("POST /graphql", kind=trace.SpanKind.SERVER) as server:
        assert not (await strawberry_schema.execute("query Q {items {price}}")).errors
    spans = finished()
    operation = spans["GraphQL Query: Q"]
    print("Strawberry:", operation.kind.name, spans["GraphQL Resolving: price"].parent.span_id == operation.context.span_id)
    assert operation.kind.name == "SERVER" and operation.parent.span_id == server.get_span_context().span_id
    assert spans["GraphQL Resolving: price"].parent.span_id == operation.context.span_id
    assert spans["GraphQL Resolving: items"].parent.span_id == operation.context.span_id


asyncio.run(main())
PYTHON
