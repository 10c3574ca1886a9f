#!/usr/bin/env python3
"""Writes histograms.json: what the OpenTelemetry SDK for Python makes of known values.

    python3 -m venv venv && venv/bin/pip install opentelemetry-sdk
    venv/bin/python make-histogram-vectors.py

All numbers that are not whole stand in the file as the 16 hexadecimal digits of their 64 bits. The values are recorded by an
up-down counter with a view, because histograms of the Python SDK refuse negative values.

Left out are the neighbours of powers of two at scales above zero: the Python SDK computes a logarithm in floating point, whose
rounding may put them into the next bucket. Our own tests prove those.
"""

import json
import math
import random
import struct
from pathlib import Path

from opentelemetry.sdk.metrics import MeterProvider, UpDownCounter
from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader
from opentelemetry.sdk.metrics.view import (
    ExplicitBucketHistogramAggregation,
    ExponentialBucketHistogramAggregation,
    View,
)
from opentelemetry.sdk.version import __version__


def bits(value):
    return struct.pack(">d", float(value)).hex()


def sequences():
    generator = random.Random(20)
    draw = generator.random
    return {
        "uniform": [1000 * draw() for _ in range(150)],
        "uniform again": [1000 * draw() for _ in range(100)],
        "log-normal": [math.exp(generator.gauss(-3, 2)) for _ in range(150)],
        "log-normal, larger": [math.exp(generator.gauss(9, 1)) for _ in range(100)],
        "negative": [-50 * draw() for _ in range(120)],
        "both signs and zeros": [generator.choice([0.0, -0.0, 1.0, -1.0, 1.0, -1.0]) * math.exp(4 * draw()) for _ in range(150)],
        "negative wide, positive narrow": [-math.exp(40 * draw()) if n % 2 else 1 + draw() / 1000 for n in range(120)],
        "powers of two, rising": [2.0**e for e in range(-40, 41)],
        "powers of two, falling": [2.0**e for e in range(40, -41, -1)],
        "powers of two, negative": [-(2.0**e) for e in range(-8, 9)],
        "powers of two, whole range": [2.0**e for e in range(-1022, 1024, 11)],
        "tiny": [math.ldexp(1 + draw(), -1022 + n // 4) for n in range(100)],
        "subnormal": [math.ldexp(draw(), -1030 - n) for n in range(20)] + [5e-324, 2.2250738585072014e-308],
        "huge": [math.ldexp(1 + draw(), 900 + n) for n in range(100)],
        "largest": [1.7976931348623157e308],
        "extremes": [1.7976931348623157e308, 2.2250738585072014e-308, 1.0],
        "whole range": [math.ldexp(1 + draw(), generator.randrange(-1022, 1000)) for _ in range(150)],
        "single": [3.3],
        "single power of two": [4.0],
        "constant": [0.1] * 40,
        "zeros": [0.0] * 7,
        "zeros, then one value": [0.0, 0.0, 42.0],
        "narrow": [1 + draw() / 10000 for _ in range(150)],
        "spreading": [1.5 * (1 + 2.0 ** (n / 4 - 18)) for n in range(140)],
        "spreading downwards": [1.5 / (1 + 2.0 ** (n / 4 - 18)) for n in range(140)],
        "spreading both ways": [1.5 * (1 + 2.0 ** (n / 4 - 18)) ** (1 if n % 2 else -1) for n in range(140)],
        "whole numbers": [float(generator.randrange(0, 2000)) for _ in range(150)],
        "boundaries": [float(b) + d for b in (0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000)
                       for d in (-0.5, 0, 0.5)],
        "next to boundaries": [math.nextafter(b, to) for b in (0.0, 5.0, 10.0, 7500.0, 10000.0) for to in (math.inf, -math.inf)],
    }


def recorded(aggregation, temporality, *batches):
    """The point after the last batch, with a collection after each."""
    reader = InMemoryMetricReader(preferred_temporality={UpDownCounter: temporality})
    provider = MeterProvider(
        metric_readers=[reader], views=[View(instrument_name="*", aggregation=aggregation)], shutdown_on_exit=False)
    instrument = provider.get_meter("vectors").create_up_down_counter("values")
    point = None
    for batch in batches:
        for value in batch:
            instrument.add(value)
        metrics = reader.get_metrics_data().resource_metrics[0].scope_metrics[0].metrics
        point = metrics[0].data.data_points[0]
    provider.shutdown()
    return point


def buckets(point):
    """The buckets from the first to the last that holds values; the Python SDK lets zeros stand around them."""
    counts = list(point.bucket_counts)
    offset = point.offset
    while counts and counts[-1] == 0:
        counts.pop()
    while counts and counts[0] == 0:
        counts.pop(0)
        offset += 1
    return {"offset": offset if counts else 0, "counts": counts}


def exponential(point):
    result = {
        "count": point.count, "sum": bits(point.sum), "min": bits(point.min), "max": bits(point.max), "scale": point.scale,
        "zeroCount": point.zero_count, "positive": buckets(point.positive), "negative": buckets(point.negative),
    }
    # The scale of no buckets means nothing: the Python SDK gives 0, others the finest.
    if not result["positive"]["counts"] and not result["negative"]["counts"]:
        del result["scale"]
    return result


def explicit(point):
    return {"count": point.count, "sum": bits(point.sum), "min": bits(point.min), "max": bits(point.max),
            "counts": list(point.bucket_counts)}


def main():
    values = sequences()
    delta, cumulative = AggregationTemporality.DELTA, AggregationTemporality.CUMULATIVE
    next_to = {"next to boundaries"}
    lines = {"sequences": [], "exponential": [], "merged": [], "explicit": []}
    for name, sequence in values.items():
        lines["sequences"].append({"name": name, "values": " ".join(bits(value) for value in sequence)})

    for name in [name for name in values if name not in next_to]:
        for size, scale in [(160, 20), (20, 20), (4, 20), (2, 20), (160, 5), (20, 0), (160, -3), (50, 20)]:
            point = recorded(ExponentialBucketHistogramAggregation(max_size=size, max_scale=scale), delta, values[name])
            lines["exponential"].append({"sequence": name, "maxSize": size, "maxScale": scale, **exponential(point)})

    for first, second in [
        ("uniform", "uniform again"), ("log-normal", "log-normal, larger"), ("log-normal, larger", "log-normal"),
        ("uniform", "negative"), ("both signs and zeros", "negative wide, positive narrow"), ("single", "whole range"),
        ("narrow", "spreading"), ("powers of two, rising", "powers of two, falling"), ("tiny", "huge"),
    ]:
        for size in (160, 20, 4):
            point = recorded(ExponentialBucketHistogramAggregation(max_size=size), cumulative, values[first], values[second])
            lines["merged"].append({"first": first, "second": second, "maxSize": size, **exponential(point)})

    bounds = {
        "default": None, "none": [], "one": [1.0], "negative": [-100.0, -10.0, -1.0, 0.0, 1.0, 10.0, 100.0],
        "latency": [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
        "sixteen": [float(n) for n in range(16)], "seventeen": [float(n) for n in range(17)],
        "hundred": [float(10 * n) for n in range(100)],
    }
    for name, boundaries in bounds.items():
        aggregation = ExplicitBucketHistogramAggregation(boundaries=boundaries)
        for sequence in values:
            line = {"sequence": sequence, **explicit(recorded(aggregation, delta, values[sequence]))}
            if boundaries is not None:
                line["boundaries"] = " ".join(bits(boundary) for boundary in boundaries)
            lines["explicit"].append(line)

    sections = []
    for section, entries in lines.items():
        body = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries)
        sections.append(f'"{section}":[\n{body}\n]')
    text = '{"madeBy":"opentelemetry-sdk %s for Python",\n%s}\n' % (__version__, ",\n".join(sections))
    Path(__file__).with_name("histograms.json").write_text(text)


main()
