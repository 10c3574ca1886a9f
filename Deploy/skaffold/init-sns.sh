#!/usr/bin/env bash
# Waits until hello-world has confirmed its subscription, publishes a message, and looks for it: init-sns.sh [URL of hello-world].
# The topic is there from the start (TOPICS), and hello-world subscribes by itself (SNS_WEBHOOK_URL).
set -euo pipefail
url="${1:-http://localhost:3300}"
attempt() {
    local name="$1"
    shift
    for _ in $(seq 60); do
        if "$@"; then return 0; fi
        sleep 1
    done
    echo "${name}: not within a minute" >&2
    return 1
}
get() { curl --silent --show-error --fail --max-time 5 "$1" 2>/dev/null; }
attempt "the subscription" get "${url}/ready" >/dev/null
get "${url}/" | grep -q '"status": *"published"' || { echo "${url}/ did not publish" >&2; exit 1; }
received() { get "${url}/messages?limit=1" | grep -q 'Hello World!'; }
attempt "the message" received
echo "published and received"
