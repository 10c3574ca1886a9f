#!/usr/bin/env bash
# Toolchain: Swift 6.3.1, as it is found on the PATH; nothing else is installed.
#
# One would guess: with NonisolatedNonsendingByDefault a function that awaits another nonisolated one stays where it is, since the
# callee runs on the caller's executor and returns there; nothing is left of changing executors.
#
# Seen: optimized code has a hop_to_executor behind each such await.
#   NonisolatedNonsendingByDefault: 2 awaits, 2 hops
#
# Why it matters: such a hop asks the runtime for the task's preferred executor, which takes a lock: some 300 instructions each, and a
# request that passes through eleven small async functions pays for eight of them. Where it counts, make the chain of functions shorter
# or synchronous; the annotation alone does not help.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
swiftc=$(dirname "$(readlink -f "$(command -v swift)")")/swiftc
"$swiftc" --version > "$work/version" 2>&1
grep -q "Swift version 6\.3\.1" "$work/version" || { echo "This is about Swift 6.3.1." >&2; exit 1; }
cat > "$work/hops.swift" <<'SWIFT'
public protocol Source: Sendable {
    func next(_ number: Int) async -> Int
}

public struct Reader: Sendable {
    let source: any Source

    public func read() async -> Int {
        let first = await source.next(1)
        let second = await source.next(first)
        return second &+ 1
    }
}
SWIFT
timeout 120 "$swiftc" -O -wmo -parse-as-library -swift-version 6 -enable-upcoming-feature NonisolatedNonsendingByDefault -emit-sil \
    "$work/hops.swift" > "$work/sil" 2> "$work/warnings"
body=$(sed -n '/^sil .*Reader.*read/,/^}/p' "$work/sil")
awaits=$(grep -c 'apply.*@async' <<< "$body" || true)
hops=$(grep -c 'hop_to_executor' <<< "$body" || true)
echo "NonisolatedNonsendingByDefault: $awaits awaits, $hops hops"
[ "$awaits" = 2 ] && [ "$hops" = 2 ]
