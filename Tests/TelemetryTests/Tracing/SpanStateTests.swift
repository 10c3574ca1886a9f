// Attributes are unique, limits keep the first and count the rest, events and links stay in order.

import Testing

@testable import Telemetry

struct SpanAttributeTests {
    @Test func settingAKeyAgainReplacesItsValueInPlace() throws {
        let finished = try Recording().finished(["a": "first", "b": 2, "c": true]) { span in
            span["a"] = "x"
            span["b"] = .string(String(repeating: "long ", count: 20))
            span.setAttribute("c", 1.5)
            span["a"] = ["list", 1]
        }
        #expect(finished.attributes.map(\.key) == ["a", "b", "c"])
        #expect(finished.attributes.map(\.value) == [["list", 1], .string(String(repeating: "long ", count: 20)), 1.5])
        #expect(finished.droppedAttributeCount == 0)
    }

    @Test func attributesBeyondTheInlineBufferAreKeptWhole() throws {
        // 640 bytes lie in the recorder itself: walk over that border byte by byte, by appending and by replacing.
        for length in (InlineItemStorage.capacity - 60)...InlineItemStorage.capacity {
            let text = AttributeValue.string(String(repeating: "x", count: length))
            let appended = try Recording().finished { $0["key"] = text }
            #expect(appended.attributes["key"] == text)
            let replaced = try Recording().finished { span in
                span["before"] = 1
                span["key"] = "short"
                span["after"] = 2
                span["key"] = text
                #expect(span["key"] == text)
                span["key"] = "short again"
                span["last"] = 3
            }
            #expect(replaced.attributes == ["before": 1, "key": "short again", "after": 2, "last": 3])
        }
    }

    @Test func randomWritesMatchADictionary() throws {
        var random = SplitMix64(seed: 21)
        for _ in 0..<200 {
            var expected: [String: AttributeValue] = [:]
            let recording = Recording(limits: SpanLimits(attributeCount: 1000))
            let finished = try recording.finished { span in
                for _ in 0..<Int.random(in: 0..<120, using: &random) {
                    let key = "k\(Int.random(in: 0..<30, using: &random))"
                    let value = AttributeValue.random(depth: 3, using: &random)
                    span[key] = value
                    expected[key] = value
                }
                for (key, value) in expected { #expect(span[key] == value) }
            }
            #expect(finished.attributes.dictionary == expected)
        }
    }

    @Test func manyAttributesAreReplacedInPlaceBetweenEvents() throws {
        var random = SplitMix64(seed: 22)
        for count in [15, 16, 17, 128, 1000] {
            var (expected, order): ([String: AttributeValue], [String]) = ([:], [])
            let recording = Recording(limits: SpanLimits(attributeCount: count))
            let finished = try recording.finished { span in
                for _ in 0..<count * 4 {
                    let key = "album.track.\(Int.random(in: 0..<count, using: &random))"
                    // Lengths of one byte and of two, so that what lies behind moves.
                    let value = AttributeValue.string(String(repeating: "x", count: Int.random(in: 0..<200, using: &random)))
                    span[key] = value
                    if expected.updateValue(value, forKey: key) == nil { order.append(key) }
                    if Int.random(in: 0..<20, using: &random) == 0 { span.addEvent("turned over", ["album.track.1": 1]) }
                }
                for (key, value) in expected { #expect(span[key] == value) }
            }
            #expect(finished.attributes.map(\.key) == order && finished.attributes.dictionary == expected)
            #expect(finished.droppedAttributeCount == 0 && !finished.events.isEmpty)
        }
    }

    @Test func spanInTheMemoryOfALargerOneHasItsOwnAttributesOnly() throws {
        let recording = Recording(limits: SpanLimits(attributeCount: 1000))
        // Sizes within the inline memory, beyond it with memory that is kept for the next span, and with memory that is not.
        for (round, count) in [100, 3, 120, 0, 300, 5, 40, 100].enumerated() {
            let finished = try recording.finished { span in
                for number in 0..<count { span["album.track.\(number)"] = .int(Int64(round)) }
                for number in stride(from: 0, to: count, by: 7) { span["album.track.\(number)"] = .string("again \(round)") }
            }
            #expect(finished.attributes.map(\.key) == (0..<count).map { "album.track.\($0)" })
            let expected = (0..<count).map { $0 % 7 == 0 ? AttributeValue.string("again \(round)") : .int(Int64(round)) }
            #expect(finished.attributes.map(\.value) == expected)
            #expect(finished.droppedAttributeCount == 0)
        }
    }

    @Test func keysWithEqualHashesAreDistinguished() throws {
        // Same length, same first, middle and last byte: only the whole keys differ.
        let keys = (100..<228).map { "a\($0)m\($0)z" }
        let finished = try Recording().finished { span in
            for (index, key) in keys.enumerated() { span[key] = AttributeValue(index) }
            for (index, key) in keys.enumerated().reversed() { span[key] = .string("v\(index)") }
        }
        #expect(finished.attributes.map(\.key) == keys)
        #expect(finished.attributes.enumerated().allSatisfy { $1.value == .string("v\($0)") })
        #expect(finished.droppedAttributeCount == 0)
    }

    @Test func countLimitKeepsTheFirstAttributesAndCountsTheRest() throws {
        let recording = Recording(limits: SpanLimits(attributeCount: 2))
        let finished = try recording.finished(["a": 1, "b": 2, "c": 3]) { span in
            span["d"] = 4
            span["a"] = 5  // Replacing is no growth.
            span.setAttributes(["b": 6, "e": 7])
        }
        #expect(finished.attributes.map(\.key) == ["a", "b"])
        #expect(finished.attributes == ["a": 5, "b": 6])
        #expect(finished.droppedAttributeCount == 3)
        #expect(try Recording(limits: SpanLimits(attributeCount: 0)).finished(["a": 1]).droppedAttributeCount == 1)
    }

    @Test func defaultAttributeLimitIs128() throws {
        let finished = try Recording().finished { span in for index in 0..<200 { span["key \(index)"] = AttributeValue(index) } }
        #expect(finished.attributes.count == 128 && finished.droppedAttributeCount == 72)
    }

    @Test func emptyKeyIsDroppedAndEmptyValueIsKept() throws {
        let finished = try Recording().finished(["": 1, "text": "", "zero": 0, "list": .array([]), "null": .empty, "no": false]) { span in
            span[""] = 2
            span.setAttribute("", 3)
            span["bytes"] = .bytes([])
            span["map"] = .map([:])
        }
        #expect(finished.attributes.map(\.key) == ["text", "zero", "list", "null", "no", "bytes", "map"])
        #expect(finished.attributes.map(\.value) == ["", 0, [], .empty, false, .bytes([]), .map([:])])
    }

    @Test func literalWithRepeatedKeysRecordsEachKeyOnce() throws {
        let finished = try Recording().finished(["a": 1, "b": 2, "a": 3, "a": "four"])
        #expect(finished.attributes.map(\.key) == ["a", "b"])
        #expect(finished.attributes["a"] == "four")
        // The bytes too hold it once.
        var keys = 0
        finished.withMessage { message in
            var reader = WireReader(message)
            while let field = try? reader.next() { keys += field.number == 9 ? 1 : 0 }
        }
        #expect(keys == 2)
    }

    @Test func keysAreComparedByTheirBytes() throws {
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        #expect(composed == decomposed, "Swift finds the texts equal; receivers do not.")
        let finished = try Recording().finished([composed: 1, decomposed: 2]) { span in
            span[composed] = 3
            span.addEvent("event", [composed: 4, decomposed: 5])
            #expect(span[decomposed] == 2)
        }
        #expect(finished.attributes.map(\.value) == [3, 2] && finished.attributes[decomposed] == 2)
        #expect(finished.events.first?.attributes.map(\.value) == [4, 5])
    }

    @Test func keysAndTextsMayHoldAnyUnicode() throws {
        let texts = ["漢字", "🎷", "\u{0}", "a b", "e\u{301}", String(repeating: "ß", count: 200)]
        let finished = try Recording().finished { span in for text in texts { span[text] = .string(text) } }
        #expect(finished.attributes.map(\.key).elementsEqual(texts) { Array($0.utf8) == Array($1.utf8) })
        #expect(finished.attributes.allSatisfy { Array($0.key.utf8) == Array(($0.value.stringValue ?? "").utf8) })
    }

    @Test func valuesOfEveryKindAreRecorded() throws {
        let attributes: Attributes = [
            "string": "text", "bool": true, "int": .int(.min), "double": 1.5, "strings": ["a", "b"], "bools": [true, false],
            "ints": [1, -1], "doubles": .array([0.5, .double(.infinity)]), "mixed": .array(["a", 1, .empty, [true]]),
            "bytes": .bytes([0, 255]),
            "map": ["a": ["b": 1.5]], "empty": .empty,
        ]
        let finished = try Recording().finished { span in
            for (key, value) in attributes { span.setAttribute(key, value) }
        }
        #expect(finished.attributes == attributes && finished.attributes.map(\.key) == attributes.map(\.key))
    }

    @Test func defaultValueDepthIs64() throws {
        func nested(_ depth: Int, _ core: AttributeValue) -> AttributeValue {
            (0..<depth).reduce(core) { value, level in level.isMultiple(of: 2) ? .array([value]) : .map(["k": value]) }
        }
        // The value that an attribute has is at depth 1: 64 arrays and maps are kept, and one more becomes an empty value.
        let finished = try Recording().finished(["kept": nested(63, [1]), "cut": nested(64, [1]), "deepText": nested(64, "text")]) { span in
            span.addEvent("event", ["cut": nested(64, [1])])
            span.addLink(.madeUp(), ["cut": nested(64, [1])])
        }
        #expect(finished.attributes == ["kept": nested(63, [1]), "cut": nested(64, .empty), "deepText": nested(64, "text")])
        #expect(finished.events.first?.attributes == ["cut": nested(64, .empty)])
        #expect(finished.links.first?.attributes == ["cut": nested(64, .empty)])
        #expect(finished.droppedAttributeCount == 0, "Nothing is dropped, only emptied.")
    }

    @Test func limitsDoNotApplyToResourceAndScope() throws {
        let attributes = Attributes((0..<200).map { (key: "key \($0)", value: .string(String(repeating: "x", count: 100))) })
        let memory = InMemorySpanExporter()
        let provider = TracerProvider(
            resource: Resource(attributes: attributes), sampler: .alwaysOn,
            limits: SpanLimits(attributeCount: 1, attributeValueLength: 1, attributeValueDepth: 1), processors: [memory], idGenerator: nil,
            clock: .system)
        provider.tracer(InstrumentationScope(name: "x", attributes: attributes)).startSpan("work", parent: .root).end()
        let span = try memory.finishedSpans.first.unwrapped()
        #expect(span.resource.attributes == attributes && span.instrumentationScope.attributes == attributes)
        let requests = RecordedResource(Resource(attributes: attributes)).encodedResource
        #expect(requests.count > 200 * 100)
    }

    @Test func settingNilChangesNothing() throws {
        let finished = try Recording().finished(["a": 1]) { span in
            span["a"] = nil as AttributeValue?
            span["b"] = nil as AttributeValue?
        }
        #expect(finished.attributes == ["a": 1])
    }

    @Test func valueLimitsApplyToSpansEventsAndLinks() throws {
        let recording = Recording(limits: SpanLimits(attributeValueLength: 3, attributeValueDepth: 1))
        let long: Attributes = ["text": "abcdef", "list": .array(["abcdef", ["deep"]]), "bytes": .bytes([1, 2, 3, 4])]
        let short: Attributes = ["text": "abc", "list": .array(["abc", .empty]), "bytes": .bytes([1, 2, 3])]
        let finished = try recording.finished(long) { span in
            span.addEvent("an event's name has no limit", long)
            span.addLink(.madeUp(), long)
        }
        #expect(finished.attributes == short)
        #expect(finished.events.map(\.attributes) == [short] && finished.links.map(\.attributes) == [short])
        #expect(finished.events.first?.name == "an event's name has no limit")
    }
}

struct SpanEventAndLinkTests {
    @Test func eventsBeyondTheLimitAreDroppedAndCounted() throws {
        let recording = Recording(limits: SpanLimits(eventCount: 2, eventAttributeCount: 1))
        let finished = try recording.finished { span in
            for index in 0..<5 { span.addEvent("event \(index)", ["a": AttributeValue(index), "b": 1, "c": 2]) }
        }
        #expect(finished.events.map(\.name) == ["event 0", "event 1"] && finished.droppedEventCount == 3)
        #expect(finished.events.map(\.attributes) == [["a": 0], ["a": 1]])
        #expect(finished.events.map(\.droppedAttributeCount) == [2, 2])
        #expect(finished.droppedAttributeCount == 0, "Dropped attributes of events count with the event.")
    }

    @Test func linksBeyondTheLimitAreDroppedAndCounted() throws {
        let recording = Recording(limits: SpanLimits(linkCount: 2, linkAttributeCount: 1))
        let link = SpanLink(.madeUp(), ["a": 1, "b": 2])
        let finished = try recording.finished(links: [link, link, link]) { $0.addLink(.madeUp()) }
        #expect(finished.links.count == 2 && finished.droppedLinkCount == 2)
        #expect(finished.links.map(\.attributes) == [["a": 1], ["a": 1]])
        #expect(finished.links.map(\.droppedAttributeCount) == [1, 1])
        #expect(finished.droppedAttributeCount == 0)
    }

    @Test func defaultEventAndLinkLimitsAre128() throws {
        let finished = try Recording().finished { span in
            for _ in 0..<130 {
                span.addEvent("event")
                span.addLink(.madeUp())
            }
        }
        #expect(finished.events.count == 128 && finished.droppedEventCount == 2)
        #expect(finished.links.count == 128 && finished.droppedLinkCount == 2)
    }

    @Test func linksAreOrderedWithThoseOfTheStartFirst() throws {
        func context(_ number: UInt64) -> SpanContext { SpanContext(traceID: TraceID(high: 0, low: 1), spanID: SpanID(number)) }
        let start = [SpanLink(context(1), ["n": 1]), SpanLink(context(2))]
        let finished = try Recording().finished(links: start) { span in
            span.addEvent("between")
            span.addLink(context(3), ["n": 3])
            span.addLink(SpanLink(context(4), ["n": 4]))
        }
        #expect(finished.links.map(\.context.spanID) == [SpanID(1), SpanID(2), SpanID(3), SpanID(4)])
        #expect(finished.links.map(\.attributes) == [["n": 1], [:], ["n": 3], ["n": 4]])
    }

    @Test func linkKeepsTheWholeContext() throws {
        let contexts = [
            SpanContext.madeUp(isSampled: true, isRemote: true, traceState: "a=1,b=2"), .madeUp(isSampled: false), .madeUp(isRemote: true),
        ]
        let finished = try Recording().finished { span in for context in contexts { span.addLink(context) } }
        #expect(finished.links.map(\.context) == contexts)
    }

    @Test func linkToAnInvalidContextIsKeptIfItHasAttributesOrATraceState() throws {
        let stateOnly = SpanContext(traceID: .invalid, spanID: .invalid, traceState: try TraceState(headerValue: "a=1").unwrapped())
        let finished = try Recording().finished(links: [SpanLink(.invalid), SpanLink(.invalid, ["why": "unknown"]), SpanLink(stateOnly)])
        #expect(finished.links.map(\.context) == [.invalid, stateOnly])
        #expect(finished.links.first?.attributes == ["why": "unknown"])
    }

    @Test func recordExceptionAddsAnEventAndTheCallersAttributesTakePrecedence() throws {
        let finished = try Recording().finished { span in
            span.recordException(NothingThere())
            span.recordException(NothingThere(), ["exception.message": "mine", "attempt": 2])
        }
        #expect(finished.events.map(\.name) == ["exception", "exception"])
        let first = try finished.events.first.unwrapped().attributes
        #expect(first["exception.type"]?.stringValue?.hasSuffix("NothingThere") == true)
        #expect(first["exception.message"] == "NothingThere()")
        let second = try finished.events.last.unwrapped().attributes
        #expect(second["exception.message"] == "mine" && second["attempt"] == 2)
        #expect(second["exception.type"] == first["exception.type"])
        #expect(finished.status == .unset, "Recording an exception leaves the status alone.")
    }
}
