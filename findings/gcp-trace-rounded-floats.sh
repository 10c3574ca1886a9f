#!/usr/bin/env bash
# Packages: PyPI opentelemetry-exporter-gcp-trace 1.15.0 with opentelemetry-sdk 1.45.1, google-cloud-trace 1.21.0, grpcio 1.85.3.
#
# One would guess: Cloud Trace has no attribute of floating point, so the exporter writes the number as text, as Python or JSON would; bytes come
# hexadecimal or in base64; and the name of the service is sent with each span.
#
# Seen: a number is text with four digits after the point, however small it is; in a list it has all its digits. Bytes are their numbers with commas.
# Elements of a list are joined by commas, those with a comma in them too. service.name is sent nowhere, nor is another attribute of the resource,
# unless a pattern asks for it.
#   0.00004 -> "0.0000"
#   [0.00004] -> "4e-05"
#   1e22 -> "10000000000000000000000.0000"
#   b"ab" -> "97,98"
#   ["a,b", "c"] -> "a,b,c"
#   service.name=checkout -> not sent; with resource_regex="service" it is
#
# Why it matters: durations in seconds, prices of tokens and sampling ratios below 0.00005 are zero in the store, and equal to each other above it.
# Two services whose spans have the same names cannot be told apart.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-exporter-gcp-trace==1.15.0 google-cloud-trace==1.21.0 grpcio==1.85.3
timeout 60 "$work/venv/bin/python" -W ignore - <<'PYTHON'
from concurrent import futures

import grpc
from google.cloud.trace_v2 import TraceServiceClient
from google.cloud.trace_v2.services.trace_service.transports import TraceServiceGrpcTransport
from google.cloud.trace_v2.types import BatchWriteSpansRequest
from google.protobuf import empty_pb2
from opentelemetry.exporter.cloud_trace import CloudTraceSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

received = []


class CloudTrace(grpc.GenericRpcHandler):
    """Takes what is written, in place of Google's server."""

    def service(self, details):
        assert details.method.endswith("/BatchWriteSpans")
        return grpc.unary_unary_rpc_method_handler(
            self.take, request_deserializer=BatchWriteSpansRequest.deserialize, response_serializer=empty_pb2.Empty.SerializeToString
        )

    def take(self, request, _):
        received.extend(request.spans)
        return empty_pb2.Empty()


server = grpc.server(futures.ThreadPoolExecutor(1))
server.add_generic_rpc_handlers((CloudTrace(),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()


def sent(attributes, **options):
    """Returns the attributes of a span as they arrive, without the exporter's own."""
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    client = TraceServiceClient(transport=TraceServiceGrpcTransport(channel=channel))
    provider = TracerProvider(resource=Resource({"service.name": "checkout", "service.namespace": "shop"}))
    provider.add_span_processor(SimpleSpanProcessor(CloudTraceSpanExporter(project_id="project", client=client, **options)))
    with provider.get_tracer("probe").start_as_current_span("pay", attributes=attributes):
        pass
    provider.shutdown()
    channel.close()
    values = received.pop().attributes.attribute_map
    return {name: value.string_value.value for name, value in values.items() if name != "g.co/agent"}


values = {"small": 0.00004, "list": [0.00004], "large": 1e22, "bytes": b"ab", "commas": ["a,b", "c"]}
seen = sent(values)
for name, text in sorted(seen.items()):
    print(f"{values[name]!r} -> {text!r}")
assert seen == {"small": "0.0000", "list": "4e-05", "large": "10000000000000000000000.0000", "bytes": "97,98", "commas": "a,b,c"}, seen
assert sent({}, resource_regex="service") == {"service.name": "checkout", "service.namespace": "shop"}
server.stop(None)
PYTHON
