#!/usr/bin/env bash
# Packages: PyPI opentelemetry-instrumentation-django 0.66b1 with opentelemetry-sdk 1.45.1, Django 5.2.19.
#
# One would guess: a request that is answered with 404 is no error of the server: its server span has no status, as the conventions for HTTP say of
# all 4xx, in whatever way the application came to 404.
#
# Seen: so it is for a path that is unknown, and for a view that returns HttpResponseNotFound. A view that raises Http404, as get_object_or_404()
# does, has the status ERROR and an exception event. So have the other exceptions that Django turns into an answer below 500.
#   unknown path: 404, UNSET
#   HttpResponseNotFound: 404, UNSET
#   Http404: 404, ERROR
#   PermissionDenied: 403, ERROR
#   SuspiciousOperation: 400, ERROR
#
# Why it matters: crawlers and mistyped links become errors of the service in everything that goes by the span status: tail sampling keeps them, error
# rates made from spans rise, while those made from the metrics of the same process (by status code) do not. Go by http.response.status_code.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-instrumentation-django==0.66b1 Django==5.2.19
cat > "$work/probe.py" <<'PYTHON'
import logging
import os

os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "http"
from django.conf import settings

logging.disable(logging.CRITICAL)
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="probe", MIDDLEWARE=[])
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

memory = InMemorySpanExporter()
tracers = TracerProvider()
tracers.add_span_processor(SimpleSpanProcessor(memory))
DjangoInstrumentor().instrument(tracer_provider=tracers)
import django

django.setup()
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpResponseNotFound
from django.test import Client
from django.urls import path


def raising(error):
    def view(_):
        raise error

    return view


urlpatterns = [
    path("returned", lambda _: HttpResponseNotFound()),
    path("raised", raising(Http404())),
    path("denied", raising(PermissionDenied())),
    path("suspicious", raising(SuspiciousOperation())),
]
titles = {
    "/unknown": "unknown path", "/returned": "HttpResponseNotFound", "/raised": "Http404", "/denied": "PermissionDenied",
    "/suspicious": "SuspiciousOperation",
}
seen = {}
for address, title in titles.items():
    memory.clear()
    status = Client().get(address).status_code
    (span,) = memory.get_finished_spans()
    assert span.attributes["http.response.status_code"] == status
    seen[title] = (status, span.status.status_code.name, len(span.events))
    print("%s: %d, %s, events %d" % (title, *seen[title]))
assert seen == {
    "unknown path": (404, "UNSET", 0), "HttpResponseNotFound": (404, "UNSET", 0), "Http404": (404, "ERROR", 1),
    "PermissionDenied": (403, "ERROR", 1), "SuspiciousOperation": (400, "ERROR", 1),
}, seen
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
