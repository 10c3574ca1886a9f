#!/usr/bin/env bash
# Packages: PyPI opentelemetry-configuration 0.66b1 with opentelemetry-sdk 1.45.1, pyyaml 6.0.3, ruamel.yaml 0.18.16, jsonschema 4.26.0.
#
# One would guess: a file of the declarative configuration means the same to each SDK. The specification says YAML 1.2 with its core schema, so `off`
# and `2024-01-01` are texts, `010` is ten; and a variable may be written `${env:NAME}`, as in a collector's file.
#
# Seen: the Python SDK reads YAML 1.1. `off` is false, `010` is 8, `12:30:45` is 45045 in sixties, while `1e3` is a text. A date refuses the whole
# file. The same holds for what a variable brings in. `${env:NAME}` is not a variable: the text stays as it is, without a warning. With `type: string`
# beside it, a version 1.10 becomes "1.1".
#   value: off -> False, 010 -> 8, 12:30:45 -> 45045, 1e3 -> "1e3"
#   YAML 1.2 (ruamel.yaml): "off", 10, "12:30:45", 1000.0
#   value: 2024-01-01 -> the file does not match the schema
#   ${VERSION} with VERSION=1.10, type: string -> "1.1"; ${env:VERSION} -> "${env:VERSION}"
#
# Why it matters: build dates as versions, region "no", git hashes such as 1e3 and switches "off" are resource attributes, and a variable decides at
# start-up whether the SDK is configured at all. A file that was tried with another language's SDK gives this one other attributes. Quotes help.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check opentelemetry-api==1.45.1 opentelemetry-sdk==1.45.1 \
    opentelemetry-configuration==0.66b1 pyyaml==6.0.3 ruamel.yaml==0.18.16 jsonschema==4.26.0
VERSION=1.10 SHIPPED=2024-01-01 timeout 60 "$work/venv/bin/python" - "$work" <<'PYTHON'
import sys

import ruamel.yaml
from opentelemetry.configuration._resource import create_resource
from opentelemetry.configuration.file import load_config_file

path = sys.argv[1] + "/configuration.yaml"


def attribute(text, kind=""):
    """Returns the resource attribute that an SDK has whose file says this."""
    with open(path, "w") as file:
        file.write(f'file_format: "1.0"\nresource:\n  attributes:\n    - name: probe\n      value: {text}\n{kind}')
    return create_resource(load_config_file(path).resource).attributes["probe"]


texts = ["off", "010", "12:30:45", "1e3"]
seen = [attribute(text) for text in texts]
core = [ruamel.yaml.YAML(typ="safe", pure=True).load(f"value: {text}")["value"] for text in texts]
print("SDK:", seen)
print("1.2:", core)
assert [repr(value) for value in seen] == ["False", "8", "45045", "'1e3'"]
assert core[0] == "off" and core[1] == 10 and core[2] == "12:30:45" and core[3] == 1000.0
for text in ("2024-01-01", "${SHIPPED}"):
    try:
        print(attribute(text))
        raise SystemExit("read")
    except Exception as error:
        print(f"{text}: {type(error).__name__}: {str(error)[:90]}")
        assert "does not match schema" in str(error)
version = attribute("${VERSION}", "      type: string\n"), attribute("${env:VERSION}"), attribute('"${SHIPPED}"')
print(version)
assert version == ("1.1", "${env:VERSION}", "2024-01-01"), version
PYTHON
