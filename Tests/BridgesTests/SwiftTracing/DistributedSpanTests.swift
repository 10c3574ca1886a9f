// The span of swift-distributed-tracing: every property is exported.

#if SwiftTracing

    import ServiceContextModule
    import Testing
    import Tracing

    @testable import Telemetry

    struct DistributedSpanTests {
        private let recording: DistributedRecording

        private struct Celsius: CustomStringConvertible, Sendable {
            let degrees: Int
            var description: String { "\(degrees) °C" }
        }

        init() throws {
            recording = try DistributedRecording()
        }

        @Test func everyKindOfAttributeIsTakenOver() throws {
            let finished = try recording.finished { span in
                span.attributes["int32"] = Int32(-1)
                span.attributes["int64"] = Int64.max
                span.attributes["float"] = Float(0.5)
                span.attributes["double"] = 1.5
                span.attributes["bool"] = true
                span.attributes["string"] = "text"
                span.attributes.set("convertible", value: .stringConvertible(Celsius(degrees: 20)))
                span.attributes["int32s"] = [Int32(1), 2]
                span.attributes["ints"] = [1, 2]
                span.attributes["doubles"] = [1.5]
                span.attributes["bools"] = [true, false]
                span.attributes["strings"] = ["a", "b"]
                span.attributes.set("convertibles", value: .stringConvertibleArray([Celsius(degrees: 1), "b"]))
                span.attributes["floats"] = [Float(0.5)]
            }
            #expect(
                finished.attributes == [
                    "int32": -1, "int64": .int(.max), "float": 0.5, "double": 1.5, "bool": true, "string": "text", "convertible": "20 °C",
                    "int32s": [1, 2], "ints": [1, 2], "doubles": [1.5], "bools": [true, false], "strings": ["a", "b"],
                    "convertibles": ["1 °C", "b"], "floats": [0.5],
                ])
            #expect(finished.droppedAttributeCount == 0)
        }

        @Test func unknownAttributeCaseIsDropped() throws {
            let finished = try recording.finished {
                $0.attributes = ["later": .__DO_NOT_SWITCH_EXHAUSTIVELY_OVER_THIS_ENUM_USE_DEFAULT_INSTEAD, "now": 1]
            }
            #expect(finished.attributes == ["now": 1])
        }

        @Test func attributesCanBeReadBackWhoeverHasSetThem() throws {
            _ = try recording.finished { span in
                span.span.setAttributes(["text": "a", "list": ["b", "c"], "mixed": ["b", 1], "bytes": .bytes([1, 2]), "map": ["k": "v"]])
                #expect(span.attributes.get("text") == .string("a") && span.attributes.get("list") == .stringArray(["b", "c"]))
                #expect(span.attributes.count == 5 && span.attributes["other"] == nil)
                // What their package has no case for survives a change of something else.
                span.updateAttributes { $0["more"] = 1 }
                #expect(span.span["mixed"] == ["b", 1] && span.span["bytes"] == .bytes([1, 2]) && span.span["map"] == ["k": "v"])
                #expect(span.span["more"] == 1)
            }
        }

        @Test func changeOfOneAttributeKeepsTheOthers() throws {
            let finished = try recording.finished { span in
                span.attributes["kept"] = 1
                let erased: any Tracing.Span = span
                erased.attributes["erased"] = 2
                // Between reading and writing somebody else records something.
                erased.updateAttributes { attributes in
                    span.span["meanwhile"] = 3
                    attributes["kept"] = 4
                }
                func change(_ attributes: inout SpanAttributes) {
                    span.span["kept"] = 5
                    attributes["in place"] = 6
                }
                change(&span.attributes)
            }
            #expect(finished.attributes == ["kept": 5, "erased": 2, "meanwhile": 3, "in place": 6])
        }

        @Test func attributeCannotBeRemoved() throws {
            let finished = try recording.finished { span in
                span.attributes["a"] = 1
                span.attributes["a"] = Int?.none
                span.attributes = ["b": 2]
            }
            #expect(finished.attributes == ["a": 1, "b": 2])
        }

        @Test func attributesGivenTogetherGoOutInTheOrderOfTheirKeys() throws {
            let finished = try recording.finished { $0.attributes = ["c": 1, "a": 2, "b": 3, "": 4] }
            #expect(finished.attributes.map(\.key) == ["a", "b", "c"])
        }

        @Test func eventsCarryTheirTimesAndAttributes() throws {
            let finished = try recording.finished { span in
                span.addEvent(SpanEvent(name: "cache miss", at: ForeignInstant(nanosecondsSinceEpoch: 77), attributes: ["key": "k"]))
                span.addEvent("plain")
            }
            #expect(finished.events.map(\.name) == ["cache miss", "plain"])
            #expect(finished.events[0].time.nanosecondsSinceEpoch == 77 && finished.events[0].attributes == ["key": "k"])
            #expect(finished.events[1].time >= finished.startTime)
        }

        @Test func linksPointToTheSpansOfTheirContexts() throws {
            let other = recording.theirs.startSpan("other", context: .topLevel)
            let finished = try recording.finished { span in
                span.addLink(SpanLink(context: other.context, attributes: ["why": "batch"]))
                span.addLink(other)
                span.addLink(SpanLink(context: .topLevel, attributes: [:]))
            }
            #expect(finished.links.map(\.context.spanID) == [other.span.context.spanID, other.span.context.spanID])
            #expect(finished.links[0].attributes == ["why": "batch"])
            other.end()
        }

        @Test func statusIsTakenOverAndOkIsFinal() throws {
            #expect(try recording.finished { $0.setStatus(.init(code: .ok, message: "ignored")) }.status == .ok)
            #expect(try recording.finished { $0.setStatus(.init(code: .error, message: "gone")) }.status == .error("gone"))
            #expect(try recording.finished { $0.setStatus(.init(code: .error)) }.status == .error())
            let finished = try recording.finished { span in
                span.setStatus(.init(code: .ok))
                span.setStatus(.init(code: .error, message: "too late"))
            }
            #expect(finished.status == .ok)
        }

        @Test func thrownErrorKeepsTheStatusMessage() throws {
            try? recording.theirs.withSpan("work") { span in
                span.setStatus(.init(code: .error, message: "the disk is full"))
                throw NothingThere()
            }
            #expect(try recording.span(named: "work").status == .error("the disk is full"))
        }

        @Test func errorsAreRecordedWithTheirAttributesAndTimes() throws {
            let finished = try recording.finished { span in
                span.recordError(NothingThere(), attributes: ["attempt": 2], at: ForeignInstant(nanosecondsSinceEpoch: 99))
                span.recordError(NothingThere())
            }
            #expect(finished.events.count == 2 && finished.status == .unset)
            #expect(finished.events[0].time.nanosecondsSinceEpoch == 99 && finished.events[0].attributes["attempt"] == 2)
            #expect(finished.events[1].attributes["exception.message"] == "NothingThere()")
        }

        @Test func nameCanBeChanged() throws {
            let finished = try recording.finished { span in
                #expect(span.operationName == "work")
                span.operationName = "GET /albums/{id}"
                #expect(span.operationName == "GET /albums/{id}")
            }
            #expect(finished.name == "GET /albums/{id}")
        }

        @Test func afterItsEndNothingChanges() throws {
            let span = recording.theirs.startSpan("ended", context: .topLevel)
            span.end()
            span.end(at: ForeignInstant(nanosecondsSinceEpoch: .max))
            span.attributes["late"] = 1
            span.attributes = ["later": 1]
            span.operationName = "renamed"
            span.recordError(NothingThere())
            span.setStatus(.init(code: .error, message: "late"))
            #expect(!span.isRecording && recording.spans.count == 1)
            let finished = try recording.span(named: "ended")
            #expect(finished.attributes.isEmpty && finished.events.isEmpty && finished.status == .unset)
            #expect(span.attributes.isEmpty && span.operationName == "ended")
        }

        @Test func unsampledSpanIgnoresCallsWithoutEvaluation() throws {
            let recording = try DistributedRecording(sampler: .alwaysOff)
            let span = recording.theirs.startSpan("work", context: .topLevel)
            func instant() -> ForeignInstant {
                Issue.record("Nobody needs the time of a span that is not recorded.")
                return ForeignInstant(nanosecondsSinceEpoch: 1)
            }
            span.attributes["a"] = 1
            span.recordError(NothingThere(), attributes: [:], at: instant())
            span.setStatus(.init(code: .error))
            span.end(at: instant())
            #expect(!span.isRecording && span.attributes.isEmpty && recording.spans.isEmpty)
        }
    }

#endif
