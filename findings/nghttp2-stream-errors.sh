#!/usr/bin/env bash
# Package: Debian 12 libnghttp2-14 1.52.0-1+deb12u3 (unpacked, not installed), called by Python's ctypes.
#
# One would guess: what a peer does wrong reaches the callbacks of nghttp2: error_callback2 has a text for people, on_invalid_frame_recv the frame.
#
# Seen: each has some of the violations, and several reach neither, though the session answers them by a reset of the stream or ends the connection.
# The only words that there are stand in the debug data of its own GOAWAY. nghttp2_session_mem_recv returns the length of the bytes for all.
#   connection: close in a response: error callback True, invalid frame True, answer RST_STREAM 1
#   a response without :status: error callback False, invalid frame True, answer RST_STREAM 1
#   WINDOW_UPDATE beyond 2^31-1: error callback False, invalid frame True, answer RST_STREAM 3
#   WINDOW_UPDATE of 0: error callback False, invalid frame True, answer GOAWAY 1 "WINDOW_UPDATE: window_size_increment == 0"
#   less data than content-length: error callback False, invalid frame False, answer RST_STREAM 1
#   DATA before HEADERS: error callback False, invalid frame False, answer GOAWAY 1 "DATA: stream not opened"
#   DATA on an idle stream: error callback False, invalid frame False, answer GOAWAY 1 "DATA: stream in idle"
#   an unknown entry of the header table: error callback False, invalid frame False, answer GOAWAY 9 ""
#
# Why it matters: a client that reports what these callbacks say has nothing to report for a server that lies about the length, or speaks another
# HTTP/2 than it should: "connection closed". Read the frames that the session queues after each read; they name the error in all cases.
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
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("value", ctypes.c_char_p),
        ("name_length", ctypes.c_size_t),
        ("value_length", ctypes.c_size_t),
        ("flags", ctypes.c_uint8),
    ]


calls = []


@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_void_p)
def on_error(session, code, message, length, user_data):
    calls.append("error")
    return 0


@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
def on_invalid_frame(session, frame, code, user_data):
    calls.append("invalid frame")
    return 0


def sent(session):
    """Returns the frames that the session has to send, as type and payload."""
    data, text, frames = ctypes.c_void_p(), b"", []
    while (count := nghttp2.nghttp2_session_mem_send(session, ctypes.byref(data))) > 0:
        text += ctypes.string_at(data, count)
    text = text.removeprefix(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    while text:
        end = 9 + int.from_bytes(text[:3], "big")
        frames.append((text[3], text[9:end]))
        text = text[end:]
    return frames


def client():
    """Returns a session that has sent a request on stream 1."""
    callbacks, session = ctypes.c_void_p(), ctypes.c_void_p()
    assert nghttp2.nghttp2_session_callbacks_new(ctypes.byref(callbacks)) == 0
    nghttp2.nghttp2_session_callbacks_set_error_callback2(callbacks, on_error)
    nghttp2.nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, on_invalid_frame)
    assert nghttp2.nghttp2_session_client_new(ctypes.byref(session), callbacks, None) == 0
    nghttp2.nghttp2_session_callbacks_del(callbacks)
    assert nghttp2.nghttp2_submit_settings(session, 0, None, ctypes.c_size_t(0)) == 0
    request = [(b":method", b"GET"), (b":scheme", b"http"), (b":path", b"/"), (b":authority", b"localhost")]
    fields = (Field * 4)(*[Field(name, value, len(name), len(value), 0) for name, value in request])
    assert nghttp2.nghttp2_submit_request(session, None, fields, ctypes.c_size_t(4), None, None) == 1
    sent(session)
    return session


def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def field(name, value):
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


data, headers, window, end_stream, end_headers = 0, 1, 8, 1, 4
status_200 = b"\x88"
cases = {
    "connection: close in a response": [frame(headers, end_headers | end_stream, 1, status_200 + field(b"connection", b"close"))],
    "a response without :status": [frame(headers, end_headers | end_stream, 1, field(b"server", b"x"))],
    "WINDOW_UPDATE beyond 2^31-1": [frame(window, 0, 1, b"\x7f\xff\xff\xff")],
    "WINDOW_UPDATE of 0": [frame(window, 0, 1, bytes(4))],
    "less data than content-length": [
        frame(headers, end_headers, 1, status_200 + field(b"content-length", b"5")),
        frame(data, end_stream, 1, b"x"),
    ],
    "DATA before HEADERS": [frame(data, end_stream, 1, b"x")],
    "DATA on an idle stream": [frame(data, 0, 3, b"x")],
    "an unknown entry of the header table": [frame(headers, end_headers | end_stream, 1, b"\xff\x7f")],
}
seen = {}
for name, frames in cases.items():
    session = client()
    calls.clear()
    for received in [frame(4, 0, 0, b""), *frames]:
        assert nghttp2.nghttp2_session_mem_recv(session, received, ctypes.c_size_t(len(received))) == len(received)
    answer = ""
    for kind, payload in sent(session):
        if kind == 3:
            answer = f"RST_STREAM {int.from_bytes(payload[:4], 'big')}"
        elif kind == 7:
            answer = f'GOAWAY {int.from_bytes(payload[4:8], "big")} "{payload[8:].decode()}"'
    nghttp2.nghttp2_session_del(session)
    seen[name] = ("error" in calls, "invalid frame" in calls, answer)
    print(f"{name}: error callback {seen[name][0]}, invalid frame {seen[name][1]}, answer {answer}")
assert list(seen.values()) == [
    (True, True, "RST_STREAM 1"),
    (False, True, "RST_STREAM 1"),
    (False, True, "RST_STREAM 3"),
    (False, True, 'GOAWAY 1 "WINDOW_UPDATE: window_size_increment == 0"'),
    (False, False, "RST_STREAM 1"),
    (False, False, 'GOAWAY 1 "DATA: stream not opened"'),
    (False, False, 'GOAWAY 1 "DATA: stream in idle"'),
    (False, False, 'GOAWAY 9 ""'),
]
PYTHON
