#!/usr/bin/env bash
# Packages: Debian 12 valgrind 1:3.19.0-1 (unpacked, not installed), with glibc 2.36 and Python 3.11 of the system.
#
# One would guess: a program that finds __rseq_offset, the symbol by which glibc tells where a thread's area of restartable
# sequences lies, can read the processor's number there; and valgrind counts the instructions of the path that runs without it.
#
# Seen: under valgrind the symbol keeps its offset and the area is there, but it is not registered: __rseq_size is 0 and the
# processor's number is -2 (registration failed).
#   plain: offset set True, size set True, processor's number valid True
#   valgrind: offset set True, size set False, processor's number valid False
#
# Why it matters: code that asks for the symbol alone indexes its table of processors with -2. It must look at __rseq_size or at
# the sign of the number at each use. And callgrind's counts are those of the fallback: a path by rseq of 30 instructions
# may show 115.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/debian"
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download valgrind=1:3.19.0-1)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
cat > "$work/probe.py" <<'PYTHON'
import ctypes

libc = ctypes.CDLL(None)
offset = ctypes.c_ssize_t.in_dll(libc, "__rseq_offset").value
size = ctypes.c_uint.in_dll(libc, "__rseq_size").value
# On x86-64 the first word of the thread's own memory is its address, which pthread_self returns.
libc.pthread_self.restype = ctypes.c_void_p
number = ctypes.c_int32.from_address(libc.pthread_self() + offset + 4).value
print(f"offset set {offset != 0}, size set {size != 0}, processor's number valid {number >= 0}")
PYTHON
plain=$(timeout 60 python3 "$work/probe.py")
export VALGRIND_LIB="$work/root/usr/libexec/valgrind"
counted=$(timeout 120 "$work/root/usr/bin/valgrind" --quiet --tool=none --trace-children=yes python3 "$work/probe.py")
printf 'plain: %s\nvalgrind: %s\n' "$plain" "$counted"
[ "$plain" = "offset set True, size set True, processor's number valid True" ]
[ "$counted" = "offset set True, size set False, processor's number valid False" ]
