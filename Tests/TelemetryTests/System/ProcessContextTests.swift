// The resource as readers outside of the process find it: by `/proc/<pid>/maps` and the memory of the process.

import Glibc
import Testing

@testable import Telemetry

#if os(Linux)
    @Suite(.serialized) struct ProcessContextTests {
        @Test func resourceIsFoundByTheReadingProtocol() throws {
            #expect(try system("shop").publishProcessContext())
            let context = try #require(try OutsideReader().read())
            // ProcessContext { resource { attributes { key: "service.name" value { string_value: "shop" } } } }
            let expected: [UInt8] =
                [0x0A, 24, 0x0A, 22, 0x0A, 12] + Array("service.name".utf8) + [0x12, 6, 0x0A, 4] + Array("shop".utf8)
            #expect(context.payload == expected)
        }

        @Test func publishingAgainReplacesTheContextInTheSameMapping() throws {
            #expect(try system("first").publishProcessContext())
            let first = try #require(try OutsideReader().read())
            #expect(try system("a second service with a longer name").publishProcessContext())
            let second = try #require(try OutsideReader().read())
            #expect(second.address == first.address && second.time > first.time && second.payload != first.payload)
            #expect(String(decoding: second.payload, as: UTF8.self).hasSuffix("a second service with a longer name"))
            #expect(try OutsideReader().mappings().count == 1)
        }

        @Test func readersNeverSeeHalfOfAChange() throws {
            let names = ["a", String(repeating: "b", count: 3000)]
            let payloads = names.map { RecordedResource(.service($0)).encodedResource }
            try ProcessContextMemory.publish(payloads[0])
            let reader = OutsideReader()
            let isDone = Locked(false)
            let ended = Semaphore()
            let isStarted = WorkerThread.start(named: "publishing") {
                for number in 0..<5000 { try? ProcessContextMemory.publish(payloads[number % 2]) }
                isDone.withLock { $0 = true }
                ended.post()
            }
            try #require(isStarted)
            var count = 0
            let deadline = Deadline.after(.seconds(60))
            while !isDone.withLock({ $0 }) || count == 0, !deadline.hasPassed {
                guard let context = try reader.read() else { continue }
                count += 1
                #expect(payloads.contains(context.payload))
            }
            #expect(ended.wait(until: deadline) && count > 0)
        }

        @Test func forkedChildHasNoContextUntilItPublishesItsOwn() throws {
            #expect(try system("parent").publishProcessContext())
            let (parent, child) = (try system("parent"), try system("child"))
            #expect(parent.publishProcessContext() && child.publishProcessContext() && parent.publishProcessContext())
            let before = try #require(try OutsideReader().read())
            let status = try ForkedChild {
                guard let mappings = try? OutsideReader().mappings(), mappings.isEmpty else { return 1 }
                guard child.publishProcessContext(), let own = try? OutsideReader().read() else { return 2 }
                return own.payload == RecordedResource(child.resource).encodedResource ? 0 : 3
            }.wait()
            #expect(status == 0)
            #expect(try OutsideReader().read()?.payload == before.payload)
        }

        @Test func environmentPublishesAtTheStart() throws {
            _ = try system("from the environment", ["OTEL_SWIFT_PROCESS_CONTEXT": "true"])
            #expect(try OutsideReader().read()?.payload == RecordedResource(.service("from the environment")).encodedResource)
            _ = try system("not asked for", [:])
            _ = try system("switched off", ["OTEL_SWIFT_PROCESS_CONTEXT": "true", "OTEL_SDK_DISABLED": "true"])
            #expect(try OutsideReader().read()?.payload == RecordedResource(.service("from the environment")).encodedResource)
        }

        @Test func tooLargeAContextIsRefusedAndTheFormerOneStays() throws {
            // Around the name there are 30 bytes; the profiler of OpenTelemetry reads 65,536 at most.
            let largest = try system(String(repeating: "x", count: 65_536 - 30))
            #expect(largest.publishProcessContext())
            #expect(try OutsideReader().read()?.payload.count == 65_536)
            #expect(try system("small").publishProcessContext())
            let isPublished = try system(String(repeating: "x", count: 65_536 - 29)).publishProcessContext()
            #expect(!isPublished)
            #expect(try OutsideReader().read()?.payload == RecordedResource(.service("small")).encodedResource)
        }

        private func system(_ name: String, _ environment: [String: String] = [:]) throws -> TelemetrySystem {
            try TelemetrySystem.start(
                resource: .service(name), resourceIsComplete: true, spans: [], metrics: [], logs: [], environment: environment)
        }
    }

    /// Reads a process context as OTEP 4719 has readers do it, from the files of the kernel about this process.
    private struct OutsideReader {
        struct Found {
            let address: UInt64
            let time: UInt64
            let payload: [UInt8]
        }

        /// The addresses of the mappings with one of the three names.
        func mappings() throws -> [UInt64] {
            let maps = try ProcessInformation.contents(of: "/proc/self/maps", atMost: 1 << 22).unwrapped()
            return maps.split(separator: "\n").compactMap { line in
                let fields = line.split(separator: " ", maxSplits: 5)
                guard fields.count == 6, let start = fields[0].split(separator: "-").first else { return nil }
                let name = fields[5].drop { $0 == " " }
                let names = ["[anon_shmem:OTEL_CTX]", "[anon:OTEL_CTX]", "/memfd:OTEL_CTX"]
                return names.contains { name.hasPrefix($0) } ? UInt64(start, radix: 16) : nil
            }
        }

        /// The context; nil if there is none, or it changes meanwhile.
        func read() throws -> Found? {
            let memory = open("/proc/self/mem", O_RDONLY)
            defer { close(memory) }
            for address in try mappings() {
                let header = try bytes(32, at: address, memory)
                guard header.prefix(8).elementsEqual("OTEL_CTX".utf8), number(header[8..<12]) == 2 else { continue }
                let time = number(header[16..<24])
                guard time != 0, let payload = try? bytes(Int(number(header[12..<16])), at: number(header[24..<32]), memory) else {
                    continue
                }
                guard try bytes(32, at: address, memory) == header else { continue }
                return Found(address: address, time: time, payload: payload)
            }
            return nil
        }

        private func bytes(_ count: Int, at address: UInt64, _ memory: Int32) throws -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: count)
            guard pread(memory, &bytes, count, off_t(address)) == count else { throw NothingThere() }
            return bytes
        }

        private func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    }
#endif
