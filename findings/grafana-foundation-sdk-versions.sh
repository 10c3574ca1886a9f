#!/usr/bin/env bash
# Packages: PyPI grafana-foundation-sdk 1769699998!10.1.0 and 1769699379!11.6.0 (the last builds for Grafana 10.1 and 11.6).
#
# One would guess: the types of Grafana's dashboards have the version of the Grafana that they are for, so that pip takes those of the newest one,
# `>=11` those of 11 or newer, and `==11.6.*` those of 11.6.
#
# Seen: a version has the time of its build as its epoch, which counts before all else, and the oldest Grafana is built last. Without a version, and
# with `>=11`, pip takes the types of Grafana 10.1; `==11.6.*` finds nothing, since it means the epoch 0.
#   newest: 1769699998!10.1.0
#   >=11: 1769699998!10.1.0
#   ==11.6.*: none
#   ==1769699379!11.6.0: 1769699379!11.6.0
#
# Why it matters: dashboards that are made or checked by these types are held against a Grafana that is years older than the one that runs, without an
# error; tools that raise minimum versions propose a downgrade. Pin the whole version with its epoch.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
pip=("$work/venv/bin/pip" --quiet --disable-pip-version-check)
for version in '1769699998!10.1.0' '1769699379!11.6.0'; do
    "${pip[@]}" download --no-deps --dest "$work/wheels" "grafana-foundation-sdk==$version"
done
taken() {
    if "${pip[@]}" install --no-index --no-deps --force-reinstall --find-links "$work/wheels" "grafana-foundation-sdk$1" 2>/dev/null; then
        "$work/venv/bin/python" -c 'from importlib.metadata import version; print(version("grafana-foundation-sdk"))'
    else echo none; fi
}
{
    echo "newest: $(taken '')"
    for wanted in '>=11' '==11.6.*' '==1769699379!11.6.0'; do echo "$wanted: $(taken "$wanted")"; done
} | tee "$work/seen"
diff "$work/seen" - <<'SEEN'
newest: 1769699998!10.1.0
>=11: 1769699998!10.1.0
==11.6.*: none
==1769699379!11.6.0: 1769699379!11.6.0
SEEN
