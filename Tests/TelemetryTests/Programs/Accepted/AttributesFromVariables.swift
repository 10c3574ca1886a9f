// Attributes from variables of every convertible type, in every place that takes attributes.

import Telemetry

enum Tier: String, AttributeValueConvertible { case free, paid }

struct Money: AttributeValueConvertible {
    var cents: Int
    var attributeValue: AttributeValue? { .double(Double(cents) / 100) }
}

struct User {
    var id = 7
    var name: String? = "someone"
    var tags = ["a", "b"]
    var ratio = 0.5
    var isNew = true
    var tier = Tier.paid
    var balance = Money(cents: 150)
}

func trace(_ tracer: Tracer, _ user: User) async throws {
    let shared: Attributes = ["user.id": user.id, "tier": user.tier, "fixed": "text"]
    tracer.startSpan("a", ["user.id": user.id, "tags": user.tags, "fixed": 1]).end()
    tracer.startSpan("b", kind: .server, parent: .root, ["name": user.name], links: [], startTime: nil).end()
    tracer.startSpan("c", shared).end()
    tracer.withSpan("d", ["tier": user.tier]) { span in
        span["ratio"] = user.ratio
        span["name"] = user.name
        span["balance"] = user.balance
        span["literal"] = "text"
        span["count"] = 3
        span["list"] = ["a", 1, true]
        span["wrapped"] = .int(4)
        span.setAttribute("new", user.isNew)
        span.setAttributes(["id": user.id, "literal": 1])
        span.addEvent("happened", ["id": user.id])
        span.addLink(span.context, ["id": user.id])
        span.recordException(CancellationError(), ["id": user.id])
        let copy: AttributeValue? = span["ratio"]
        _ = copy
    }
    let length = await tracer.withSpan("e", kind: .client, ["id": user.id, "map": ["k": user.ratio]]) { _ in
        await Task.yield()
        return 3
    }
    try await tracer.withSpan("f", kind: .client, ["length": length], links: [], startTime: nil) { _ in
        try Task.checkCancellation()
        await Task.yield()
    }
}

func log(_ log: TelemetryLogger, _ user: User) {
    log.info("plain")
    log.info("literal", ["a": 1, "b": ["x", 1]])
    log.warn("variables", ["user": user.name, "tier": user.tier], eventName: "user.seen")
    log.log(.error, "failed", ["id": user.id], exception: CancellationError())
    log.emit(LogRecord(user.name, attributes: ["id": user.id]))
    log.emit(LogRecord(["id": 1, "text": "b"], attributes: ["id": 1]))
    log.emit(LogRecord())
}

func measure(_ meter: Meter, _ user: User) {
    let counter = meter.counter("a")
    counter.add(1)
    counter.add(1, ["tier": "free"])
    counter.add(1, ["tier": user.tier, "id": user.id], context: .root)
    counter.bind(["tier": user.tier]).add(1)
    let histogram = meter.histogram("b", of: Double.self, unit: "s")
    histogram.record(0.5, ["tier": user.tier])
    let gauge = meter.observableGauge("c") { observer in observer.observe(1, ["tier": user.tier]) }
    _ = gauge
}

func describe(_ host: String, _ port: UInt16) -> Resource {
    var attributes: Attributes = ["host.name": host, "server.port": port, "note": .string("wrapped")]
    attributes["host.id"] = host.first
    attributes["bytes"] = [1, 2, 3] as [UInt8]
    attributes["literal"] = "text"
    attributes["none"] = nil
    return Resource(attributes: attributes)
}

func mixed(_ tracer: Tracer, _ log: TelemetryLogger, _ counter: Counter<Int>, _ span: TraceSpan, _ user: User) async {
    tracer.startSpan("a", ["list": .array([user.id, user.name, "text", true]), "id": user.id]).end()
    tracer.withSpan("b", ["map": .map(["id": user.id, "name": user.name, "tier": user.tier])]) { _ in }
    await tracer.withSpan("c", ["list": .array([1, "two"]), "nested": .array([.map(["id": user.id, "n": 1]), user.tags])]) { _ in
        await Task.yield()
    }
    span["list"] = .array([user.id, user.tier])
    span["constants"] = .array([1, "two"])
    let value: AttributeValue = .map(["id": user.id, "ratio": user.ratio])
    let wrapped: [AttributeValue] = [value, 1]
    log.info("d", ["value": value, "wrapped": .array(wrapped), "slice": user.tags[0...]])
    counter.add(1, ["list": .array([user.id, user.name])])
    let dynamic: [String: any AttributeValueConvertible] = ["id": user.id, "name": user.name]
    span.setAttributes(Attributes(dynamic))
    span.setAttributes(Attributes(user.tags.reduce(into: [:]) { $0[$1] = user.id }))
}

func alone(_ span: TraceSpan, _ ending: borrowing EndingSpan, _ user: User, _ count: Int) -> Attributes {
    span["list"] = [user.id, user.name, "text", true]
    span["map"] = ["id": user.id, "name": user.name]
    span["texts"] = [user.name, "text"]
    span.setAttribute("list", [user.id, user.name])
    span.setAttribute("map", ["id": user.id, "name": user.name])
    span.setAttribute("constants", [1, "two"])
    ending["list"] = [user.id, user.tier]
    ending.setAttribute("list", [user.id, user.tier])
    var attributes: Attributes = ["count": .int(count), "text": .string(user.tier.rawValue), "other": user.id]
    attributes["list"] = [count, user.balance]
    attributes["map"] = ["id": count, "name": user.name]
    attributes["count"] = .int(count)
    let value = AttributeValue.int(count)
    let values: [AttributeValue] = [value, .int(count), .int(3), .int(Int64(count))]
    attributes["values"] = .array(values)
    span.setAttributes(["count": .int(count), "constant": .int(3)])
    span.setAttributes([
        "least": .int(.min), "port": .int(UInt16(80)), "wide": .int(Int64.max), "id": user.id, "list": .array([.int(count), 3]),
    ])
    return attributes
}

func getters(_ attributes: Attributes, _ count: Int, _ name: String) -> Bool {
    let number: Int? = attributes["count"]?.intValue
    let list: [AttributeValue] = attributes["list"]?.arrayValue ?? []
    let map: [String: AttributeValue] = attributes["map"]?.mapValue ?? [:]
    let bytes: [UInt8]? = attributes["bytes"]?.bytesValue
    return number == count && list.count == 2 && map["id"]?.intValue == count && bytes == nil && attributes["list"] == [count, name]
        && attributes["map"] == ["id": count, "name": name] && attributes["list"] == ["a", 1] && attributes["name"] == .string(name)
        && attributes["count"] == .int(count) && attributes["texts"] == ["a", "b"] && attributes["texts"] == [name, name]
        && attributes["map"] == ["k": name] && attributes["list"] != [count, name] && attributes["list"] != [1, 2] && attributes["a"] != nil
}

func read(_ span: ReadableSpan, _ metrics: InMemoryMetricExporter, _ count: Int, _ ratio: Double) -> Bool {
    span.attributes["id"] == AttributeValue(count) && metrics.value(of: "a") == MetricNumber(count)
        && metrics.value(of: "b") == MetricNumber(ratio)
}

func baggage(_ telemetry: TelemetrySystem, _ headers: [String: [String]]) -> Context {
    let received = telemetry.propagator.extract(from: headers, into: .root)
    var baggage: Baggage = ["tenant": "a", "plan": "gold"]
    baggage["plan"] = received.baggage["plan"]
    return received.with(baggage: baggage)
}

func attributesAreCompared(_ first: ReadableSpan, _ second: ReadableSpan, _ others: Attributes, _ name: String, _ count: Int) -> [Bool] {
    [
        first.traceID == second.traceID && first.attributes["user.id"] == second.attributes["user.id"],
        first.attributes["user.id"] != others["user.id"] || first.attributes["x"] == others["y"] && count > 1,
        others["a"] == "b" && first.attributes["n"] == 1 && first.attributes["x"] == nil,
        first.attributes["texts"] == ["a", "b"] && first.attributes["list"] == [name, count],
        first.attributes["map"] == ["n": count, "name": name] && others["n"] == .int(count),
    ]
}

func attributesOfRunningSpansAreCompared(_ first: TraceSpan, _ second: TraceSpan, _ all: [TraceSpan], _ key: String) -> [Bool] {
    let known: AttributeValue? = first["user.id"]
    if first["user.id"] == second["user.id"] { return [] }
    precondition(first["user.id"] != second["user.name"])
    return [
        first["user.id"] == second["user.id"], (first["a"] as AttributeValue?) == second["a"], known == second["user.id"],
        all[0]["a"] == all[1]["a"] && first[key] == second[key], first["a"] == second.attributes["a"], first.attributes.keys == [key],
    ]
}
