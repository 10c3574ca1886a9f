#!/usr/bin/env bash
# Makes passwords for a cluster of one's own in overlays/kind/secrets, unless there are some; Git ignores them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/overlays/kind"
umask 077
mkdir -p secrets
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
write() {
    [ -e "secrets/$1.env" ] || printf '%s\n' "${@:2}" > "secrets/$1.env"
}
write database "password=$(random)"
write redis "password=$(random)"
write grafana "password=$(random)"
write services "jwt=$(random)$(random)" "aws-access-key-id=$(random)" "aws-secret-access-key=$(random)"
