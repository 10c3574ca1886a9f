// Twenty entries of all kinds: the type checker takes a literal of this length in its stride.

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
