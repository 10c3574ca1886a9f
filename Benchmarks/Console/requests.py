"""OTLP requests in protobuf for the benchmark of the console, made once and then changed in place where a sender's would differ."""

import random
import struct
import time

SPANS_PER_TRACE = 10
SERVICES = ("proxy", "album-store", "auth", "ledger")
ROUTES = ("/albums/:id", "/albums", "/auth/login", "/tweet/:id", "/events")


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def number(number_, value):
    return varint(number_ << 3) + varint(value)


def fixed(number_, value):
    return varint(number_ << 3 | 1) + struct.pack("<Q", value)


def double(number_, value):
    return varint(number_ << 3 | 1) + struct.pack("<d", value)


def attribute(key, value):
    content = number(3, value) if isinstance(value, int) else field(1, value.encode())
    return field(1, key.encode()) + field(2, content)


def resource(service):
    pairs = {"service.name": service, "service.namespace": "bench", "service.instance.id": f"{service}-1", "telemetry.sdk.language": "swift"}
    return field(1, b"".join(field(1, attribute(key, value)) for key, value in pairs.items()))


class SpanRequest:
    """A request with spans of four services in traces of ten, of which the identifiers and times are written anew before each sending."""

    def __init__(self, spans, seed):
        self.count = spans
        generator = random.Random(seed)
        by_service = {service: [] for service in SERVICES}
        for index in range(spans):
            by_service[SERVICES[index % len(SERVICES)]].append(self.span(index, generator))
        body = b""
        for service, messages in by_service.items():
            scope = field(1, field(1, b"bench.http") + field(2, b"1.0.0"))
            body += field(1, resource(service) + field(2, scope + b"".join(field(2, message) for message in messages)))
        self.body = bytearray(body)
        # With the number of the trace in this request, which stands before it.
        self.traces = [(at, int.from_bytes(self.body[at - 8:at], "big")) for at in self.places(b"TRACELOW")]
        self.starts = self.places(b"\xf1STARTED")
        self.ends = self.places(b"\xf2ENDEDAT")
        self.renewed = 0

    @staticmethod
    def span(index, generator):
        trace = struct.pack(">Q", index // SPANS_PER_TRACE + 1) + b"TRACELOW"
        own = struct.pack(">Q", index + 1)
        route = generator.choice(ROUTES)
        status = generator.choices((200, 404, 500), (97, 2, 1))[0]
        attributes = {
            "http.request.method": generator.choice(("GET", "POST")), "http.route": route, "http.response.status_code": status,
            "url.path": route.replace(":id", str(generator.randrange(10_000))), "server.address": "127.0.0.1", "server.port": 9080}
        parent = b"" if index % SPANS_PER_TRACE == 0 else field(4, struct.pack(">Q", index))
        return (
            field(1, trace) + field(2, own) + parent + field(5, f"GET {route}".encode()) + number(6, 2 + index % 2)
            + varint(7 << 3 | 1) + b"\xf1STARTED" + varint(8 << 3 | 1) + b"\xf2ENDEDAT"
            + b"".join(field(9, attribute(key, value)) for key, value in attributes.items())
            + (field(15, number(3, 2)) if status == 500 else b""))

    def places(self, mark):
        found, at = [], self.body.find(mark)
        while at >= 0:
            found.append(at)
            at = self.body.find(mark, at + 8)
        assert len(found) == self.count, (mark, len(found))
        return found

    def renew(self, sequence):
        """Makes the spans those of other traces. Their times are those of now, or of 200 ms ago at most: writing them anew takes the sender longest."""
        first = sequence * 0x9E3779B97F4A7C15
        lows = [struct.pack(">Q", (first + trace * 0xD1B54A32D192ED03) % (1 << 64)) for trace in range(self.count // SPANS_PER_TRACE + 2)]
        body = self.body
        for at, trace in self.traces:
            body[at:at + 8] = lows[trace]
        now = time.time_ns()
        if now - self.renewed > 200_000_000:
            self.renewed = now
            pack = struct.Struct("<Q").pack_into
            for index, (start, end) in enumerate(zip(self.starts, self.ends)):
                began = now - 200_000_000 + index * 1_000
                pack(body, start, began)
                pack(body, end, began + 1_000_000 + (index * 95_000 + sequence * 7_919) % 95_000_000)
        return body


def metric_request(name, series, at):
    """One point at a time of each of so many series of a counter, with ten hosts and their routes."""
    points = b""
    for index in range(series):
        pairs = {"host": f"host-{index % 10}", "route": f"/route/{index // 10}"}
        point = b"".join(field(7, attribute(key, value)) for key, value in pairs.items())
        points += field(1, point + fixed(2, (at - at % 3_600) * 1_000_000_000) + fixed(3, at * 1_000_000_000) + double(4, float(at % 3_600 * (index + 1))))
    metric = field(1, name.encode()) + field(3, b"1") + field(7, points + number(2, 2) + number(3, 1))
    return field(1, resource("bench") + field(2, field(1, field(1, b"bench")) + field(2, metric)))
