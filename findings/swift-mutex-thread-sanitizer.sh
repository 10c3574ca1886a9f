#!/usr/bin/env bash
# Toolchain: Swift 6.3.1 on x86-64 Linux, as it is found on the PATH; nothing else is installed.
#
# One would guess: the thread sanitizer that comes with the compiler knows the lock of the standard library that comes with it too.
#
# Seen: as soon as threads wait for it, Synchronization.Mutex is invisible to -sanitize=thread: what it guards is reported as a race. A
# mutex of the C library in its place is understood.
#   Mutex: races reported
#   pthread_mutex_t: none
#
# Why it matters: a report in code behind a Mutex says nothing, and a suite that counts reports cannot be kept at zero. For a run with the sanitizer
# put a lock of the C library in its place; what is left then is real.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
swiftc=$(dirname "$(readlink -f "$(command -v swift)")")/swiftc
"$swiftc" --version > "$work/version" 2>&1
grep -q "Swift version 6\.3\.1" "$work/version" || { echo "This is about Swift 6.3.1." >&2; exit 1; }
cat > "$work/mutex.swift" <<'SWIFT'
import Glibc
import Synchronization

final class Numbers: Sendable {
    let lock = Mutex<[Int]>([])

    func add(_ number: Int) {
        lock.withLock {
            $0.append(number)
            if $0.count > 50 { $0.removeAll() }
        }
    }
}
SWIFT
cat > "$work/pthread.swift" <<'SWIFT'
import Glibc

final class Numbers: @unchecked Sendable {
    private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var numbers: [Int] = []

    init() { pthread_mutex_init(lock, nil) }

    func add(_ number: Int) {
        pthread_mutex_lock(lock)
        numbers.append(number)
        if numbers.count > 50 { numbers.removeAll() }
        pthread_mutex_unlock(lock)
    }
}
SWIFT
cat > "$work/main.swift" <<'SWIFT'
import Glibc

let numbers = Numbers()
var threads: [pthread_t] = []
for _ in 0..<4 {
    var thread = pthread_t()
    pthread_create(&thread, nil, { _ in
        for number in 0..<20_000 { numbers.add(number) }
        return nil
    }, nil)
    threads.append(thread)
}
for thread in threads { pthread_join(thread, nil) }
SWIFT
reports() {
    mkdir "$work/$1"
    cp "$work/main.swift" "$work/$1.swift" "$work/$1"
    timeout 300 "$swiftc" -swift-version 5 -sanitize=thread -o "$work/$1/program" "$work/$1/main.swift" "$work/$1/$1.swift" 2> "$work/$1/warnings"
    TSAN_OPTIONS="exitcode=0 suppress_equal_stacks=1" timeout 120 "$work/$1/program" > "$work/$1/output" 2>&1 || true
    grep -c "WARNING: ThreadSanitizer" "$work/$1/output" || true
}
mutex=$(reports mutex)
pthread=$(reports pthread)
[ "$mutex" -gt 0 ] && echo "Mutex: races reported" || echo "Mutex: none"
[ "$pthread" -gt 0 ] && echo "pthread_mutex_t: races reported" || echo "pthread_mutex_t: none"
[ "$mutex" -gt 0 ] && [ "$pthread" -eq 0 ]
