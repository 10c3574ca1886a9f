#!/usr/bin/env python3
"""Tests the statistics of perf.py against values that SciPy 1.x gives (scipy.stats.mannwhitneyu, alternative="greater")."""

import json
import pathlib
import unittest

import perf_check
import ranks


class Ranks(unittest.TestCase):
    def test_ranks_of_equal_values_are_their_mean(self):
        self.assertEqual(ranks.ranks([3, 1, 3, 2, 3]), ([4, 1, 4, 2, 4], [1, 1, 3]))

    def test_percentiles_are_those_of_numpy(self):
        values = [15, 20, 35, 40, 50]
        self.assertEqual([ranks.percentile(values, percent) for percent in (0, 40, 50, 95, 100)], [15, 29, 35, 48, 50])
        with self.assertRaises(ValueError):
            ranks.percentile([], 50)

    def test_mann_whitney_is_that_of_scipy(self):
        vectors = json.loads((pathlib.Path(__file__).parent / "ranks_vectors.json").read_text())
        self.assertGreater(len(vectors), 10)
        for vector in vectors:
            u, probability = ranks.mann_whitney(vector["first"], vector["second"])
            self.assertEqual(u, vector["u"])
            self.assertAlmostEqual(probability, vector["p"], delta=1e-9 * max(1, vector["p"]), msg=vector)

    def test_samples_without_values_are_refused(self):
        with self.assertRaises(ValueError):
            ranks.mann_whitney([], [1])

    def test_superiority_is_the_share_of_pairs(self):
        u, _ = ranks.mann_whitney([1, 2, 3], [2, 0])
        self.assertAlmostEqual(ranks.superiority(u, 3, 2), 4.5 / 6)


class Check(unittest.TestCase):
    def compared(self, factor, spread=0.05, rounds=12):
        base = [1 + spread * ((7 * index) % rounds) / rounds for index in range(rounds)]
        now = [value * factor for value in base[3:] + base[:3]]
        return perf_check.compare({"GET /": {"p50": base}}, {"GET /": {"p50": now}})[0]

    def test_a_slower_route_fails(self):
        row = self.compared(1.4)
        self.assertTrue(row.fails)
        self.assertAlmostEqual(row.ratio, 1.4)

    def test_one_percent_does_not_fail_however_certain_it_is(self):
        row = self.compared(1.01, spread=0.001)
        self.assertLess(row.probability, 1e-5)
        self.assertFalse(row.fails)

    def test_noise_does_not_fail_however_large_its_median_is(self):
        base = {"GET /": {"p50": [1.0, 1.1, 5.0, 1.2, 6.0]}}
        now = {"GET /": {"p50": [1.0, 5.0, 1.3, 6.0, 4.0]}}
        row = perf_check.compare(base, now)[0]
        self.assertGreater(row.ratio, 2)
        self.assertFalse(row.fails)

    def test_a_faster_route_does_not_fail(self):
        self.assertFalse(self.compared(0.5).fails)

    def test_a_baseline_of_other_routes_is_refused(self):
        with self.assertRaises(perf_check.BadBaseline) as caught:
            perf_check.compare({"GET /a": {"p50": [1]}}, {"GET /b": {"p50": [1]}})
        self.assertIn("GET /b", str(caught.exception))

    def test_too_few_rounds_to_ever_fail_are_refused_with_how_many_there_must_be(self):
        def routes(rounds, factor):
            values = [factor * (1 + number / 1000) for number in range(rounds)]
            return {f"GET /{route}": {name: values for name in perf_check.LIMITS} for route in range(5)}

        self.assertEqual(perf_check.LEAST_ROUNDS, 7)
        self.assertEqual(perf_check.least_rounds(1), 5)
        for rounds in (3, 6):
            with self.assertRaises(perf_check.BadBaseline) as caught:
                perf_check.compare(routes(rounds, 1), routes(rounds, 9))
            self.assertIn("need 7 rounds", str(caught.exception))
        self.assertTrue(all(row.fails for row in perf_check.compare(routes(7, 1), routes(7, 9))))

    def test_what_is_no_baseline_is_refused_with_the_reason(self):
        values = [float(number) for number in range(1, perf_check.LEAST_ROUNDS + 1)]
        good = {"version": 1, "routes": {"GET /": {"p50": values, "p95": values, "p99": values}}}
        self.assertIs(perf_check.checked(good), good)
        for text, part in [
                ([], "an object"), ({"version": 2, "routes": {}}, "version"), ({"version": 1, "routes": {}}, "no routes"),
                ({"version": 1, "routes": {"GET /": {"p50": values[1:]}}}, "p50"), ({"version": 1, "routes": {"GET /": 1}}, "GET /"),
                ({"version": 1, "routes": {"GET /": {"p50": [1, 2, -3], "p95": [], "p99": []}}}, "p50")]:
            with self.assertRaises(perf_check.BadBaseline) as caught:
                perf_check.checked(text)
            self.assertIn(part, str(caught.exception))


if __name__ == "__main__":
    unittest.main()
