#!/usr/bin/env python3
"""Writes the names of the semantic conventions as Swift: the attribute keys and metric names in `conventions.json`.

    Documentation/Conventions/generate.py                      writes Sources/Telemetry/Common/Conventions
    Documentation/Conventions/generate.py --check              fails if a file there differs from what would be written
    Documentation/Conventions/generate.py --registry CHECKOUT  fails if `conventions.json` differs from a checkout of the conventions

`conventions.json` is pinned: names, types and stability are those of the version it states, the texts are our own. To follow a newer
version, change the file, and let `--registry` find what else has changed. This program needs no Python package.
"""

import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE.parents[1] / "Sources/Telemetry/Common/Conventions"
DATA = json.loads((HERE / "conventions.json").read_text())

INITIALISMS = {"arn", "cpu", "id", "io", "ip", "pid", "uid", "url"}
TYPES = {"string": "String", "int": "Int", "string[]": "[String]", "boolean": "Bool"}
WIDTH = 140


def swift_name(name, prefix):
    """Returns `requestMethod` for `http.request.method` below the prefix `http.`."""
    first, *others = re.split(r"[._]", name.removeprefix(prefix))
    return first + "".join(word.upper() if word in INITIALISMS else word.capitalize() for word in others)


def declaration(name, prefix, text, remark, takes_key=False):
    """Returns the lines of one constant, or of one function for a family of keys."""
    swift = swift_name(name, prefix)
    # Inlinable and computed, so that callers in other modules get the literal itself and no call for a global variable.
    member = f"var {swift}: String {{ \"{name}\" }}"
    if takes_key:
        member = f"func {swift}(_ key: String) -> String {{ \"{name}.\\(key)\" }}"
    return [f"/// {text}. ({remark}.)", f"@inlinable public static {member}"]


def attribute(entry, prefix):
    kind = entry["type"]
    is_family = kind.startswith("template[")
    remark = f"{TYPES[kind.removeprefix('template[').removesuffix(']') if is_family else kind]}, {entry['stability']}"
    return declaration(entry["name"], prefix, entry["text"], remark, takes_key=is_family)


def metric(entry, prefix):
    kind = {"updowncounter": "up-down counter"}.get(entry["instrument"], entry["instrument"])
    remark = f"{kind.capitalize()} in `{entry['unit']}`, {entry['stability']}"
    return declaration(entry["name"], prefix, entry["text"], remark)


def extension(kind, groups, member):
    """Returns an extension with an enum for each group."""
    lines = [f"extension {kind} {{"]
    for number, group in enumerate(groups):
        pattern = group["prefix"] + "*"
        what = "The keys" if kind == "SemanticAttributes" else "The metrics"
        lines += [""] if number else []
        lines += [f"    /// {what} `{pattern}`.", f"    public enum {group['group']} {{"]
        for place, entry in enumerate(group["entries"]):
            lines += [""] if place else []
            lines += [f"        {line}" for line in member(entry, group["prefix"])]
        lines.append("    }")
    return lines + ["}"]


def generated():
    """Returns the files by name."""
    origin = "written by Documentation/Conventions/generate.py"
    files = {}
    for part in DATA["attributes"]:
        opening = f"// The attributes of {part['about']}: {origin}."
        lines = [opening, ""] + extension("SemanticAttributes", part["groups"], attribute)
        files[f"SemanticAttributes+{part['file']}.swift"] = "\n".join(lines) + "\n"
    for part in DATA["metrics"]:
        opening = f"// The metrics of {part['about']}: {origin}."
        lines = [opening, ""] + extension("SemanticMetrics", part["groups"], metric)
        files[f"SemanticMetrics+{part['file']}.swift"] = "\n".join(lines) + "\n"
    for name, text in files.items():
        if any(len(line) > WIDTH for line in text.split("\n")):
            sys.exit(f"generate.py: {name} has a line of more than {WIDTH} characters")
    return files


def written():
    """Returns the generated files that are there."""
    return {path.name: path.read_text() for path in FOLDER.glob("*+*.swift")}


def registry(root):
    """Reads the attributes and metrics of a checkout, from the few lines of its YAML files that state what is needed here."""
    attributes, metrics = {}, {}
    for path in sorted((root / "model").rglob("*.yaml")):
        if "deprecated" in path.parts:
            continue
        entry, indent = None, 0
        for line in path.read_text().split("\n"):
            if item := re.fullmatch(r"( {2,6})- (id|key): *([a-z0-9_]+\.[a-z0-9_.]+) *", line):
                # The type of an enum is a list of members, which are strings in all attributes here.
                entry, indent = {"type": "string"}, len(item[1]) + 2
                if item[2] == "key" or len(item[1]) > 2:
                    entry = attributes.setdefault(item[3], entry)
            elif item := re.fullmatch(r"( +)metric_name: *(\S+) *", line):
                entry, indent = metrics.setdefault(item[2], {}), len(item[1])
            elif item := re.fullmatch(r"( +)(type|stability|instrument|unit): *([^ #]+).*", line):
                if entry is not None and len(item[1]) == indent:
                    value = item[3].strip("'\"")
                    entry[item[2]] = value.replace("_", " ") if item[2] == "stability" else value
    return attributes, metrics


def compare_with_registry(root):
    attributes, metrics = registry(root)
    found = []
    for kind, known in (("attributes", attributes), ("metrics", metrics)):
        for entry in (entry for part in DATA[kind] for group in part["groups"] for entry in group["entries"]):
            facts = {key: value for key, value in entry.items() if key not in ("name", "text")}
            other = {key: known.get(entry["name"], {}).get(key) for key in facts}
            if facts != other:
                found.append(f"{entry['name']} is {other} there")
    return found


def main():
    files = generated()
    match sys.argv[1:]:
        case []:
            for name in written().keys() - files.keys():
                (FOLDER / name).unlink()
            for name, text in files.items():
                (FOLDER / name).write_text(text)
        case ["--check"]:
            present = written()
            if stale := sorted(name for name in files.keys() | present.keys() if files.get(name) != present.get(name)):
                sys.exit(f"generate.py: run Documentation/Conventions/generate.py, it would change {', '.join(stale)}")
        case ["--registry", root]:
            if found := compare_with_registry(pathlib.Path(root)):
                sys.exit("generate.py: the registry says otherwise\n  " + "\n  ".join(found))
        case _:
            sys.exit(__doc__)


main()
