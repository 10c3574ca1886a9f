#!/usr/bin/env bash
# Packages: Debian promtool 3.5.3+ds1-6 (sid).
#
# One would guess: `promtool test rules` evaluates each group of rules at the group's own `interval`, as the server does, and the
# groups in the order of the file.
#
# Seen: every group is evaluated at the `evaluation_interval` of the test file, whatever its `interval` says, and groups that
# `group_eval_order` does not name come in an order that changes from run to run.
#   group with interval 5m, evaluation_interval 1m: 6 samples of time() in 5 minutes, not 2
#   two groups, the second reads what the first records: both orders are seen in 40 runs
#
# Why it matters: a `for` that is shorter than the group's interval fires earlier in the test than in production, and a rule over
# what another group records passes its test by chance. A test that compares with promtool has to name the order of all groups.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir -p apt/lists/partial apt/cache/archives/partial
mirror=$(grep -rhoE '^(URIs: |deb (\[[^]]*\] )?)https?://[^ ]+' /etc/apt/sources.list /etc/apt/sources.list.d 2> null \
    | grep -m 1 -oE 'https?://[^ ]*/debian/?$' || true)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" > apt/sources.list
apt=(apt-get -qq -o Dir::Etc::sourcelist="$work/apt/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$work/apt/lists"
    -o Dir::Cache="$work/apt/cache" -o APT::Sandbox::User=root)
"${apt[@]}" update
"${apt[@]}" download promtool=3.5.3+ds1-6
dpkg-deb -x promtool_*.deb .
cat > rules.yml <<'YAML'
groups:
  - name: slow
    interval: 5m
    rules: [{record: slow, expr: vector(time())}]
  - name: first
    rules: [{record: first, expr: vector(1)}]
  - name: second
    rules: [{record: second, expr: first}]
YAML
cat > test.yml <<'YAML'
rule_files: [rules.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series: [{series: unused, values: 1x9}]
    promql_expr_test:
      - {expr: 'count_over_time(slow[6m])', eval_time: 5m, exp_samples: [{labels: '{}', value: 6}]}
YAML
timeout 60 ./usr/bin/promtool test rules test.yml
echo "group with interval 5m: 6 samples in 5 minutes"
sed -i 's/count_over_time.*/second, eval_time: 0m, exp_samples: [{labels: second, value: 1}]}/; s/{expr: .second/{expr: second/' test.yml
passed=0
for _ in $(seq 40); do if timeout 60 ./usr/bin/promtool test rules test.yml > out 2>&1; then passed=$((passed + 1)); fi; done
echo "second group sees the first: $passed of 40 runs"
[ "$passed" -gt 0 ] && [ "$passed" -lt 40 ]
