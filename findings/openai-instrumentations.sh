#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-genai-openai 1.3b0, opentelemetry-instrumentation-openai 0.62.4 (OpenLLMetry) and
# openinference-instrumentation-openai 0.1.66, each with openai 3.57.0 and opentelemetry-sdk 1.45.1.
#
# One would guess: three instrumentations of one client record the same call under different names at most. Prompts are recorded if that was asked
# for. A call to a model that is streamed and read to its end has its tokens.
#
# Seen: two of the three record prompts and answers without being asked, one of them sends the trace on to the provider, and one has no client span. A
# call that is streamed has no tokens in any, unless the program asks the provider for them. A stream that is left in the middle is a success for
# OpenLLMetry; the others do not say. Its counter gen_ai.client.generation.choices counts the chunks of a stream, and the duration of a failed call
# has no model.
#   genai-openai: CLIENT, no prompt, no traceparent at the provider
#   OpenLLMetry: CLIENT, prompt, traceparent at the provider
#   openinference: INTERNAL, prompt, no traceparent at the provider
#   streamed: no tokens in all three
#   left after the first chunk: UNSET, OK, UNSET
#   OpenLLMetry, choices of one answer in four chunks: more than one
#
# Why it matters: the names of the packages differ in a word. Which one is installed decides whether what users type is in the trace store, and
# whether identifiers of internal traces are at a provider. Costs that are computed from spans miss what is streamed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat > "$work/probe.py" <<'PYTHON'
import importlib
import json
import logging
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

logging.disable(logging.CRITICAL)
name, module = sys.argv[1:]
exporter = InMemorySpanExporter()
provider = TracerProvider(shutdown_on_exit=False)
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
reader = InMemoryMetricReader()
metrics.set_meter_provider(MeterProvider([reader], shutdown_on_exit=False))
importlib.import_module(module).OpenAIInstrumentor().instrument()
import openai  # noqa: E402  after the instrumentation

received = []


class Provider(BaseHTTPRequestHandler):
    """Answers as a provider of models does, in one piece or in four chunks."""

    def log_message(self, *_):
        pass

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        received.append(self.headers)
        base = {"id": "1", "created": 1, "model": request["model"]}
        if request["model"] == "missing":
            status, kind = 404, "application/json"
            body = json.dumps({"error": {"message": "no such model", "type": "invalid_request_error"}})
        elif request.get("stream"):
            status, kind = 200, "text/event-stream"
            deltas = [({"role": "assistant", "content": text}, None) for text in ("It", " is", " sunny")] + [({}, "stop")]
            chunks = [{"index": 0, "delta": delta, "finish_reason": reason} for delta, reason in deltas]
            lines = [json.dumps({**base, "object": "chat.completion.chunk", "choices": [chunk]}) for chunk in chunks] + ["[DONE]"]
            body = "".join(f"data: {line}\n\n" for line in lines)
        else:
            status, kind = 200, "application/json"
            choice = {"index": 0, "message": {"role": "assistant", "content": "It is sunny"}, "finish_reason": "stop"}
            usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
            body = json.dumps({**base, "object": "chat.completion", "choices": [choice], "usage": usage})
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())


server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = openai.OpenAI(base_url=f"http://127.0.0.1:{server.server_port}/v1", api_key="none", max_retries=0)
prompt = [{"role": "user", "content": "the weather at home"}]


def span():
    """Returns the span of the last call, its attributes as one text."""
    (one,) = exporter.get_finished_spans()
    exporter.clear()
    return one, json.dumps({key: str(value) for key, value in one.attributes.items()})


client.chat.completions.create(model="model", messages=prompt)
plain, text = span()
kind, recorded, forwarded = plain.kind.name, "the weather at home" in text, "traceparent" in received[-1]
tokens = [key for key in plain.attributes if "token" in key]
assert tokens, text
list(client.chat.completions.create(model="model", messages=prompt, stream=True))
streamed, _ = span()
stream_tokens = [key for key in streamed.attributes if "token" in key]
with client.chat.completions.create(model="model", messages=prompt, stream=True) as stream:
    next(iter(stream))
left, _ = span()
print(f"{name}: {kind}, prompt {recorded}, traceparent {forwarded}, tokens of a stream {stream_tokens}, left {left.status.status_code.name}")
expected = {
    "genai-openai": ("CLIENT", False, False, "UNSET"),
    "OpenLLMetry": ("CLIENT", True, True, "OK"),
    "openinference": ("INTERNAL", True, False, "UNSET"),
}
assert (kind, recorded, forwarded, left.status.status_code.name) == expected[name] and stream_tokens == []
if name == "OpenLLMetry":
    try:
        client.chat.completions.create(model="missing", messages=prompt)
    except openai.NotFoundError:
        pass
    (resource,) = reader.get_metrics_data().resource_metrics
    points = {metric.name: metric.data.data_points for scope in resource.scope_metrics for metric in scope.metrics}
    choices = sum(
        point.value for point in points["gen_ai.client.generation.choices"] if point.attributes["stream"] and len(point.attributes) == 5
    )
    failed = [dict(point.attributes) for point in points["gen_ai.client.operation.duration"] if "error.type" in point.attributes]
    print(f"choices of streams: {choices}, failed: {failed}")
    assert choices > 2 and failed == [{"error.type": "NotFoundError"}]
server.shutdown()
PYTHON
probe() {
    python3 -m venv "$work/$1"
    "$work/$1/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 openai==3.57.0 "$3"
    TRACELOOP_TELEMETRY=false timeout 60 "$work/$1/bin/python" -W ignore "$work/probe.py" "$1" "$2"
}
probe genai-openai opentelemetry.instrumentation.genai.openai opentelemetry-instrumentation-genai-openai==1.3b0
probe OpenLLMetry opentelemetry.instrumentation.openai opentelemetry-instrumentation-openai==0.62.4
probe openinference openinference.instrumentation.openai openinference-instrumentation-openai==0.1.66
