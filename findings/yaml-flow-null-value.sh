#!/usr/bin/env bash
# Packages: PyPI pyyaml 6.0.3 (with its libyaml 0.2.5), ruamel.yaml 0.18.16.
#
# One would guess: a key without a value is written `drop:` in a mapping of braces too, as in `aggregation: {drop:}`, and every
# reader of YAML takes it for null, as it does on a line of its own.
#
# Seen: three readers read it in three ways. PyYAML's own reader has null; libyaml refuses the text, with an error that names a
# scalar; ruamel.yaml, which follows YAML 1.2, has a key that ends in a colon. With a space after the colon all agree.
#   libyaml: {drop:} -> refused: found unexpected ':'
#   PyYAML: {drop:} -> {'drop': None}
#   ruamel.yaml: {drop:} -> {'drop:': None}
#   all: {drop: } -> {'drop': None}
#   all: drop: -> {'drop': None}
#
# Why it matters: the declarative configuration of OpenTelemetry chooses components by keys without values. A file that one SDK
# starts with is refused by another, or names an unknown component in a third. On lines of their own such keys are safe.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pyyaml==6.0.3 ruamel.yaml==0.18.16
timeout 60 "$work/venv/bin/python" - <<'PYTHON'
import ruamel.yaml
import yaml

readers = {
    "libyaml": lambda text: yaml.load(text, Loader=yaml.CSafeLoader),
    "PyYAML": lambda text: yaml.load(text, Loader=yaml.SafeLoader),
    "ruamel.yaml": lambda text: dict(ruamel.yaml.YAML(typ="safe", pure=True).load(text)),
}


def read(reader, text):
    try:
        return str(readers[reader](text))
    except yaml.YAMLError as error:
        return f"refused: {error.problem}"


seen = {reader: read(reader, "{drop:}") for reader in readers}
for reader, result in seen.items():
    print(f"{reader}: {{drop:}} -> {result}")
assert seen == {
    "libyaml": "refused: found unexpected ':'",
    "PyYAML": "{'drop': None}",
    "ruamel.yaml": "{'drop:': None}",
}, seen
for text in ("{drop: }", "drop:\n"):
    alike = {read(reader, text) for reader in readers}
    assert alike == {"{'drop': None}"}, alike
    print(f"all: {text.strip()} -> {alike.pop()}")
print(f"libyaml {yaml._yaml.get_version_string()}")
PYTHON
