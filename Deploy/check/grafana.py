"""Checks dashboards against the types that Grafana publishes: what they lose on the way through these is nothing that Grafana knows.

grafana.py DASHBOARD.json…; needs grafana-foundation-sdk.
"""

import json
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

# Grafana writes these itself, and its schema lacks them.
BEYOND = {"titleFormat", "definition"}


def differences(before, after, place=""):
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            if key in after:
                yield from differences(value, after[key], f"{place}.{key}")
            elif key not in BEYOND:
                yield f"{place}.{key} is nothing that Grafana knows"
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after)):
            yield from differences(one, other, f"{place}[{number}]")
    elif before != after:
        yield f"{place} is {before!r}, which Grafana takes as {after!r}"


def main():
    # With the types of panels and queries too.
    register_default_plugins()
    problems = []
    for path in sys.argv[1:]:
        with open(path) as file:
            board = json.load(file)
        try:
            after = json.loads(json.dumps(Dashboard.from_json(board), cls=JSONEncoder))
        except Exception as error:
            problems.append(f"{path}: {type(error).__name__}: {error}")
            continue
        problems += [f"{path}: {one}" for one in differences(board, after)]
    if problems:
        sys.exit("\n".join(problems))
    print(f"{len(sys.argv) - 1} dashboards")


main()
