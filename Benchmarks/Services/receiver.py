#!/usr/bin/env python3
"""An OTLP/HTTP receiver that reads every request whole, accepts it, and counts: `receiver.py PORT COUNTS-FILE`.

It decodes nothing and has the system drop bodies instead of copying them, so that it takes little of the processor that it shares with the load.
"""

import pathlib
import re
import socket
import sys
import threading

# On Linux the bytes of a TCP socket are then counted and not copied. (tcp(7), "MSG_TRUNC".)
DROPPED = socket.MSG_TRUNC if sys.platform == "linux" else 0

counts = {}
lock = threading.Lock()


def count(path, size):
    with lock:
        requests, total = counts.get(path, (0, 0))
        counts[path] = (requests + 1, total + size)
        lines = "".join(f"{name} {requests} {total}\n" for name, (requests, total) in counts.items())
    counts_file.write_text(lines)


def serve(connection):
    buffer = bytearray()
    scratch = bytearray(1 << 18)
    view = memoryview(scratch)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        while True:
            while (end := buffer.find(b"\r\n\r\n")) < 0:
                received = connection.recv_into(view)
                if received == 0:
                    return
                buffer += view[:received]
            head = bytes(buffer[:end])
            length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
            size = int(length[1]) if length else 0
            left = size - (len(buffer) - end - 4)
            del buffer[: min(len(buffer), end + 4 + size)]
            while left > 0:
                received = connection.recv_into(view, min(left, len(scratch)), DROPPED)
                if received == 0:
                    return
                left -= received
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n")
            count(head.split(b" ", 2)[1].decode(), size)


counts_file = pathlib.Path(sys.argv[2])
listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=64)
while True:
    accepted, _ = listener.accept()
    threading.Thread(target=serve, args=(accepted,), daemon=True).start()
