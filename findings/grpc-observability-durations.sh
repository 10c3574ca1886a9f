#!/usr/bin/env bash
# Packages: PyPI grpcio-observability 1.85.0 with grpcio 1.85.0, opentelemetry-sdk 1.45.1.
#
# One would guess: gRPC's own plugin for OpenTelemetry brings the buckets that gRPC's specification of its metrics (A66) has for durations, from 10
# microseconds to 100 s, as an advice to the SDK; and a call that ran into its deadline has the same status at the server as at the client, or
# CANCELLED.
#
# Seen: durations are in seconds, and the buckets are the SDK's own for milliseconds, so the first one, of up to 5 s, has all. At the server a call
# whose deadline passed is OK, and lasts until the deadline, though the handler goes on.
#   20 calls of about a millisecond, one of 0.5 s: grpc.server.call.duration, bounds 0, 5, 10, 25, …, 10000, all in "up to 5"
#   handler of 1 s, deadline 0.3 s: client DEADLINE_EXCEEDED; server OK, about 0.3 s
#
# Why it matters: quantiles of such histograms are made up (the median of 1 ms is 2.5 s), and a service that is too slow for all of its callers has an
# error rate of 0. A view with buckets of one's own for grpc.*.duration mends the first; watch the metrics of the clients for the second.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check grpcio-observability==1.85.0 grpcio==1.85.0 \
    opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1
timeout 60 "$work/venv/bin/python" - <<'PYTHON'
import concurrent.futures
import time

import grpc
import grpc_observability
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.metrics.view import ExplicitBucketHistogramAggregation, View

reader, viewed = InMemoryMetricReader(), InMemoryMetricReader()
bounds = (0.001, 0.01, 0.1, 1, 10)
view = View(instrument_name="grpc.*.duration", aggregation=ExplicitBucketHistogramAggregation(bounds))


def handle(request, _):
    time.sleep(float(request))
    return b"done"


def points(name, of):
    (resource,) = of.get_metrics_data().resource_metrics
    (metric,) = [metric for scope in resource.scope_metrics for metric in scope.metrics if metric.name == name]
    assert metric.unit == "s", metric
    return {point.attributes["grpc.status"]: point for point in metric.data.data_points}


def measure(reader, views, requests):
    meters = MeterProvider([reader], views=views, shutdown_on_exit=False)
    plugin = grpc_observability.OpenTelemetryPlugin(meter_provider=meters)
    plugin.register_global()
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(4))
    methods = {"Place": grpc.unary_unary_rpc_method_handler(handle)}
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("shop.Orders", methods)])
    server.add_registered_method_handlers("shop.Orders", methods)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    codes = []
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        call = channel.unary_unary("/shop.Orders/Place", _registered_method=True)
        for seconds, deadline in requests:
            try:
                call(seconds, timeout=deadline)
                codes.append("OK")
            except grpc.RpcError as error:
                codes.append(error.code().name)
    server.stop(5).wait()
    # What is measured in gRPC's core reaches the meters within a second.
    count, end = 0, time.monotonic() + 20
    while count < len(requests):
        assert time.monotonic() < end
        time.sleep(0.2)
        data = reader.get_metrics_data()
        found = [metric for resource in (data.resource_metrics if data else []) for scope in resource.scope_metrics for metric in scope.metrics]
        count = min((sum(point.count for point in metric.data.data_points) for metric in found if metric.name.endswith("duration")), default=0)
    plugin.deregister_global()
    return codes


codes = measure(reader, [], [(b"0", 20)] * 20 + [(b"0.5", 20)])
assert codes == ["OK"] * 21, codes
for name in ("grpc.server.call.duration", "grpc.client.attempt.duration"):
    (point,) = points(name, reader).values()
    print(name, point.attributes["grpc.method"], point.explicit_bounds, point.bucket_counts)
    assert point.attributes["grpc.method"] == "shop.Orders/Place"
    assert point.explicit_bounds[:3] == (0, 5, 10) and point.explicit_bounds[-1] == 10000
    assert point.bucket_counts[1] == 21, point.bucket_counts

codes = measure(viewed, [view], [(b"1", 0.3)])
assert codes == ["DEADLINE_EXCEEDED"], codes
client, server = points("grpc.client.attempt.duration", viewed), points("grpc.server.call.duration", viewed)
print("client", {status: round(point.sum, 2) for status, point in client.items()})
print("server", {status: round(point.sum, 2) for status, point in server.items()})
assert set(client) == {"DEADLINE_EXCEEDED"} and set(server) == {"OK"}
assert server["OK"].count == 1 and 0.25 < server["OK"].sum < 0.9
assert server["OK"].explicit_bounds == bounds
PYTHON
