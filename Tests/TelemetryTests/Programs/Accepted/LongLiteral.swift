// Twenty entries of all kinds, in spans, logs and metrics: each literal is type-checked within the time that the test allows.

import Telemetry

func twenty(_ tracer: Tracer, _ id: Int, _ name: String?, _ ratio: Double, _ tags: [String], _ isOn: Bool) {
    let span = tracer.startSpan(
        "twenty",
        [
            "a": id, "b": name, "c": ratio, "d": tags, "e": isOn, "f": 1, "g": "text", "h": 1.5, "i": true, "j": [1, 2], "k": id + 1,
            "l": "text \(id)", "m": ratio * 2, "n": tags.count, "o": !isOn, "p": name?.count, "q": ["a": 1], "r": .int(3), "s": -1,
            "t": "end",
        ])
    span.end()
    tracer.withSpan(
        "literals",
        [
            "a": 1, "b": "text", "c": 1.5, "d": ["x", 1], "e": true, "f": 1, "g": "text", "h": 1.5, "i": true, "j": [1, 2], "k": 2,
            "l": "a\(1)", "m": 2.5, "n": 3, "o": false, "p": 4, "q": ["a": 1, "b": "c"], "r": .int(3), "s": -1, "t": "end",
        ]
    ) { _ in }
}

func twenty(_ log: TelemetryLogger, _ id: Int, _ name: String?, _ ratio: Double, _ tags: [String], _ isOn: Bool) {
    log.info(
        "twenty",
        [
            "a": id, "b": name, "c": ratio, "d": tags, "e": isOn, "f": 1, "g": "text", "h": 1.5, "i": true, "j": [1, 2], "k": id + 1,
            "l": "text \(id)", "m": ratio * 2, "n": tags.count, "o": !isOn, "p": name?.count, "q": ["a": 1], "r": .int(3), "s": -1,
            "t": "end",
        ])
}

func twenty(_ counter: Counter<Int>, _ id: Int, _ name: String?, _ ratio: Double, _ tags: [String], _ isOn: Bool) {
    counter.add(
        1,
        [
            "a": id, "b": name, "c": ratio, "d": tags, "e": isOn, "f": 1, "g": "text", "h": 1.5, "i": true, "j": [1, 2], "k": id + 1,
            "l": "text \(id)", "m": ratio * 2, "n": tags.count, "o": !isOn, "p": name?.count, "q": ["a": 1], "r": .int(3), "s": -1,
            "t": "end",
        ])
}

func twenty(_ id: Int, _ name: String, _ ratio: Double, _ tags: [String], _ isOn: Bool) -> Attributes {
    [
        "a": id, "b": name, "c": ratio, "d": tags, "e": isOn, "f": id, "g": name, "h": ratio, "i": isOn, "j": tags, "k": id, "l": name,
        "m": ratio, "n": tags, "o": isOn, "p": id, "q": name, "r": ratio, "s": isOn, "t": tags,
    ]
}
