#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-aws-lambda 0.66b1 with opentelemetry-sdk 1.45.1.
#
# One would guess: a function behind an HTTP API gets a server span as a web server does: http.route is the route that API Gateway matched, which is
# in the event, the status code is a number, and an answer of 500 and more is an error.
#
# Seen: for the events of version 2, which HTTP APIs and function URLs send, http.route is the path of the request with its identifiers and the stage.
# For version 1 it is the route. The status code is what the function returned, so "200" is text, and no answer is an error, 503 neither; only an
# exception is. Log records are not flushed when the function returns, spans and metrics are.
#   version 2, GET /orders/{id}: http.route /prod/orders/42, 503: status UNSET
#   version 1, GET /orders/{id}: http.route /orders/{id}
#   statusCode "200": http.status_code "200", a string
#   force_flush: tracer provider and meter provider, not the logger provider
#
# Why it matters: a metric or a page by route has one entry for each order, error rates from spans are zero while users get 503, and the last log
# records of a call wait in a frozen process until the next call, or are lost with it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-aws-lambda==0.66b1
cat > "$work/shop.py" <<'PYTHON'
def handler(event, context):
    return event["answer"]
PYTHON
cat > "$work/probe.py" <<'PYTHON'
from types import SimpleNamespace

from opentelemetry import _logs, metrics, trace
from opentelemetry.instrumentation.aws_lambda import AwsLambdaInstrumentor
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

flushed = []
providers = {"spans": TracerProvider(), "metrics": MeterProvider(), "logs": LoggerProvider()}
for name, provider in providers.items():
    provider.force_flush = lambda *_, name=name: flushed.append(name) or True
exporter = InMemorySpanExporter()
providers["spans"].add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(providers["spans"])
metrics.set_meter_provider(providers["metrics"])
_logs.set_logger_provider(providers["logs"])
AwsLambdaInstrumentor().instrument(skip_dep_check=True)
import shop  # noqa: E402  after the instrumentation, as the runtime does

call = SimpleNamespace(function_name="shop", invoked_function_arn="arn:aws:lambda:eu-west-1:123456789012:function:shop", aws_request_id="1")
http = {"method": "GET", "path": "/prod/orders/42", "protocol": "HTTP/1.1", "userAgent": "curl"}
version2 = {
    "version": "2.0",
    "routeKey": "GET /orders/{id}",
    "rawPath": "/prod/orders/42",
    "rawQueryString": "",
    "headers": {},
    "requestContext": {"routeKey": "GET /orders/{id}", "stage": "prod", "domainName": "api.example.com", "http": http},
}
version1 = {
    "version": "1.0",
    "resource": "/orders/{id}",
    "path": "/orders/42",
    "httpMethod": "GET",
    "headers": {},
    "requestContext": {"resourcePath": "/orders/{id}", "stage": "prod"},
}


def span(event, status):
    """Returns route, status code and status of the span of one call."""
    exporter.clear()
    shop.handler({**event, "answer": {"statusCode": status, "body": ""}}, call)
    (one,) = exporter.get_finished_spans()
    return one.attributes["http.route"], one.attributes["http.status_code"], one.status.status_code.name


seen = [span(version2, 503), span(version1, 503), span(version2, "200")]
print(*seen, sep="\n")
assert seen == [("/prod/orders/42", 503, "UNSET"), ("/orders/{id}", 503, "UNSET"), ("/prod/orders/42", "200", "UNSET")]
print(sorted(set(flushed)))
assert set(flushed) == {"spans", "metrics"}
PYTHON
(cd "$work" && AWS_LAMBDA_FUNCTION_NAME=shop _HANDLER=shop.handler timeout 60 "$work/venv/bin/python" "$work/probe.py")
