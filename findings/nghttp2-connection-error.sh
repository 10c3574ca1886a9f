#!/usr/bin/env bash
# Package: Debian 12 libnghttp2-14 1.52.0-1+deb12u3 (unpacked, not installed), called by Python's ctypes.
#
# One would guess: nghttp2_session_mem_recv returns a negative error when what it is given breaks the connection, as a frame that is larger
# than the limit of the settings; or else nghttp2_session_want_read turns false, since nothing more will be read.
#
# Seen: it returns the length of all bytes as if they were fine, and the session still wants to read. Only after its GOAWAY has been
# fetched for sending does it want to read no more.
#   received 9 of 9 bytes
#   wants to read after receiving: 1
#   wants to read after its farewell was fetched: 0, farewell FRAME_SIZE_ERROR
#
# Why it matters: a client that looks at both after reading, and then waits for the socket, waits until its deadline for a peer that speaks
# something else. Fetch what is to be sent after each read, before waiting.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir "$work/debian"
(cd "$work/debian" && apt-get -qq -o APT::Sandbox::User=root download libnghttp2-14=1.52.0-1+deb12u3)
for package in "$work"/debian/*.deb; do dpkg -x "$package" "$work/root"; done
library=$(find "$work/root" -name 'libnghttp2.so.14' | head -1)
timeout 60 python3 - "$library" <<'PYTHON'
import ctypes
import sys

nghttp2 = ctypes.CDLL(sys.argv[1])
for name in ("nghttp2_session_mem_recv", "nghttp2_session_mem_send"):
    getattr(nghttp2, name).restype = ctypes.c_ssize_t
callbacks, session = ctypes.c_void_p(), ctypes.c_void_p()
assert nghttp2.nghttp2_session_callbacks_new(ctypes.byref(callbacks)) == 0
assert nghttp2.nghttp2_session_client_new(ctypes.byref(session), callbacks, None) == 0
nghttp2.nghttp2_session_callbacks_del(callbacks)
assert nghttp2.nghttp2_submit_settings(session, 0, None, ctypes.c_size_t(0)) == 0


def sent():
    """Returns all bytes that the session has to send."""
    data, all_bytes = ctypes.c_void_p(), b""
    while (count := nghttp2.nghttp2_session_mem_send(session, ctypes.byref(data))) > 0:
        all_bytes += ctypes.string_at(data, count)
    return all_bytes


def receive(data):
    return nghttp2.nghttp2_session_mem_recv(session, data, ctypes.c_size_t(len(data)))


sent()
# The server's settings, and then the head of a frame of 20,000 bytes, where 16,384 are allowed.
assert receive(bytes(3) + b"\x04" + bytes(5)) == 9
head = (20_000).to_bytes(3, "big") + b"\x00\x00" + (1).to_bytes(4, "big")
sent()
count = receive(head)
before = nghttp2.nghttp2_session_want_read(session)
farewell = sent()
after = nghttp2.nghttp2_session_want_read(session)
# A farewell, whose head of nine bytes the number of the last stream follows.
code = int.from_bytes(farewell[13:17], "big") if farewell[3] == 7 else None
name = {6: "FRAME_SIZE_ERROR"}.get(code, code)
print(f"received {count} of {len(head)} bytes")
print(f"wants to read after receiving: {before}")
print(f"wants to read after its farewell was fetched: {after}, farewell {name}")
assert (count, before, after, code) == (len(head), 1, 0, 6)
nghttp2.nghttp2_session_del(session)
PYTHON
