#!/usr/bin/env python3
"""Makes page.txt and answers.txt: a page of samples, and what Prometheus answers to each line of queries.txt about it.

Needs prometheus and promtool, of 3.5 or newer, in PATH:  python3 make-promql-answers.py
"""

import json
import math
import os
import random
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

START = 1_700_000_000
BASE = "http://127.0.0.1:9590"
TIMES = (45, 452.5, 615, 1400)
HERE = os.path.dirname(os.path.abspath(__file__))


def page():
    random.seed(7)
    lines = ["# TYPE requests counter"]
    series = [("/a", "200", "x"), ("/a", "500", "x"), ("/b", "200", "x"), ("/b", "200", "y"), ("/c", "200", "y")]
    for place, (route, code, instance) in enumerate(series):
        value = 3.0 * place
        for step in range(80):
            at = START + step * 15 + (random.choice([0, 0, 0.4, 1.2]) if place else 0)
            # A gap in one series, and single misses in another.
            if (place == 2 and 30 <= step < 50) or (place == 3 and step % 7 == 3):
                continue
            value += (place + 1) * random.choice([0, 1, 1, 2, 5])
            if place == 1 and step in (20, 55):
                value = random.choice([0, 2])
            lines.append(f'requests_total{{route="{route}",code="{code}",inst="{instance}"}} {value} {at:.3f}')
    lines.append("# TYPE temp gauge")
    for place, room in enumerate(["kitchen", "hall", "attic"]):
        for step in range(80):
            if room == "attic" and step > 40:
                continue
            value = f"{20 + 5 * math.sin(step / 7 + place) + (step % 3 - 1):.6f}"
            if room == "hall" and step in (33, 34):
                value = "NaN" if step == 33 else "+Inf"
            lines.append(f'temp{{room="{room}"}} {value} {START + step * 15 + place:.3f}')
    lines.append("# TYPE latency_seconds histogram")
    bounds = [("0.1", 0.1), ("0.5", 0.5), ("1.0", 1), ("+Inf", math.inf)]
    for place, route in enumerate(["/a", "/b"]):
        counts, total, rows = [0] * 4, 0.0, []
        for step in range(80):
            for _ in range(random.randint(0, 6)):
                value = random.expovariate(2 + place)
                total += value
                counts = [count + (value <= bound) for count, (_, bound) in zip(counts, bounds)]
            rows.append((START + step * 15, counts, total))
        for index, (text, _) in enumerate(bounds):
            for at, row, _ in rows:
                lines.append(f'latency_seconds_bucket{{route="{route}",le="{text}"}} {row[index]} {at}.000')
        lines += [f'latency_seconds_sum{{route="{route}"}} {total:.6f} {at}.000' for at, _, total in rows]
        lines += [f'latency_seconds_count{{route="{route}"}} {row[3]} {at}.000' for at, row, _ in rows]
    lines.append("# TYPE limits gauge")
    for instance, value in [("x", 100), ("y", 250)]:
        lines += [f'limits{{inst="{instance}",zone="z-{instance}"}} {value} {START + step * 15}.000' for step in range(80)]
    return "\n".join(lines + ["# EOF", ""])


def labels(metric):
    return "{" + ", ".join(f'{name}="{metric[name]}"' for name in sorted(metric)) + "}"


def points(series):
    return "  " + " ".join(f"{value}@{at - START:g}" for at, value in series["values"]) + " " + labels(series["metric"])


def get(path, **parameters):
    try:
        return json.load(urllib.request.urlopen(BASE + path + "?" + urllib.parse.urlencode(parameters)))
    except urllib.error.HTTPError as error:
        return json.load(error)


def answers(query):
    lines = ["query " + query]
    for at in TIMES:
        answer = get("/api/v1/query", query=query, time=START + at)
        if answer["status"] != "success":
            lines.append(f"error {at:g}")
            continue
        kind, result = answer["data"]["resultType"], answer["data"]["result"]
        if kind in ("scalar", "string"):
            lines.append(f"{kind} {at:g} {result[1]}")
        elif kind == "vector":
            lines.append(f"vector {at:g}")
            lines += [f'  {series["value"][1]} {labels(series["metric"])}' for series in result]
        else:
            lines.append(f"matrix {at:g}")
            lines += [points(series) for series in result]
    answer = get("/api/v1/query_range", query=query, start=START + 100, end=START + 1100, step=200)
    if answer["status"] != "success":
        return lines + ["range error"]
    return lines + ["range"] + [points(series) for series in answer["data"]["result"]]


def main():
    with open(os.path.join(HERE, "page.txt"), "w") as file:
        file.write(page())
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["promtool", "tsdb", "create-blocks-from", "openmetrics", os.path.join(HERE, "page.txt"), folder + "/data"],
            check=True, stdout=subprocess.DEVNULL)
        with open(folder + "/prometheus.yml", "w") as file:
            file.write("global:\n  scrape_interval: 15s\n")
        server = subprocess.Popen(
            ["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
             "--storage.tsdb.retention.time=100y", "--web.listen-address=127.0.0.1:9590"], stderr=subprocess.DEVNULL)
        try:
            for _ in range(120):
                try:
                    urllib.request.urlopen(BASE + "/-/ready").read()
                    break
                except OSError:
                    time.sleep(0.5)
            with open(os.path.join(HERE, "queries.txt")) as file:
                queries = file.read().splitlines()
            with open(os.path.join(HERE, "answers.txt"), "w") as file:
                for query in queries:
                    file.write("\n".join(answers(query)) + "\n")
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
