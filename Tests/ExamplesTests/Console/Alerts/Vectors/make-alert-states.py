#!/usr/bin/env python3
"""Writes states.txt: what Prometheus' promtool says of the rules in rules.yml over the series in series.txt, at every minute. Argument: promtool."""

import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
MINUTES = 40
# Without an order, promtool evaluates groups in another one each time.
GROUPS = ["plain", "metrics", "operators", "alerts of alerts", "last"]
QUERIES = ["ALERTS", '{__name__=~"job:.*"}']


def series():
    """The temperature and the like of a made-up house, at every half minute."""
    steps = range(2 * 30 + 1)
    kitchen = [15 + (10 if 10 <= n < 24 or 36 <= n < 40 else 0) + n % 3 for n in steps]
    cellar = [12 + n / 4 for n in steps]
    requests = [n * 30 for n in steps]
    failing, total = [], 0
    for n in steps:
        total += 6 if 14 <= n < 40 else 1
        failing.append(total if n < 50 else total - 150)
    fast = [n * 20 for n in steps]
    slow, more = [], 0
    for n in steps:
        more += 15 if 20 <= n < 34 else 1
        slow.append(more)
    both = [a + b for a, b in zip(fast, slow)]
    return [
        ('temperature{room="kitchen"}', kitchen), ('temperature{room="cellar"}', cellar),
        ('humidity{room="kitchen"}', [45 + n % 7 * 4 for n in steps]), ('humidity{room="cellar"}', [95 - n for n in steps]),
        ('requests_total{job="shop",code="200"}', requests), ('requests_total{job="shop",code="500"}', failing),
        ('requests_total{job="idle",code="200"}', [7 for _ in steps]),
        ('up{job="shop"}', [0 if 20 <= n < 27 else 1 for n in steps]), ('up{job="idle"}', [1 for _ in steps]),
        ('flapping', [n // 2 % 2 for n in steps]),
        ('ending{kind="a"}', [1] * 20 + ["stale"]), ('ending{kind="b"}', [1] * 12), ('ending{kind="c"}', [1] * 8 + ["_"] * 6 + [1] * 20),
        ('latency_seconds_bucket{job="shop",le="0.1"}', fast), ('latency_seconds_bucket{job="shop",le="1"}', both),
        ('latency_seconds_bucket{job="shop",le="+Inf"}', both),
        ('strange', ["NaN" if n % 8 < 3 else n - 20 for n in steps]),
    ]


def main():
    promtool = sys.argv[1]
    lines = [f"{name} {' '.join(map(str, values))}" for name, values in series()]
    (HERE / "series.txt").write_text("\n".join(lines) + "\n")
    with tempfile.TemporaryDirectory() as folder:
        text = f"rule_files: [{HERE / 'rules.yml'}]\nevaluation_interval: 1m\ngroup_eval_order: {GROUPS}\ntests:\n  - interval: 30s\n    input_series:\n"
        for name, values in series():
            text += f"      - series: '{name}'\n        values: '{' '.join(map(str, values))}'\n"
        text += "    promql_expr_test:\n"
        for minute in range(MINUTES + 1):
            for query in QUERIES:
                text += f"      - expr: '{query}'\n        eval_time: {minute}m\n        exp_samples: [{{labels: 'x', value: 12345}}]\n"
        text += "    alert_rule_test:\n      - eval_time: 12m\n        alertname: HighErrorRate\n        exp_alerts: [{exp_labels: {a: b}}]\n"
        path = pathlib.Path(folder) / "test.yml"
        path.write_text(text)
        result = subprocess.run([promtool, "test", "rules", path], capture_output=True, text=True)
    output = result.stdout + result.stderr
    states = ["# promtool " + subprocess.run([promtool, "--version"], capture_output=True, text=True).stdout.split()[2]]
    for query, minute, got in re.findall(r'expr: (".*?"), time: (\S+?),\n\s*exp: ?.*\n\s*got: ?(.*)', output):
        seconds = sum(int(n) * {"h": 3600, "m": 60, "s": 1}[unit] for n, unit in re.findall(r"(\d+)(h|m|s)", minute))
        samples = sorted(re.findall(r"\{[^{}]*\} [^,\s]+", got))
        states.append(f"at {seconds} {query}")
        states += [f"  {sample}" for sample in samples]
    (HERE / "states.txt").write_text("\n".join(states) + "\n")
    print(len(states), "lines")


main()
