#!/usr/bin/env bash
# Package: Debian 12 libnghttp2-14 1.52.0-1+deb12u3 (unpacked, not installed), called by Python's ctypes.
#
# One would guess: a response without a body that is submitted to a stream, and then RST_STREAM with NO_ERROR since the rest of the request is
# not wanted (RFC 9113, section 8.1), are sent in this order: both wait in the same queue of the session.
#
# Seen: submitting RST_STREAM drops the response that waits. Only the reset is sent, and the client never learns the status. Submitted after
# the frames of the response were fetched for sending, both are sent.
#   at once: RST_STREAM
#   after fetching: HEADERS RST_STREAM
#
# Why it matters: a gRPC server that refuses a message by its length says so to a client that is still sending; with the reset submitted at
# once grpcio reports "Stream removed (RST_STREAM)" in place of RESOURCE_EXHAUSTED and its message.
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


class Field(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("value", ctypes.c_char_p), ("name_size", ctypes.c_size_t),
                ("value_size", ctypes.c_size_t), ("flags", ctypes.c_uint8)]


def frames(session):
    """Returns the types of all frames that the session has to send."""
    data, sent = ctypes.c_void_p(), b""
    while (count := nghttp2.nghttp2_session_mem_send(session, ctypes.byref(data))) > 0:
        sent += ctypes.string_at(data, count)
    names = []
    while sent:
        names.append({1: "HEADERS", 3: "RST_STREAM"}.get(sent[3], "other"))
        sent = sent[9 + int.from_bytes(sent[:3], "big"):]
    return names


def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def answer(fetches):
    """Answers a request that is still coming in, and resets its stream; returns the frames that are sent."""
    callbacks, session = ctypes.c_void_p(), ctypes.c_void_p()
    assert nghttp2.nghttp2_session_callbacks_new(ctypes.byref(callbacks)) == 0
    assert nghttp2.nghttp2_session_server_new(ctypes.byref(session), callbacks, None) == 0
    nghttp2.nghttp2_session_callbacks_del(callbacks)
    assert nghttp2.nghttp2_submit_settings(session, 0, None, ctypes.c_size_t(0)) == 0
    # POST / over http to x, fields of the static table, with END_HEADERS and without END_STREAM.
    opening = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + frame(1, 4, 1, bytes([0x83, 0x86, 0x84, 0x01, 0x01]) + b"x")
    assert nghttp2.nghttp2_session_mem_recv(session, opening, ctypes.c_size_t(len(opening))) == len(opening)
    frames(session)
    fields = (Field * 1)(Field(b":status", b"200", 7, 3, 0))
    assert nghttp2.nghttp2_submit_response(session, 1, fields, ctypes.c_size_t(1), None) == 0
    sent = frames(session) if fetches else []
    assert nghttp2.nghttp2_submit_rst_stream(session, 0, 1, 0) == 0
    sent += frames(session)
    nghttp2.nghttp2_session_del(session)
    return sent


at_once, after = answer(False), answer(True)
print("at once:", *at_once)
print("after fetching:", *after)
assert (at_once, after) == (["RST_STREAM"], ["HEADERS", "RST_STREAM"])
PYTHON
