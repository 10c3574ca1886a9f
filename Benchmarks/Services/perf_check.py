"""Decides whether latencies are worse than those of a baseline."""

import math

import ranks

VERSION = 1
# How many times as large as in the baseline the median over the rounds may be, for each percentile of a round.
LIMITS = {"p50": 1.2, "p95": 1.35, "p99": 1.6}
# The probability below which a difference is no chance, over all comparisons together.
SIGNIFICANCE = 0.01


def least_rounds(comparisons):
    """Returns the rounds that a baseline and a measurement need each, so that the clearest difference of all is no chance."""
    rounds = 1
    while 1 / math.comb(2 * rounds, rounds) >= SIGNIFICANCE / comparisons:
        rounds += 1
    return rounds


# Enough for five routes with their three percentiles.
LEAST_ROUNDS = least_rounds(15)


class BadBaseline(Exception):
    """The file of a baseline cannot be used."""


class Row:
    """One percentile of one route, in the baseline and now: what its rounds have, in units of the reference."""

    def __init__(self, route, percentile, base, now, comparisons, factor):
        self.route, self.percentile = route, percentile
        self.base, self.now = ranks.median(base), ranks.median(now)
        self.ratio = self.now / self.base
        u, self.probability = ranks.mann_whitney(now, base)
        self.superiority = ranks.superiority(u, len(now), len(base))
        self.limit = 1 + (LIMITS[percentile] - 1) * factor
        # Bonferroni's correction: with more comparisons, each of them has to be more certain.
        self.fails = self.ratio > self.limit and self.probability < SIGNIFICANCE / comparisons


def compare(base, now, factor=1.0):
    """Returns the rows of all routes that were measured; `factor` widens the limits (2: twice as much is allowed)."""
    if lacking := [route for route in now if route not in base]:
        raise BadBaseline(f"the baseline does not have {', '.join(lacking)}; record it anew")
    pairs = [(route, percentile) for route in now for percentile in now[route]]
    for route, percentile in pairs:
        counts = len(base[route][percentile]), len(now[route][percentile])
        if 1 / math.comb(sum(counts), counts[0]) >= SIGNIFICANCE / len(pairs):
            raise BadBaseline(
                f"{counts[1]} rounds can never differ for certain from the {counts[0]} of the baseline in {len(pairs)} comparisons; "
                f"both need {least_rounds(len(pairs))} rounds at least")
    return [Row(route, percentile, base[route][percentile], now[route][percentile], len(pairs), factor) for route, percentile in pairs]


def checked(baseline):
    """Returns a baseline as it was read; raises if it is none."""
    if not isinstance(baseline, dict):
        raise BadBaseline("it must be an object with version and routes")
    if baseline.get("version") != VERSION:
        raise BadBaseline(f"its version is {baseline.get('version')}; it must be {VERSION}: record it anew")
    routes = baseline.get("routes")
    if not isinstance(routes, dict) or not routes:
        raise BadBaseline("it has no routes")
    for route, percentiles in routes.items():
        if not isinstance(percentiles, dict):
            raise BadBaseline(f"{route} must have {', '.join(LIMITS)}")
        for name in LIMITS:
            values = percentiles.get(name)
            if not isinstance(values, list) or len(values) < LEAST_ROUNDS or not all(
                    isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e9 for value in values):
                raise BadBaseline(f"{name} of {route} must be at least {LEAST_ROUNDS} positive numbers, one for each round")
    return baseline
