#!/usr/bin/env bash
# Toolchain: Swift 6.3.1 with its own swift-testing, as it is found on the PATH; nothing else is installed.
#
# One would guess: @Suite on a type that has tests anyway costs its own expansion; a compiler process that was given one file
# to compile expands no macros of the module's other files.
#
# Seen: it expands @Suite in every file, for the names that such a macro may add to the module, and parses those files once more to do so.
# @Test inside of a type stays where it is.
#   20 files, one to compile, marked: @Suite expanded 20 times, 55 expansions
#   20 files, one to compile, not marked: @Suite expanded 0 times, 35 expansions
#
# Why it matters: SwiftPM starts a process for each 25 files, so the work grows with the square of the number of test files. For 200 files of
# 40 tests the type-check of one file takes 2.7 s of processor time with the marks and 0.7 s without. A type with @Test is a suite
# without the mark, which only traits and names need.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
swiftc=$(dirname "$(readlink -f "$(command -v swift)")")/swiftc
"$swiftc" --version 2>&1 | grep -q "Swift version 6\.3\.1" || { echo "This is about Swift 6.3.1." >&2; exit 1; }
host=$(dirname "$swiftc")/../lib/swift/host
seen=()
for mark in "@Suite " ""; do
    folder="$work/files$mark"
    mkdir "$folder"
    for number in $(seq 0 19); do
        {
            printf 'import Testing\n\n%sstruct S%s {\n' "$mark" "$number"
            for test in 0 1 2 3 4; do printf '    @Test func t%s() { let x = 0; #expect(x == 0) }\n' "$test"; done
            printf '}\n'
        } > "$folder/F$number.swift"
    done
    (cd "$folder" && timeout 300 "$swiftc" -frontend -typecheck -parse-as-library -module-name M \
        -in-process-plugin-server-path "$host/libSwiftInProcPluginServer.so" -plugin-path "$host/plugins" \
        -plugin-path "$host/plugins/testing" -dump-macro-expansions -primary-file F0.swift \
        $(seq -f 'F%g.swift' 1 19) > "$work/expansions" 2>&1)
    suites=$(grep "^@__swiftmacro" "$work/expansions" | grep -c "5Suite" || true)
    all=$(grep -c "^@__swiftmacro" "$work/expansions")
    [ -n "$mark" ] && name="marked" || name="not marked"
    echo "20 files, one to compile, $name: @Suite expanded $suites times, $all expansions"
    seen+=("$suites $all")
done
[ "${seen[*]}" = "20 55 0 35" ]
