#!/usr/bin/env bash
# Builds and deploys all systems with Skaffold, waits for them, and sends a first message: run.sh [kind|k3d|microk8s|sidecars].
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
overlay="${1:-kind}"
../kustomize/secrets.sh
profile=()
[ "${overlay}" = kind ] || profile=(--profile "${overlay}")
skaffold dev "${profile[@]}" &
skaffold=$!
trap 'kill "${skaffold}" 2>/dev/null; wait "${skaffold}" 2>/dev/null' EXIT
trap 'exit 130' INT TERM
# Building takes minutes the first time; skaffold says what it does.
until kubectl --namespace telemetry get deployment/app-hello-world >/dev/null 2>&1; do
    kill -0 "${skaffold}" 2>/dev/null || { echo "skaffold has ended" >&2; exit 1; }
    sleep 5
done
kubectl --namespace telemetry wait --for=condition=Available --timeout=300s deployment --all
./init-sns.sh http://localhost:3300
wait "${skaffold}"
