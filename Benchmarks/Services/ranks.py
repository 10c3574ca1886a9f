"""Compares two samples by the ranks of their values, which a few outliers do not move."""

import math

# Up to this many values in each sample, and without ties, probabilities are exact.
EXACT = 25


def median(values):
    return percentile(values, 50)


def percentile(values, percent):
    """Returns a percentile, between two values in proportion, as numpy does."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("there is no value")
    place = (len(ordered) - 1) * percent / 100
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def ranks(values):
    """Returns the rank of each value from 1, the mean of their ranks for equal ones, and the sizes of the groups of equal values."""
    order = sorted(range(len(values)), key=values.__getitem__)
    answer, ties, start = [0.0] * len(values), [], 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for place in range(start, end + 1):
            answer[order[place]] = (start + end) / 2 + 1
        ties.append(end - start + 1)
        start = end + 1
    return answer, ties


def mann_whitney(first, second):
    """Returns U of the first sample, and the probability of a U as large if both came from one distribution.

    That is the one-sided test of Mann and Whitney (1947): a small probability says that the first sample has larger values. It is exact
    for small samples without ties; else U is taken as normally distributed, with corrections for ties and for continuity.
    """
    one, other = len(first), len(second)
    if one == 0 or other == 0:
        raise ValueError("each sample has at least one value")
    all_ranks, ties = ranks(list(first) + list(second))
    u = sum(all_ranks[:one]) - one * (one + 1) / 2
    if max(ties) == 1 and max(one, other) <= EXACT:
        return u, exact(int(u), one, other)
    total = one + other
    correction = sum(size**3 - size for size in ties) / (total * (total - 1))
    deviation = math.sqrt(one * other / 12 * (total + 1 - correction))
    if deviation == 0:
        return u, 1.0
    return u, min(1.0, math.erfc((u - one * other / 2 - 0.5) / deviation / math.sqrt(2)) / 2)


def exact(u, one, other):
    """Returns the share of all orders of the values in which U is at least as large."""
    # counts[i][v]: the orders of i values of the first sample, and those of the second so far, with U = v.
    counts = [[1] + [0] * (one * other)] + [[0] * (one * other + 1) for _ in range(one)]
    for j in range(other + 1):
        for i in range(1, one + 1):
            # The largest value belongs to the first sample, above j of the second, or to the second one.
            below = counts[i - 1]
            counts[i] = [
                (below[v - j] if v >= j else 0) + (counts[i][v] if j else 0) for v in range(one * other + 1)]
    row = counts[one]
    return sum(row[max(0, u):]) / sum(row)


def superiority(u, one, other):
    """Returns the share of all pairs in which the value of the first sample is the larger one; equal ones count half."""
    return u / (one * other)
