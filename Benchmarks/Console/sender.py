#!/usr/bin/env python3
"""Sends spans to an OTLP/HTTP receiver and counts the answers: `sender.py HOST:PORT SPANS-A-SECOND SECONDS CONNECTIONS [SPANS]`.

A rate of 0 is as fast as the receiver answers. Prints `sent refused seconds slowest`, of which refused counts the spans that the receiver did not take.
With SPANS it ends after so many.
"""

import concurrent.futures
import re
import socket
import sys
import threading
import time

from requests import SpanRequest

PER_REQUEST = 1_000


class Connection:
    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.head = f"POST /v1/traces HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/x-protobuf\r\nContent-Length: "

    def send(self, body):
        """Sends a request; returns whether it was taken whole."""
        self.socket.sendall(f"{self.head}{len(body)}\r\n\r\n".encode())
        self.socket.sendall(body)
        answer = b""
        while (end := answer.find(b"\r\n\r\n")) < 0:
            part = self.socket.recv(65536)
            if not part:
                raise ConnectionError("the receiver has closed the connection")
            answer += part
        length = int(re.search(rb"(?i)\r\ncontent-length: *(\d+)", answer)[1])
        while len(answer) < end + 4 + length:
            answer += self.socket.recv(65536)
        # A partial success has a number and a reason; an empty one is no body, or this.
        return answer.split(b" ", 2)[1] == b"200" and answer[end + 4:] in (b"", b"\x0a\x00")


class Sender:
    def __init__(self, address, rate, seconds, connections, spans):
        self.address, self.rate, self.connections = address, rate, connections
        self.spans = spans or sys.maxsize
        self.lock = threading.Lock()
        self.sequence = self.sent = self.refused = 0
        self.slowest = 0.0
        self.begin = time.monotonic()
        self.until = self.begin + seconds

    def next(self):
        """Returns the number of the next request once it is due; None at the end."""
        with self.lock:
            if self.sequence * PER_REQUEST >= self.spans:
                return None
            self.sequence += 1
            mine = self.sequence
        due = self.begin + (mine - 1) * PER_REQUEST / self.rate if self.rate else 0
        if due >= self.until or time.monotonic() >= self.until:
            return None
        if (wait := due - time.monotonic()) > 0:
            time.sleep(wait)
        return mine

    def work(self, seed):
        connection = Connection(self.address)
        request = SpanRequest(PER_REQUEST, seed)
        while (mine := self.next()) is not None:
            body = request.renew(time.time_ns() // 1000 + mine)
            before = time.monotonic()
            taken = connection.send(body)
            spent = time.monotonic() - before
            with self.lock:
                self.sent += PER_REQUEST
                self.refused += 0 if taken else PER_REQUEST
                self.slowest = max(self.slowest, spent)

    def run(self):
        with concurrent.futures.ThreadPoolExecutor(self.connections) as threads:
            for done in [threads.submit(self.work, seed) for seed in range(self.connections)]:
                done.result()
        return self.sent, self.refused, time.monotonic() - self.begin, self.slowest


if __name__ == "__main__":
    spans = int(sys.argv[5]) if len(sys.argv) > 5 else None
    print(*Sender(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), spans).run())
