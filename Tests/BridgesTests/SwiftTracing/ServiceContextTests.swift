// Nesting of spans of both packages in tasks of every kind.

#if SwiftTracing

    import ServiceContextModule
    import Testing
    import Tracing

    @testable import Telemetry

    /// Keeps the span of each log record.
    private struct SpanIDProbe: LogProcessor {
        let identifiers = Journal<SpanID>()

        func onEmit(_ record: inout ReadWriteLogRecord) { identifiers.note(record.spanID) }
    }

    struct ServiceContextTests {
        private let recording: DistributedRecording
        private var theirs: DistributedTracer { recording.theirs }
        private var ours: Telemetry.Tracer { recording.ours }

        init() throws {
            recording = try DistributedRecording()
        }

        /// The chain of names from a span up to its root.
        private func path(_ name: String) throws -> [String] {
            let spans = recording.spans
            var path: [String] = []
            var next = spans.first { $0.name == name }
            while let span = next {
                path.append(span.name)
                next = spans.first { $0.spanID == span.parentSpanID && $0.traceID == span.traceID }
            }
            return path
        }

        /// Whether both packages agree on which span is current.
        private func isCurrent(_ context: SpanContext) -> Bool {
            TraceSpan.current.context == context && Context.current.spanContext == context
                && ServiceContext.current?.telemetryContext.spanContext == context
        }

        @Test func ourSpanInTheirsIsItsChild() throws {
            theirs.withSpan("outer", context: .topLevel) { outer in
                #expect(isCurrent(outer.span.context))
                TraceSpan.current["seen"] = "by ours"
                ours.withSpan("inner") { inner in #expect(isCurrent(inner.context)) }
                #expect(isCurrent(outer.span.context))
            }
            #expect(try path("inner") == ["inner", "outer"])
            #expect(try recording.span(named: "outer").attributes == ["seen": "by ours"])
        }

        @Test func theirSpanInOursIsItsChild() throws {
            ours.withSpan("outer", parent: .root) { outer in
                theirs.withSpan("inner") { inner in #expect(isCurrent(inner.span.context)) }
                #expect(isCurrent(outer.context))
                theirs.activeSpan(identifiedBy: ServiceContext.current ?? .topLevel)?.attributes["seen"] = "by theirs"
            }
            #expect(try path("inner") == ["inner", "outer"])
            #expect(try recording.span(named: "outer").attributes == ["seen": "by theirs"])
        }

        @Test func levelsAlternateWithAndWithoutAwait() async throws {
            await theirs.withSpan("1", context: .topLevel) { one in
                await ours.withSpan("2") { two in
                    await Task.yield()
                    await theirs.withSpan("3") { three in
                        ours.withSpan("4") { four in
                            theirs.withSpan("5") { five in #expect(isCurrent(five.span.context)) }
                            #expect(isCurrent(four.context))
                        }
                        await Task.yield()
                        #expect(isCurrent(three.span.context))
                    }
                    #expect(isCurrent(two.context))
                }
                #expect(isCurrent(one.span.context))
            }
            #expect(try path("5") == ["5", "4", "3", "2", "1"])
        }

        @Test func childTasksAndTaskGroupsInherit() async throws {
            await ours.withSpan("root", parent: .root) { _ in
                await theirs.withSpan("request") { _ in
                    async let a: Void = ours.withSpan("async let") { _ in
                        await theirs.withSpan("below async let") { _ in await Task.yield() }
                    }
                    await withTaskGroup { group in
                        for number in 0..<8 {
                            group.addTask {
                                if number.isMultiple(of: 2) {
                                    await ours.withSpan("group \(number)") { _ in
                                        await theirs.withSpan("leaf \(number)") { _ in await Task.yield() }
                                    }
                                } else {
                                    await theirs.withSpan("group \(number)") { _ in
                                        await ours.withSpan("leaf \(number)") { _ in await Task.yield() }
                                    }
                                }
                            }
                        }
                    }
                    await a
                }
            }
            #expect(try path("below async let") == ["below async let", "async let", "request", "root"])
            for number in 0..<8 { #expect(try path("leaf \(number)") == ["leaf \(number)", "group \(number)", "request", "root"]) }
        }

        @Test func unstructuredTaskInheritsAndDetachedTaskDoesNot() async throws {
            await theirs.withSpan("outer", context: .topLevel) { _ in
                await ours.withSpan("middle") { _ in
                    await Task {
                        await theirs.withSpan("copied") { _ in await Task { ours.withSpan("copied twice") { _ in } }.value }
                    }.value
                    await Task.detached { [ours, theirs] in
                        #expect(!Context.current.spanContext.isValid && ServiceContext.current == nil)
                        ours.withSpan("detached") { _ in theirs.withSpan("below detached") { _ in } }
                    }.value
                }
            }
            #expect(try path("copied twice") == ["copied twice", "copied", "middle", "outer"])
            #expect(try path("below detached") == ["below detached", "detached"])
        }

        @Test func errorsLeaveBothAsTheyWere() async throws {
            await theirs.withSpan("outer", context: .topLevel) { outer in
                do {
                    try await ours.withSpan("ours") { _ in try await theirs.withSpan("theirs") { _ in throw NothingThere() } }
                    Issue.record("The error was lost.")
                } catch {
                    #expect(error is NothingThere)
                }
                #expect(isCurrent(outer.span.context))
            }
            #expect(try recording.span(named: "theirs").status == .error())
            #expect(try recording.span(named: "ours").status == .error("NothingThere()"))
            #expect(try recording.span(named: "outer").status == .unset)
        }

        @Test func contextCapturedInsideSpanIsItsParentElsewhere() async throws {
            await theirs.withSpan("outer", context: .topLevel) { _ in
                let taken = ours.withSpan("inner") { _ in ServiceContext.current }
                await Task.detached { [theirs, ours] in
                    theirs.withSpan("elsewhere", context: taken ?? .topLevel) { _ in }
                    ServiceContext.$current.withValue(taken) { ours.withSpan("elsewhere too") { _ in } }
                }.value
            }
            #expect(try path("elsewhere") == ["elsewhere", "inner", "outer"])
            #expect(try path("elsewhere too") == ["elsewhere too", "inner", "outer"])
        }

        @Test func explicitOrBoundOlderContextIsTheParent() throws {
            theirs.withSpan("outer", context: .topLevel) { outer in
                ours.withSpan("middle") { _ in
                    theirs.withSpan("given", context: outer.context) { _ in ours.withSpan("below given") { _ in } }
                    ServiceContext.$current.withValue(outer.context) { ours.withSpan("bound") { _ in } }
                    ServiceContext.$current.withValue(.topLevel) { ours.withSpan("top") { _ in } }
                    Context.root.run { theirs.withSpan("root") { _ in } }
                }
            }
            #expect(try path("below given") == ["below given", "given", "outer"])
            #expect(try path("bound") == ["bound", "outer"])
            #expect(try path("top") == ["top"] && path("root") == ["root"])
        }

        @Test func whatOthersKeepInTheContextStays() throws {
            var context = ServiceContext.topLevel
            context.requestID = "r1"
            theirs.withSpan("outer", context: context) { _ in
                ours.withSpan("middle") { middle in
                    #expect(ServiceContext.current?.requestID == "r1")
                    // A library that changes only what is its own does not take our span away.
                    var changed = ServiceContext.current ?? .topLevel
                    changed.requestID = "r2"
                    ServiceContext.$current.withValue(changed) {
                        #expect(isCurrent(middle.context))
                        ours.withSpan("inner") { _ in #expect(ServiceContext.current?.requestID == "r2") }
                    }
                    Context.root.run { #expect(ServiceContext.current?.requestID == "r1") }
                }
            }
            #expect(try path("inner") == ["inner", "middle", "outer"])
        }

        @Test func baggageAndValuesOfTheHostGoAlong() throws {
            let key = ContextKey("tenant", default: "none")
            Context.root.with(baggage: Baggage.empty.setting("user", to: "ada")).with("acme", for: key).run {
                theirs.withSpan("outer") { outer in
                    #expect(Context.current.baggage["user"] == "ada" && Context.current[key] == "acme")
                    #expect(outer.context.telemetryContext.baggage["user"] == "ada")
                    ours.withSpan("inner") { _ in #expect(Context.current[key] == "acme") }
                }
            }
        }

        @Test func inASuppressedContextTheirSpansAreNotRecorded() {
            Context.current.suppressed.run {
                theirs.withSpan("delivery") { span in
                    #expect(!span.isRecording && Context.current.isSuppressed)
                    ours.withSpan("delivery too") { _ in }
                }
            }
            #expect(recording.spans.isEmpty)
        }

        @Test func ourHTTPClientSpanJoinsTheirRequest() async throws {
            let request = HTTPClientRequest(method: "GET", url: "http://album-store:9080/albums/42")
            let status = await theirs.withSpan("request", context: .topLevel, ofKind: .server) { _ in
                await ours.withHTTPClientSpan(request, statusCode: { $0 }) { _ in
                    await Task.yield()
                    return 200
                }
            }
            #expect(status == 200)
            #expect(try path("GET") == ["GET", "request"])
        }

        @Test func logRecordsCarryTheSpanWhicheverPackageHasStartedIt() {
            let probe = SpanIDProbe()
            let provider = LoggerProvider(resource: .empty, processors: [probe])
            let log = provider.logger(InstrumentationScope(name: "tests"))
            var expected: [SpanID] = []
            theirs.withSpan("outer", context: .topLevel) { outer in
                log.info("in theirs")
                ours.withSpan("inner") { inner in
                    log.info("in ours")
                    expected = [outer.span.context.spanID, inner.context.spanID, outer.span.context.spanID]
                }
                log.info("in theirs again")
            }
            #expect(probe.identifiers.entries == expected)
        }

        @Test(arguments: 0..<20)
        func anyNestingIsThatOfTheCalls(seed: Int) async throws {
            await descend(SplitMix64(seed: UInt64(seed)), depth: 0, name: "0")
            for span in recording.spans where span.name != "0" {
                let parent = try recording.span(named: String(span.name[..<(span.name.lastIndex(of: ".") ?? span.name.startIndex)]))
                #expect(span.parentSpanID == parent.spanID, "\(span.name)")
            }
            #expect(recording.spans.count >= 4)
        }

        /// Starts a span below the current one by either package, and below it others, in this task and in child tasks.
        private func descend(_ numbers: SplitMix64, depth: Int, name: String) async {
            var numbers = numbers
            let children = depth == 6 ? 0 : depth == 0 ? 3 : Int.random(in: 0...2, using: &numbers)
            let below = (0..<children).map { (SplitMix64(seed: numbers.next()), "\(name).\($0)") }
            let inTasks = Bool.random(using: &numbers)
            func continued(_ context: SpanContext) async {
                #expect(isCurrent(context))
                if inTasks {
                    await withTaskGroup { group in
                        for (numbers, name) in below { group.addTask { await descend(numbers, depth: depth + 1, name: name) } }
                    }
                } else {
                    for (numbers, name) in below { await descend(numbers, depth: depth + 1, name: name) }
                }
                #expect(isCurrent(context))
            }
            if Bool.random(using: &numbers) {
                await ours.withSpan(name, parent: depth == 0 ? .root : .current) { await continued($0.context) }
            } else {
                await theirs.withSpan(name) { await continued($0.span.context) }
            }
        }
    }

#endif
