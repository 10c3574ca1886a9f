"""The table of the benchmark: figures, their budgets, and whether they keep to them."""

import statistics


class Table:
    def __init__(self, figure_width=26):
        self.lines = []
        self.figure_width = figure_width
        self.keepsBudgets = True

    def heading(self, text):
        self.lines += ["", text]

    def row(self, label, figure, budget="", keeps=True):
        verdict = "" if not budget else "ok" if keeps else "MISSED"
        self.keepsBudgets = self.keepsBudgets and keeps
        self.lines.append(f"  {label:<42} {figure:>{self.figure_width}} {budget:>10} {verdict}".rstrip())

    def load(self, label, results):
        rate = statistics.median(result.rate for result in results)
        p99 = statistics.median(result.p99 for result in results)
        cost = statistics.median(result.processor for result in results)
        self.row(label, f"{rate:,.0f}/s  {p99 * 1000:.2f} ms  {cost * 1e6:.1f} µs")
        if broken := sum(result.refused + result.errors for result in results):
            self.row("requests that failed", f"{broken}", "0", keeps=False)

    def rate(self, label, rates):
        self.row(label, f"{statistics.median(rates):,.0f}/s")

    def at_least(self, label, value, least):
        self.row(label, f"{value:,.0f}/s", f"≥ {least:,}", value >= least)

    def ratio(self, label, value, at_least=None, at_most=None):
        keeps = (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
        self.row(label, f"{value:.2f}", f"≥ {at_least:g}" if at_least is not None else f"≤ {at_most:g}", keeps)

    def share(self, label, value, at_most):
        self.row(label, f"{value * 100:.1f} %", f"≤ {at_most * 100:g} %", value <= at_most)

    def memory(self, label, kibibytes, at_most):
        self.row(label, f"{kibibytes / 1024:.1f} MiB", f"≤ {at_most}", kibibytes <= at_most * 1024)

    def growth(self, label, first, last, at_most):
        keeps = at_most is None or last - first <= at_most * 1024
        self.row(f"{label}, memory", f"{first / 1024:.1f} → {last / 1024:.1f} MiB", "" if at_most is None else f"≤ +{at_most}", keeps)

    def print(self, conditions):
        print("Services and their peers: requests/s, 99th percentile, processor time of the server a request; medians of")
        print(conditions)
        print("\n".join(self.lines))
