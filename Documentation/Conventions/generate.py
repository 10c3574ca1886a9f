#!/usr/bin/env python3
"""Writes the semantic conventions as Swift: constants for the names in `conventions.json`, and a table of all that is in `registry.json`.

    Documentation/Conventions/generate.py                      writes Sources/Telemetry/Common/Conventions and the table of the checks
    Documentation/Conventions/generate.py --check              fails if a file there differs from what would be written
    Documentation/Conventions/generate.py --registry CHECKOUT  fails if `conventions.json` differs from a checkout of the conventions
    Documentation/Conventions/generate.py --pin CHECKOUT       writes `registry.json` from a checkout

Both files are pinned: names, types and stability are those of the version they state, the texts are our own. To follow a newer version,
check out its tag, pin it, change `conventions.json`, and let `--registry` find what else has changed. Only `--pin` needs a Python
package, PyYAML.
"""

import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE.parents[1] / "Sources/Telemetry/Common/Conventions"
TABLE = HERE.parents[1] / "Sources/Examples/Support/Conventions"
DATA = json.loads((HERE / "conventions.json").read_text())

INITIALISMS = {"arn", "cpu", "id", "io", "ip", "pid", "uid", "url"}
TYPES = {"string": "String", "int": "Int", "double": "Double", "string[]": "[String]", "boolean": "Bool", "any": "any value"}
WIDTH = 140


def swift_name(name, prefix):
    """Returns `requestMethod` for `http.request.method` below the prefix `http.`."""
    first, *others = re.split(r"[._]", name.removeprefix(prefix))
    return first + "".join(word.upper() if word in INITIALISMS else word.capitalize() for word in others)


def declaration(entry, prefix, remark, takes_key=False):
    """Returns the lines of one constant, or of one function for a family of keys.

    `as` in an entry names the constant where the name of the conventions is announced to change, which is then done by changing the entry.
    """
    name, text = entry["name"], entry["text"]
    swift = entry.get("as") or swift_name(name, prefix)
    # Inlinable and computed, so that callers in other modules get the literal itself and no call for a global variable.
    member = f"var {swift}: String {{ \"{name}\" }}"
    if takes_key:
        member = f"func {swift}(_ key: String) -> String {{ \"{name}.\\(key)\" }}"
    return [f"/// {text}. ({remark}.)", f"@inlinable public static {member}"]


def attribute(entry, prefix):
    kind = entry["type"]
    is_family = kind.startswith("template[")
    remark = f"{TYPES[kind.removeprefix('template[').removesuffix(']') if is_family else kind]}, {entry['stability']}"
    return declaration(entry, prefix, remark, takes_key=is_family)


def metric(entry, prefix):
    kind = {"updowncounter": "up-down counter"}.get(entry["instrument"], entry["instrument"])
    remark = f"{kind.capitalize()} in `{entry['unit']}`, {entry['stability']}"
    return declaration(entry, prefix, remark)


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
    files |= table_files()
    for name, text in files.items():
        if any(len(line) > WIDTH for line in text.split("\n")):
            sys.exit(f"generate.py: {name} has a line of more than {WIDTH} characters")
    return files


def written():
    """Returns the generated files that are there."""
    return {path.name: path.read_text() for folder in (FOLDER, TABLE) for path in folder.glob("*+*.swift")}


def folder(name):
    return TABLE if name.startswith("ConventionTable") else FOLDER


# The table that telemetry is checked with: one entry a name, its fields one letter where that is enough.

KINDS = {"string": "s", "int": "i", "double": "d", "boolean": "b", "string[]": "S", "int[]": "I", "double[]": "D", "boolean[]": "B", "any": "a"}
INSTRUMENTS = {"counter": "c", "updowncounter": "u", "gauge": "g", "histogram": "h"}


def stability(entry):
    return {"stable": "S", "release_candidate": "R"}.get(entry["stability"], "D")


def replaced(entry):
    """Returns ` >` and what replaces a deprecated name, if anything does."""
    return f" >{','.join(entry['deprecated'])}" if "deprecated" in entry else ""


def wrapped(entries):
    """Returns entries as the lines of one literal, which the compiler joins."""
    text, lines = ";".join(entries), []
    while len(text) > 130:
        cut = max(text.rfind(mark, 0, 130) for mark in ";, ") + 1
        lines, text = lines + [text[:cut] + "\\"], text[cut:]
    return lines + [text]


def table_files():
    """Returns the files of the table by name."""
    data = json.loads((HERE / "registry.json").read_text())
    attributes, metrics, events = [], [], []
    for name, entry in data["attributes"].items():
        kind = entry["type"].removeprefix("template[").removesuffix("]") if entry["type"].startswith("template") else entry["type"]
        kind += "]" if kind.endswith("[") else ""
        members = f" ={','.join(map(str, entry['members']))}" if "members" in entry else ""
        attributes.append(f"{name} {'t' if entry['type'].startswith('template') else ''}{KINDS[kind]} {stability(entry)}{members}{replaced(entry)}")
    for name, entry in data["metrics"].items():
        asked = "".join(f" {mark}{','.join(entry[level])}" for mark, level in (("!", "required"), ("~", "recommended")) if entry.get(level))
        metrics.append(f"{name} {INSTRUMENTS[entry['instrument']]} {entry['unit']} {stability(entry)}{asked}{replaced(entry)}")
    for name, entry in data["events"].items():
        asked = f" !{','.join(entry['required'])}" if entry.get("required") else ""
        events.append(f"{name} {stability(entry)}{asked}{replaced(entry)}")
    files = {}
    for part, about, entries in (("Attributes", "attributes", attributes), ("Metrics", "metrics", metrics), ("Events", "events", events)):
        lines = [f"// The {about} of the table: written by Documentation/Conventions/generate.py.", "", "extension ConventionTable {"]
        lines += [f'    static let {about} = """', *(f"        {line}" for line in wrapped(entries)), '        """', "}"]
        files[f"ConventionTable+{part}.swift"] = "\n".join(lines) + "\n"
    return files


# What `registry.json` has of a checkout.


def pinned(root):
    """Reads attributes, metrics and events with what can be checked of them, and no text."""
    import yaml

    documents = [yaml.safe_load(path.read_text()) for path in sorted((root / "model").rglob("*.yaml"))]
    every = [group for document in documents for key in ("groups", "attribute_groups") for group in document.get(key, [])]
    groups = {group["id"]: group for group in every}
    attributes, metrics, events = {}, {}, {}
    defined = [entry | {"id": entry["key"]} for document in documents for entry in document.get("attributes", [])]
    for entry in defined + [entry for group in every for entry in group.get("attributes") or [] if "id" in entry]:
        facts = {"type": entry["type"], "stability": entry["stability"]}
        if isinstance(entry["type"], dict):
            members = [member["value"] for member in entry["type"]["members"] if not member.get("deprecated")]
            facts = facts | {"type": "int" if isinstance(members[0], int) else "string", "members": members}
        attributes[entry["id"]] = facts | deprecation(entry)
    plain = [group for group in every if group["type" if "type" in group else "id"] == "metric"]
    plain += [metric | {"metric_name": metric["name"]} for document in documents for metric in document.get("metrics", [])]
    for group in plain:
        facts = {key: group[key] for key in ("instrument", "unit", "stability")}
        metrics[group["metric_name"]] = facts | levels(group, groups, ("required", "recommended")) | deprecation(group)
    for group in every:
        if group.get("type") == "event" and group.get("name"):
            events[group["name"]] = {"stability": group["stability"]} | levels(group, groups, ("required",)) | deprecation(group)
    return attributes, metrics, events


def deprecation(entry):
    """Returns the names that replace a deprecated one; what moved to another registry counts as it did there."""
    deprecated = entry.get("deprecated")
    if not deprecated or "oved to the [OpenTelemetry" in (note := deprecated.get("note", "")) and note.startswith("Moved"):
        return {}
    names = [deprecated["renamed_to"]] if "renamed_to" in deprecated else re.findall(r"`([a-z][a-z0-9_]*(?:\.[a-z0-9_-]+)+)`", note)
    return {"deprecated": sorted(set(names))}


def levels(group, groups, wanted):
    """Returns the attributes of a group that are asked for without a condition, by their level."""
    found = {}

    def take(group):
        if parent := groups.get(group.get("extends")):
            take(parent)
        for entry in group.get("attributes") or []:
            if "ref_group" in entry:
                take(groups[entry["ref_group"]])
                continue
            name = entry.get("ref") or entry.get("id")
            level = entry.get("requirement_level", found.get(name, "recommended"))
            found[name] = level if isinstance(level, str) else f"{next(iter(level))} if"

    take(group)
    lists = {level: sorted(name for name, its in found.items() if its == level) for level in wanted}
    return {level: names for level, names in lists.items() if names}


def pin(root, path):
    parts = dict(zip(("attributes", "metrics", "events"), pinned(root)))
    lines = [f'  "{key}": {json.dumps(DATA[key])}' for key in ("source", "version", "commit")]
    for key, entries in parts.items():
        rows = ",\n".join(f"    {json.dumps(name)}: {json.dumps(entries[name])}" for name in sorted(entries))
        lines.append(f'  "{key}": {{\n{rows}\n  }}')
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


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
        # A part with a version of its own has left the registry after that version.
        for entry in (entry for part in DATA[kind] if "version" not in part for group in part["groups"] for entry in group["entries"]):
            facts = {key: value for key, value in entry.items() if key not in ("name", "text", "as")}
            other = {key: known.get(entry["name"], {}).get(key) for key in facts}
            if facts != other:
                found.append(f"{entry['name']} is {other} there")
    return found


def main():
    match sys.argv[1:]:
        case []:
            files = generated()
            for name in written().keys() - files.keys():
                (folder(name) / name).unlink()
            for name, text in files.items():
                (folder(name) / name).write_text(text)
        case ["--check"]:
            files, present = generated(), written()
            if stale := sorted(name for name in files.keys() | present.keys() if files.get(name) != present.get(name)):
                sys.exit(f"generate.py: run Documentation/Conventions/generate.py, it would change {', '.join(stale)}")
        case ["--registry", root]:
            if found := compare_with_registry(pathlib.Path(root)):
                sys.exit("generate.py: the registry says otherwise\n  " + "\n  ".join(found))
        case ["--pin", root]:
            pin(pathlib.Path(root), HERE / "registry.json")
        case _:
            sys.exit(__doc__)


main()
