#!/usr/bin/env bash
# Packages: PyPI django-prometheus 2.5.0, prometheus-client 0.26.0, Django 5.2.19.
#
# One would guess: each request is one value in django_http_requests_latency_seconds_by_view_method, as it is one in the counters beside it.
#
# Seen: a request whose view raises, an error as well as Http404 (which get_object_or_404 raises), is two values there: one when the exception passes
# the middleware, one when the response does. The counter of requests and the latency without a view have it once.
#   3 good, 3 that raise ValueError, 3 that raise Http404, 3 that return 404:
#   latency by view: good 3, bug 6, gone 6, returned 3; requests by view: 3 each; latency including middlewares: 12
#
# Why it matters: the rate that dashboards take from the histogram's count doubles for failures alone, and errors by the counter over requests by the
# histogram are at most half: a view that always fails has an error rate of 50 %. Take rates from the counters.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check django-prometheus==2.5.0 prometheus-client==0.26.0 Django==5.2.19
cat > "$work/probe.py" <<'PYTHON'
import logging

import django
from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseNotFound
from django.test import Client
from django.urls import path
from prometheus_client import REGISTRY

logging.disable()
settings.configure(
    SECRET_KEY="probe", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], INSTALLED_APPS=["django_prometheus"],
    MIDDLEWARE=["django_prometheus.middleware.PrometheusBeforeMiddleware", "django_prometheus.middleware.PrometheusAfterMiddleware"],
)


def good(request):
    return HttpResponse()


def returned(request):
    return HttpResponseNotFound()


def bug(request):
    raise ValueError("probe")


def gone(request):
    raise Http404


urlpatterns = [path(view.__name__, view, name=view.__name__) for view in (good, bug, gone, returned)]
django.setup()
client = Client(raise_request_exception=False)
statuses = {name: {client.get(f"/{name}").status_code for _ in range(3)} for name in ("good", "bug", "gone", "returned")}
samples = {}
for family in REGISTRY.collect():
    for sample in family.samples:
        if sample.name.startswith("django_http"):
            samples[sample.name, sample.labels.get("view")] = sample.value
latency = {name: samples["django_http_requests_latency_seconds_by_view_method_count", name] for name in statuses}
requests = {name: samples["django_http_requests_total_by_view_transport_method_total", name] for name in statuses}
whole = samples["django_http_requests_latency_including_middlewares_seconds_count", None]
print(f"statuses {statuses}", f"latency by view {latency}", f"requests by view {requests}", f"all {whole}", sep="\n")
assert statuses == {"good": {200}, "bug": {500}, "gone": {404}, "returned": {404}}
assert latency == {"good": 3, "bug": 6, "gone": 6, "returned": 3}
assert set(requests.values()) == {3} and whole == 12
PYTHON
timeout 60 "$work/venv/bin/python" "$work/probe.py"
