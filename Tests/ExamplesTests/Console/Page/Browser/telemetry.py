"""Makes the telemetry that the tests look for, some of it hostile, and sends it as OTLP/JSON."""

import json
import random
import time
import urllib.request

MS = 1_000_000
EVIL = "<script>window.ran = 1</script><img src=x onerror=\"window.ran = 2\">"
SERVICES = ("proxy", "album-store", "auth")


def value(content):
    if isinstance(content, bool):
        return {"boolValue": content}
    if isinstance(content, int):
        return {"intValue": str(content)}
    if isinstance(content, float):
        return {"doubleValue": content}
    if isinstance(content, list):
        return {"arrayValue": {"values": [value(item) for item in content]}}
    if isinstance(content, dict):
        return {"kvlistValue": {"values": attributes(content)}}
    return {"stringValue": content}


def attributes(pairs):
    return [{"key": key, "value": value(content)} for key, content in pairs.items()]


def resource(service):
    return {"attributes": attributes({"service.name": service, "service.namespace": "test", "service.instance.id": f"{service}-1"})}


class Source:
    """Sends to one console; identifiers come from a seed."""

    def __init__(self, url, seed=7):
        self.url = url
        self.random = random.Random(seed)
        self.now = time.time_ns()

    def identifier(self, bytes_):
        return "".join(self.random.choice("0123456789abcdef") for _ in range(bytes_ * 2))

    def post(self, signal, body):
        return json.loads(self.send(signal, json.dumps(body).encode(), "application/json"))

    def send(self, signal, data, type_):
        request = urllib.request.Request(f"{self.url}/v1/{signal}", data, {"Content-Type": type_})
        with urllib.request.urlopen(request, timeout=120) as response:
            return response.read()

    def span(self, trace, parent, name, kind, start, length, status=0, message="", events=(), links=(), **pairs):
        return {
            "traceId": trace, "spanId": self.identifier(8), "parentSpanId": parent, "name": name, "kind": kind, "startTimeUnixNano": str(start),
            "endTimeUnixNano": str(start + length) if length else "0", "status": {"code": status, "message": message},
            "attributes": attributes({key.replace("__", "."): content for key, content in pairs.items()}), "events": list(events), "links": list(links),
        }

    def send_spans(self, spans):
        """Sends spans that are given by service."""
        self.post("traces", {"resourceSpans": [
            {"resource": resource(service), "scopeSpans": [{"scope": {"name": "test.http", "version": "1.2.3"}, "spans": list_}]} for service, list_ in spans.items()]})

    def send_logs(self, service, *records):
        """Sends records that are given as (time, severity, body, trace, span)."""
        self.post("logs", {"resourceLogs": [{"resource": resource(service), "scopeLogs": [{"scope": {"name": "test.log"}, "logRecords": [
            {"timeUnixNano": str(at), "severityNumber": severity, "severityText": text, "body": value(body), "traceId": trace, "spanId": span,
             "attributes": attributes({"latency": 0.25})} for at, severity, text, body, trace, span in records]}]}]})

    def call(self, start, length, status=200, links=()):
        """A request of the proxy that the album store answers from its database; returns its trace and spans."""
        trace = self.identifier(16)
        failed = 2 if status >= 400 else 0
        root = self.span(trace, "", "GET /albums/:id", 2, start, length, failed, http__route="/albums/:id", http__response__status_code=status, links=links)
        client = self.span(trace, root["spanId"], "GET", 3, start + length // 10, length * 8 // 10, failed, server__address="album-store")
        event = {"timeUnixNano": str(start + length // 3), "name": "exception", "attributes": attributes({"exception.message": "Album [666] not found"})}
        server = self.span(
            trace, client["spanId"], "GET /albums/:id", 2, start + length // 5, length * 6 // 10, failed, http__route="/albums/:id",
            http__response__status_code=status, events=[event] if failed else [])
        query = self.span(trace, server["spanId"], "SELECT albums", 3, start + length // 4, length * 4 // 10, db__system__name="sqlite", db__namespace="albums")
        self.send_spans({"proxy": [root, client], "album-store": [server, query]})
        body, severity = (("Album [666] not found", (13, "WARN")) if failed else ("request answered", (9, "INFO")))
        self.send_logs("album-store", (start + length // 3, *severity, body, trace, server["spanId"]))
        return trace, [root, client, server, query]

    def send_usual(self):
        """Forty requests, of which one is slow and leads by a link to another, and one fails; returns the traces of these three."""
        for index in range(40):
            self.call(self.now - (50 - index) * 1000 * MS, (3 + index % 5) * MS)
        target, _ = self.call(self.now - 9000 * MS, 4 * MS)
        failed, _ = self.call(self.now - 8000 * MS, 6 * MS, status=500)
        link = {"traceId": target, "spanId": self.identifier(8), "attributes": attributes({"reason": "retry"})}
        slow, spans = self.call(self.now - 7000 * MS, 800 * MS, links=[link])
        self.send_metrics(slow, spans[0]["spanId"])
        return slow, failed, target

    def send_metrics(self, trace, span):
        bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0]
        for step in range(12):
            at = self.now - (11 - step) * 5000 * MS
            counts = [0, 3 * step, 12 * step, 4 * step, step, 0, 0, 0, 0, 1 if step > 8 else 0, 0]
            point = {
                "startTimeUnixNano": str(self.now - 120_000 * MS), "timeUnixNano": str(at), "count": str(sum(counts)), "sum": 0.006 * sum(counts),
                "explicitBounds": bounds, "bucketCounts": [str(count) for count in counts], "attributes": attributes({"http.route": "/albums/:id", "http.request.method": "GET"}),
                "exemplars": [{"timeUnixNano": str(at), "asDouble": 0.8, "traceId": trace, "spanId": span}] if step == 10 else [],
            }
            total = {"startTimeUnixNano": str(self.now - 120_000 * MS), "timeUnixNano": str(at), "asInt": str(step * 20), "attributes": attributes({"limit": "rate"})}
            self.post("metrics", {"resourceMetrics": [{"resource": resource("proxy"), "scopeMetrics": [{"scope": {"name": "test.http"}, "metrics": [
                {"name": "http.server.request.duration", "unit": "s", "description": "Duration of HTTP server requests.", "histogram": {"aggregationTemporality": 2, "dataPoints": [point]}},
                {"name": "requests.accepted", "unit": "{request}", "sum": {"aggregationTemporality": 2, "isMonotonic": True, "dataPoints": [total]}}]}]}]})

    def send_hostile(self):
        """One trace that would run, break out or mislead wherever text is not treated as text; returns it."""
        trace = self.identifier(16)
        start = self.now - 5000 * MS
        event = {"timeUnixNano": str(start + 10 * MS), "name": EVIL, "attributes": attributes({EVIL: EVIL})}
        root = self.span(trace, "", EVIL, 2, start, 50 * MS, 2, EVIL, events=[event])
        root["attributes"] = attributes({
            EVIL: EVIL, "big": "x" * (1 << 20), "ansi": "\u001b[31mred\u001b[0m", "largest": (1 << 63) - 1, "least": -(1 << 63), "turned": "abc\u202edef",
            "nested": {"list": [1, True, {"deep": EVIL}]}, "javascript": "javascript:window.ran = 3"})
        client = self.span(trace, root["spanId"], "client", 3, start + 5 * MS, 20 * MS)
        skewed = self.span(trace, client["spanId"], "server with a clock that is late", 2, start - 3 * MS, 18 * MS)
        orphan = self.span(trace, "f" * 16, "orphan", 1, start + 30 * MS, 5 * MS)
        first = self.span(trace, "", "circle one", 1, start + 35 * MS, 5 * MS)
        second = self.span(trace, first["spanId"], "circle two", 1, start + 36 * MS, 2 * MS)
        first["parentSpanId"] = second["spanId"]
        own = self.span(trace, "", "its own parent", 1, start + 37 * MS, 2 * MS)
        own["parentSpanId"] = own["spanId"]
        late = self.span(trace, root["spanId"], "far ahead", 1, start + 10**18, 5 * MS)
        self.send_spans({"proxy": [root, client, orphan, first, second, own, late], "album-store": [skewed], EVIL: [self.span(trace, root["spanId"], "in a service of that name", 1, start, MS)]})
        self.send_logs("proxy", (start + 10 * MS, 17, EVIL, EVIL + "\u001b[31m", trace, root["spanId"]))
        return trace

    def send_large(self, count=10_000):
        """A trace of many spans, in protobuf, since JSON of so many takes long to write and to read; returns it."""
        trace = self.identifier(16)
        start = self.now - 20_000 * MS
        spans = [(self.random.randbytes(8), b"", start, 10_000 * MS, b"batch import")]
        names = (b"parse row", b"validate", b"INSERT rows")
        for index in range(1, count):
            parent = spans[self.random.randrange(max(0, index - 30), index)]
            length = max(1000, int(parent[3] * self.random.uniform(0.2, 0.9)))
            at = parent[2] + self.random.randrange(max(1, parent[3] - length + 1))
            spans.append((self.random.randbytes(8), parent[0], at, length, names[index % 3]))
        head = field(1, bytes.fromhex(trace))
        messages = [
            field(2, head + field(2, own) + (field(4, parent) if parent else b"") + field(5, name) + b"\x30\x01" + fixed(7, at) + fixed(8, at + length)
                  + field(9, field(1, b"row") + field(2, b"\x18" + varint(index))))
            for index, (own, parent, at, length, name) in enumerate(spans)]
        service = field(1, field(1, b"service.name") + field(2, field(1, b"auth")))
        for place in range(0, count, 5000):
            scope = field(1, field(1, b"test.http")) + b"".join(messages[place:place + 5000])
            self.send("traces", field(1, field(1, service) + field(2, scope)), "application/x-protobuf")
        return trace


def varint(number):
    content = bytearray()
    while number >= 0x80:
        content.append(number & 0x7F | 0x80)
        number >>= 7
    content.append(number)
    return bytes(content)


def field(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def fixed(number, value):
    return varint(number << 3 | 1) + value.to_bytes(8, "little")
