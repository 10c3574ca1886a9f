#!/usr/bin/env python3
"""A server that does nothing but answer `GET /`: `reference.py PORT`. Its latency is the unit of perf.py."""

import socket
import sys
import threading

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nOK\n"


def serve(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        while connection.recv(1 << 16):
            connection.sendall(ANSWER)


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=16)
while True:
    accepted, _ = listener.accept()
    threading.Thread(target=serve, args=(accepted,), daemon=True).start()
