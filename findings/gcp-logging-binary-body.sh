#!/usr/bin/env bash
# Packages: PyPI opentelemetry-exporter-gcp-logging 1.15.0a0 with opentelemetry-sdk 1.45.1, google-cloud-logging 3.17.0, grpcio 1.85.3.
#
# One would guess: a body of bytes, which a log record may have, arrives as base64, as it does in a list or a map; a record that cannot be written is
# left out; and all records of a process are in the log with the name that the exporter was given.
#
# Seen: bytes at the top are read as JSON, and if they are none, the whole batch is gone: the exporter raises, the processor logs that and drops what
# it had. force_flush() returns True. Bytes that are JSON but no object arrive as base64. A record with an event name is in a log of that name, out of
# sight of a query for the other. An integer in a map becomes a double.
#   three records, the second b"\x89PNG": none arrives, force_flush() True
#   b"[1]" -> text "WzFd"
#   event_name="order.placed" -> log "order.placed", others -> log "shop"
#   {"order": 9007199254740993} -> 9007199254740992
#
# Why it matters: one component that logs a frame, a digest or a protobuf message takes up to 511 records of others with it, each time.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-exporter-gcp-logging==1.15.0a0 google-cloud-logging==3.17.0 grpcio==1.85.3
timeout 60 "$work/venv/bin/python" -W ignore - <<'PYTHON'
import logging
import time
from concurrent import futures

import grpc
from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2Client
from google.cloud.logging_v2.services.logging_service_v2.transports import LoggingServiceV2GrpcTransport
from google.cloud.logging_v2.types import WriteLogEntriesRequest, WriteLogEntriesResponse
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.cloud_logging import CloudLoggingExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor

logging.disable(logging.CRITICAL)
received = []


class CloudLogging(grpc.GenericRpcHandler):
    """Takes what is written, in place of Google's server."""

    def service(self, details):
        assert details.method.endswith("/WriteLogEntries")
        return grpc.unary_unary_rpc_method_handler(
            self.take, request_deserializer=WriteLogEntriesRequest.deserialize, response_serializer=WriteLogEntriesResponse.serialize
        )

    def take(self, request, _):
        received.extend(request.entries)
        return WriteLogEntriesResponse()


server = grpc.server(futures.ThreadPoolExecutor(1))
server.add_generic_rpc_handlers((CloudLogging(),))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
client = LoggingServiceV2Client(transport=LoggingServiceV2GrpcTransport(channel=grpc.insecure_channel(f"127.0.0.1:{port}")))
provider = LoggerProvider()
provider.add_log_record_processor(BatchLogRecordProcessor(CloudLoggingExporter("project", "shop", client), schedule_delay_millis=60_000))


def sent(*records):
    """Returns what arrives of these records in one batch, and what force_flush() says."""
    for record in records:
        provider.get_logger("probe").emit(LogRecord(timestamp=time.time_ns(), severity_number=SeverityNumber.INFO, **record))
    flushed = provider.force_flush()
    entries = received.copy()
    received.clear()
    return entries, flushed


entries, flushed = sent({"body": "before"}, {"body": b"\x89PNG"}, {"body": "after"})
print(f"arrived: {entries}, force_flush: {flushed}")
assert entries == [] and flushed is True
entries, _ = sent({"body": "before"}, {"body": b"[1]"}, {"body": "placed", "event_name": "order.placed"})
seen = [(entry.log_name.split("/")[-1], entry.text_payload) for entry in entries]
print(seen)
assert seen == [("shop", "before"), ("shop", "WzFd"), ("order.placed", "placed")], seen
entries, _ = sent({"body": {"order": 9007199254740993}})
order = int(entries[0].json_payload["order"])
print(f"9007199254740993 -> {order}")
assert order == 9007199254740992
provider.shutdown()
server.stop(None)
PYTHON
