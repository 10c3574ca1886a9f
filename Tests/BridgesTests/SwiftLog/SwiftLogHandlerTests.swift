// The swift-log handler: records, levels and errors.

#if SwiftLog
    import Logging
    import Synchronization
    import Testing

    @testable import Telemetry

    struct SwiftLogHandlerTests {
        @Test func recordHasScopeSeverityBodyAndAttributes() async throws {
            let recording = SwiftLogRecording()
            let record = try await recording.record { $0.warning("shelf is full", metadata: ["shelf.id": "A7"]) }
            #expect(record.instrumentationScope.name == "tests" && record.instrumentationScope.version.isEmpty)
            #expect(record.resource.attributes["service.name"] == "tests")
            #expect(record.severity == .warn && record.severityText == "warning")
            #expect(record.body == "shelf is full")
            #expect(record.attributes == ["shelf.id": "A7"])
            #expect(record.eventName == nil && record.droppedAttributeCount == 0)
        }

        @Test func observedTimeIsNowAndTimestampIsUnset() async throws {
            let recording = SwiftLogRecording()
            recording.clock.advance(by: .seconds(3))
            let record = try await recording.record { $0.info("now") }
            #expect(record.timestamp == nil)
            #expect(record.observedTimestamp.nanosecondsSinceEpoch == recording.clock.wallNanoseconds())
        }

        @Test(arguments: [
            (Logger.Level.trace, UInt8(1)), (.debug, 5), (.info, 9), (.notice, 10), (.warning, 13), (.error, 17), (.critical, 21),
        ])
        func levelMapsToLowestSeverityOfItsRangeAndItsName(level: Logger.Level, number: UInt8) async throws {
            let recording = SwiftLogRecording()
            var logger = recording.logger()
            logger.logLevel = .trace
            logger.log(level: level, "hello")
            let record = try await recording.records.last.unwrapped()
            #expect(record.severity.rawValue == number && record.severityText == "\(level)")
        }

        @Test func errorIsRecordedByTypeAndMessage() async throws {
            let recording = SwiftLogRecording()
            let record = try await recording.record { $0.error("lookup failed", error: SampleError(), metadata: ["album.id": "42"]) }
            #expect(
                record.attributes == [
                    "exception.type": "BridgesTests.SampleError", "exception.message": "the shelf is gone", "album.id": "42",
                ])
        }

        @Test func whatAnErrorSaysNeverReplacesMetadata() async throws {
            let recording = SwiftLogRecording()
            let record = try await recording.record {
                $0.error("lookup failed", error: SampleError(), metadata: ["exception.message": "shelf A7"])
            }
            #expect(record.attributes["exception.message"] == "shelf A7")
            #expect(record.attributes.count == 2)
        }

        @Test func whereInTheSourceARecordComesFromIsToldOnDemand() async throws {
            let recording = SwiftLogRecording()
            #expect(try await recording.record { $0.info("short") }.attributes.isEmpty)
            var handler = recording.handler()
            handler.recordsSourceLocation = true
            let logger = Logger(label: "tests") { _ in handler }
            logger.info("long", file: "Albums/Shelf.swift", function: "find(album:)", line: 42)
            logger.info("longer", source: "Store", file: "Albums/Shelf.swift", function: "find(album:)", line: 43)
            let records = await recording.records
            #expect(
                records[1].attributes == [
                    "code.file.path": "Albums/Shelf.swift", "code.line.number": 42, "code.function.name": "Albums.find(album:)",
                ])
            #expect(records[2].attributes["code.function.name"] == "Store.find(album:)")
        }

        @Test func logLevelAndMetadataAreValues() {
            // The test that swift-log asks all handlers to pass.
            let recording = SwiftLogRecording()
            var logger1 = recording.logger("first logger")
            logger1.logLevel = .debug
            logger1[metadataKey: "only-on"] = "first"
            var logger2 = logger1
            logger2.logLevel = .error
            logger2[metadataKey: "only-on"] = "second"
            #expect(logger1.logLevel == .debug && logger2.logLevel == .error)
            #expect(logger1[metadataKey: "only-on"] == "first" && logger2[metadataKey: "only-on"] == "second")
            logger2[metadataKey: "only-on"] = nil
            #expect(logger2.handler.metadata.isEmpty && logger1.handler.metadata == ["only-on": "first"])
        }

        @Test func infoAndAbovePassByDefault() async {
            let recording = SwiftLogRecording()
            let logger = recording.logger()
            #expect(logger.logLevel == .info)
            Logger.Level.allCases.forEach { logger.log(level: $0, "hello") }
            #expect(await recording.records.map(\.severityText) == ["info", "notice", "warning", "error", "critical"])
        }

        @Test func minimumSeverityOfConfiguratorApplies() async {
            let recording = SwiftLogRecording(configurator: .minimumSeverity(.warn, for: "quiet"))
            let (quiet, loud) = (recording.logger("quiet"), recording.logger("loud"))
            #expect(quiet.logLevel == .warning && loud.logLevel == .info)
            quiet.notice("not \(notWanted())")
            quiet.warning("heard")
            loud.info("heard as well")
            #expect(await recording.records.map(\.body) == ["heard", "heard as well"])
        }

        @Test(arguments: [false, true])
        func whileTheProgramRunsTheConfiguratorDecidesForLoggersThatLetEverythingPass(countsRecords: Bool) async {
            let recording = SwiftLogRecording(configurator: .minimumSeverity(.info), countsRecords: countsRecords)
            var logger = recording.logger()
            logger.logLevel = .trace
            logger.debug("not \(notWanted())")
            recording.provider.update(.minimumSeverity(.debug))
            #expect(logger.logLevel == .debug)
            logger.debug("heard")
            recording.provider.update(.minimumSeverity(.fatal4))
            logger.error("not \(notWanted())")
            logger.critical("made, and dropped")
            recording.provider.update(.enablingAll)
            #expect(logger.logLevel == .trace)
            #expect(await recording.records.map(\.body) == ["heard"])
        }

        @Test func everySeverityHasALevelThatIsAtLeastAsSevere() {
            let levels = (UInt8(0)...22).map { Logger.Level(atLeast: $0) }
            let expected: [(Logger.Level, Int)] = [
                (.trace, 2), (.debug, 4), (.info, 4), (.notice, 1), (.warning, 3), (.error, 4), (.critical, 5),
            ]
            #expect(levels == expected.flatMap { Array(repeating: $0.0, count: $0.1) })
        }

        @Test func afterShutdownNothingIsMadeAndNothingHappens() async {
            let recording = SwiftLogRecording()
            let logger = recording.logger()
            logger.info("before")
            _ = await recording.provider.shutdown(deadline: .after(.seconds(60)))
            logger.info("not \(notWanted())")
            logger.error("not \(notWanted())", error: SampleError(), metadata: ["key": "\(notWanted())"])
            logger.critical("last words")
            recording.logger("made afterwards").critical("as well")
            #expect(await recording.records.map(\.body) == ["before"])
        }

        @Test func recordsFromManyThreadsAllArriveWithWhatBelongsToThem() async throws {
            let recording = SwiftLogRecording()
            let shared = recording.logger()
            await withTaskGroup(of: Void.self) { group in
                for task in 0..<8 {
                    group.addTask {
                        var logger = shared
                        logger[metadataKey: "task"] = "\(task)"
                        for number in 0..<500 { logger.info("hello", metadata: ["number": .stringConvertible(task * 1000 + number)]) }
                    }
                }
            }
            let records = await recording.records
            #expect(records.count == 4000)
            var numbers: Set<Int> = []
            for record in records {
                let number = try record.attributes["number"]?.intValue.unwrapped() ?? -1
                #expect(record.attributes["task"] == .string("\(number / 1000)"))
                numbers.insert(number)
            }
            #expect(numbers.count == 4000)
        }

        private func notWanted() -> String {
            Issue.record("What is disabled is not made.")
            return ""
        }
    }
#endif
