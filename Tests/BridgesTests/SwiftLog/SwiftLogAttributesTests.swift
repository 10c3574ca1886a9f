// Metadata of swift-log as attributes: types, nesting, order of precedence and limits.

#if SwiftLog
    import Logging
    import Synchronization
    import Testing

    @testable import Telemetry

    struct SwiftLogAttributesTests {
        @Test func numbersAndTruthValuesStayWhatTheyAre() async throws {
            let metadata: Logger.Metadata = [
                "int": .stringConvertible(-42), "int8": .stringConvertible(Int8(-8)), "int16": .stringConvertible(Int16(-16)),
                "int32": .stringConvertible(Int32(-32)), "int64": .stringConvertible(Int64.min), "uint": .stringConvertible(UInt(1)),
                "uint8": .stringConvertible(UInt8(255)), "uint16": .stringConvertible(UInt16(16)),
                "uint32": .stringConvertible(UInt32.max), "uint64": .stringConvertible(UInt64(64)),
                "double": .stringConvertible(1.5), "float": .stringConvertible(Float(0.25)), "bool": .stringConvertible(true),
            ]
            let record = try await SwiftLogRecording().record { $0.info("types", metadata: metadata) }
            let expected: Attributes = [
                "int": -42, "int8": -8, "int16": -16, "int32": -32, "int64": .int(.min), "uint": 1, "uint8": 255, "uint16": 16,
                "uint32": 4_294_967_295, "uint64": 64, "double": 1.5, "float": 0.25, "bool": true,
            ]
            #expect(record.attributes == expected)
        }

        @Test func numberBeyondInt64BecomesText() async throws {
            let metadata: Logger.Metadata = [
                "large": .stringConvertible(UInt64.max), "larger": .stringConvertible(UInt128.max), "small": .stringConvertible(Int128(7)),
            ]
            let record = try await SwiftLogRecording().record { $0.info("large", metadata: metadata) }
            #expect(
                record.attributes == [
                    "large": "18446744073709551615", "larger": "340282366920938463463374607431768211455", "small": 7,
                ])
        }

        @Test func whateverElseDescribesItselfIsText() async throws {
            let metadata: Logger.Metadata = [
                "duration": .stringConvertible(Duration.seconds(2)), "error": .stringConvertible(SampleError()),
                "text": .stringConvertible("text"), "interpolated": "\(42)", "substring": .stringConvertible("Blue Train".prefix(4)),
            ]
            let record = try await SwiftLogRecording().record { $0.info("texts", metadata: metadata) }
            #expect(
                record.attributes == [
                    "duration": "2.0 seconds", "error": "the shelf is gone", "text": "text", "interpolated": "42", "substring": "Blue",
                ])
        }

        @Test func attributeValueMetadataKeepsItsType() async throws {
            let bytes = AttributeValue.bytes([0, 1, 255])
            let record = try await SwiftLogRecording().record { $0.info("bytes", metadata: ["payload": .stringConvertible(bytes)]) }
            #expect(record.attributes == ["payload": bytes])
        }

        @Test func otherMetadataValueBecomesItsDescription() async throws {
            let value = Logger.MetadataValue.attributed("Miles", attributes: [])
            let record = try await SwiftLogRecording().record { $0.info("attributed", metadata: ["user": value]) }
            #expect(record.attributes == ["user": "Miles"])
        }

        @Test func dictionariesAreMapsAndArraysAreArraysHoweverDeep() async throws {
            let record = try await SwiftLogRecording().record {
                $0.info(
                    "nested",
                    metadata: [
                        "album": ["title": "Blue Train", "tracks": [.stringConvertible(5), ["minutes": .stringConvertible(42.8)], []]],
                        "none": [:], "empty": [],
                    ])
            }
            #expect(
                record.attributes == [
                    "album": .map(["title": "Blue Train", "tracks": [5, ["minutes": 42.8], []]]), "none": .map([:]), "empty": .array([]),
                ])
        }

        @Test func callMetadataBeatsProviderAndProviderBeatsLogger() async throws {
            let recording = SwiftLogRecording()
            let provider = Logger.MetadataProvider { ["a": "provider", "b": "provider", "d": "provider"] }
            var logger = recording.logger(metadataProvider: provider)
            logger[metadataKey: "a"] = "logger"
            logger[metadataKey: "b"] = "logger"
            logger[metadataKey: "c"] = "logger"
            logger.info("hello", metadata: ["a": "call", "e": "call"])
            logger.info("hello")
            let records = await recording.records
            #expect(records[0].attributes == ["a": "call", "b": "provider", "c": "logger", "d": "provider", "e": "call"])
            #expect(records[0].attributes.count == 5)
            #expect(records[1].attributes == ["a": "provider", "b": "provider", "c": "logger", "d": "provider"])
        }

        @Test func metadataProviderIsCalledOncePerRecordAndNotForDisabledLevels() async throws {
            let recording = SwiftLogRecording()
            let asked = SharedCount()
            let provider = Logger.MetadataProvider {
                asked.add()
                return ["request.id": "7"]
            }
            let logger = Logger(label: "tests") { recording.handler($0, metadataProvider: provider) }
            logger.debug("disabled")
            #expect(asked.value == 0)
            logger.info("enabled")
            #expect(asked.value == 1)
            #expect(try await recording.records.last.unwrapped().attributes == ["request.id": "7"])
        }

        @Test func attributeWithEmptyKeyIsDropped() async throws {
            let record = try await SwiftLogRecording().record { $0.info("hello", metadata: ["": "nothing", "key": "value"]) }
            #expect(record.attributes == ["key": "value"] && record.droppedAttributeCount == 0)
        }

        @Test func limitsOfAttributesCountForMetadataAndNotForTheMessage() async throws {
            let recording = SwiftLogRecording(limits: LogRecordLimits(attributeCount: 2, attributeValueLength: 4))
            let record = try await recording.record { $0.info("a long message", metadata: ["a": "12345", "b": "12345", "c": "12345"]) }
            #expect(record.body == "a long message")
            #expect(record.attributes.count == 2 && record.droppedAttributeCount == 1)
            #expect(record.attributes.allSatisfy { $0.value == "1234" })
        }

        @Test func limitDropsDerivedAttributesFirst() async throws {
            let recording = SwiftLogRecording(limits: LogRecordLimits(attributeCount: 2))
            let record = try await recording.record { $0.error("failed", error: SampleError(), metadata: ["a": "1", "b": "2"]) }
            #expect(record.attributes == ["a": "1", "b": "2"] && record.droppedAttributeCount == 2)
        }

        @Test func processorsSeeMetadataAndMayChangeIt() async throws {
            let recording = SwiftLogRecording(processors: [RedactingProcessor()])
            var logger = recording.logger()
            logger[metadataKey: "password"] = "from the logger"
            logger.info("login", error: SampleError(), metadata: ["password": "secret", "user": ["name": "Miles"]])
            let record = try await recording.records.last.unwrapped()
            #expect(
                record.attributes == [
                    "exception.type": "BridgesTests.SampleError", "exception.message": "the shelf is gone", "password": "***",
                    "user": ["name": "Miles"],
                ])
        }

        @Test func thousandKeysAreUnique() async throws {
            let recording = SwiftLogRecording(limits: LogRecordLimits(attributeCount: 1000))
            var logger = recording.logger()
            for number in 0..<1000 { logger[metadataKey: "key.\(number)"] = "logger" }
            let explicit = Dictionary(uniqueKeysWithValues: (0..<500).map { ("key.\($0)", Logger.MetadataValue.stringConvertible($0)) })
            logger.info("large", metadata: explicit)
            let record = try await recording.records.last.unwrapped()
            #expect(record.attributes.count == 1000 && record.droppedAttributeCount == 0)
            #expect(record.attributes["key.499"] == 499 && record.attributes["key.500"] == "logger")
        }
    }

    private struct RedactingProcessor: LogProcessor {
        func onEmit(_ record: inout ReadWriteLogRecord) {
            if record.attributes["password"] == "secret" { record.attributes["password"] = "***" }
        }
    }

    private final class SharedCount: Sendable {
        private let count = Mutex(0)
        var value: Int { count.withLock { $0 } }
        func add() { count.withLock { $0 += 1 } }
    }
#endif
