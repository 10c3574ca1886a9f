"""Writes dictionaries and lists as YAML, with nothing but the standard library."""

import json
import re

PLAIN = re.compile(r"[A-Za-z_/.$][A-Za-z0-9_/.$*{}()@+%:=,?-]*(?<!:)")
WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


class Override(list):
    """A list that takes the place of that of the file below, as Compose merges files."""


def scalar(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if PLAIN.fullmatch(value) and value.lower() not in WORDS and not re.fullmatch(r"[.\d]+", value):
        return value
    return json.dumps(value, ensure_ascii=False)


def lines(value, indent=0):
    """Returns the lines of a value, of which the first begins with its own indentation."""
    space = "  " * indent
    if isinstance(value, dict) and value:
        for key, item in value.items():
            if isinstance(item, (dict, list)) and item:
                yield f"{space}{scalar(key)}:" + (" !override" if isinstance(item, Override) else "")
                yield from lines(item, indent + 1)
            elif isinstance(item, (dict, list)):
                yield f"{space}{scalar(key)}: " + ("{}" if isinstance(item, dict) else "[]")
            elif isinstance(item, str) and item.endswith("\n"):
                yield f"{space}{scalar(key)}: |"
                yield from ("  " * (indent + 1) + line if line else "" for line in item.rstrip("\n").split("\n"))
            else:
                yield f"{space}{scalar(key)}: {scalar(item)}"
    elif isinstance(value, list) and value:
        for item in value:
            if isinstance(item, (dict, list)) and item:
                nested = list(lines(item, indent + 1))
                yield f"{space}- {nested[0].lstrip()}"
                yield from nested[1:]
            else:
                yield f"{space}- {scalar(item)}"
    else:
        yield space + ("{}" if isinstance(value, dict) else "[]" if isinstance(value, list) else scalar(value))


def text(*documents):
    return "---\n".join("\n".join(lines(document)) + "\n" for document in documents)
