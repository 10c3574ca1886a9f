"""Checks what no tool of its own checks: the shape of dashboards, their PromQL, and the references of Terraform.

files.py FOLDER; needs promql-parser and python-hcl2.
"""

import json
import pathlib
import re
import sys

import hcl2
import promql_parser

FOLDER = pathlib.Path(sys.argv[1])
problems = []


def query(text, place):
    for name, value in [("$__rate_interval", "5m"), ("$job", ".+"), ("$system", ".+")]:
        text = text.replace(name, value)
    if "$" in text:
        problems.append(f"{place}: an unknown variable in {text}")
        return
    try:
        promql_parser.parse(text)
    except Exception as error:
        problems.append(f"{place}: {error}: {text}")


def dashboards():
    uids, count = set(), 0
    for path in sorted(FOLDER.glob("grafana/dashboards/*.json")):
        board = json.loads(path.read_text())
        if board["uid"] in uids:
            problems.append(f"{path.name}: another dashboard has its uid")
        uids.add(board["uid"])
        taken, numbers = set(), set()
        for panel in board["panels"]:
            place, area = f"{path.name}: {panel['title']}", panel["gridPos"]
            if panel["id"] in numbers:
                problems.append(f"{place}: another panel has its id")
            numbers.add(panel["id"])
            for x in range(area["x"], area["x"] + area["w"]):
                for y in range(area["y"], area["y"] + area["h"]):
                    if x > 23 or (x, y) in taken:
                        problems.append(f"{place}: lies over another panel, or beyond the edge")
                        break
                    taken.add((x, y))
                else:
                    continue
                break
            if panel["type"] != "row" and not (panel["targets"] and panel["description"]):
                problems.append(f"{place}: asks nothing, or does not say why")
            for target in panel.get("targets", []):
                query(target["expr"], place)
                count += 1
    return f"{len(uids)} dashboards, {count} queries"


def block_names(document, kind):
    return {strip(name) for block in document.get(kind, []) for name in block if not name.startswith("__")}


def strip(text):
    return text.strip('"')


def terraform():
    modules, count = {}, 0
    for path in sorted(FOLDER.glob("terraform/**/*.tf")):
        with path.open() as file:
            document = hcl2.load(file)
        module = modules.setdefault(path.parent, {"variables": set(), "resources": set(), "uses": [], "calls": [], "locals": set()})
        module["variables"] |= block_names(document, "variable")
        for kind in ("resource", "data"):
            for block in document.get(kind, []):
                for type_name, names in block.items():
                    if not type_name.startswith("__"):
                        module["resources"] |= {f"{strip(type_name)}.{strip(name)}" for name in names if not name.startswith("__")}
        for block in document.get("locals", []):
            module["locals"] |= {strip(name) for name in block}
        for block in document.get("module", []):
            module["calls"] += [(strip(name), call) for name, call in block.items() if not name.startswith("__")]
        module["uses"].append((path, re.sub(r"#.*", "", path.read_text())))
        count += 1
    for folder, module in modules.items():
        for path, text in module["uses"]:
            for name in re.findall(r"\bvar\.(\w+)", text):
                if name not in module["variables"]:
                    problems.append(f"{path}: var.{name} is not declared")
            for name in re.findall(r"\blocal\.(\w+)", text):
                if name not in module["locals"]:
                    problems.append(f"{path}: local.{name} is not declared")
            for name in re.findall(r"\b((?:azurerm|aws|google|kubernetes|helm|random)_\w+\.\w+)\b", text):
                if name not in module["resources"]:
                    problems.append(f"{path}: {name} is not declared")
        for name, call in module["calls"]:
            source = strip(call["source"] if isinstance(call["source"], str) else call["source"][0])
            if source.startswith("."):
                callee = modules.get((folder / source).resolve())
                given = {strip(key) for key in call if not key.startswith("__")} - {"source", "depends_on", "version"}
                if callee is None:
                    problems.append(f"{folder}: module {name} has no source {source}")
                elif given - callee["variables"]:
                    problems.append(f"{folder}: module {name} has no {', '.join(sorted(given - callee['variables']))}")
    return f"{count} files of Terraform"


FOLDER = FOLDER.resolve()
said = [dashboards(), terraform()]
if problems:
    sys.exit("\n".join(problems))
print("; ".join(said))
