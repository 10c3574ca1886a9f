// The division of requests: nothing lost, nothing doubled, resources and scopes repeated, and any bytes.

import Testing

@testable import Telemetry

struct OTLPRequestSplitterTests {
    /// A field with a length, as protobuf writes it; short enough for a length of two bytes.
    private static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        let length = content.count < 128 ? [UInt8(content.count)] : [UInt8(content.count & 0x7F | 0x80), UInt8(content.count >> 7)]
        return [number << 3 | 2] + length + content
    }

    private static func span(_ trace: UInt8, _ name: String) -> [UInt8] {
        field(1, [UInt8](repeating: trace, count: 16)) + field(5, Array(name.utf8))
    }

    /// Two resources, of which the first has two scopes; spans of four traces.
    private static let request: [UInt8] = {
        let scopes = [
            field(1, field(1, Array("one".utf8))) + field(2, span(1, "a")) + field(2, span(2, "b")) + field(3, Array("schema".utf8)),
            field(1, field(1, Array("two".utf8))) + field(2, span(1, "c")),
        ]
        let first = field(1, field(1, Array("resource".utf8))) + scopes.flatMap { field(2, $0) } + field(3, Array("url".utf8))
        let second = field(1, []) + field(2, field(2, span(3, "d")) + field(2, span(4, "e")))
        return field(1, first) + field(1, second)
    }()

    private static func split(_ request: [UInt8], _ count: Int) throws(WireError) -> [OTLPRequestSplitter.Part] {
        try request.withUnsafeBytes { bytes -> Result<[OTLPRequestSplitter.Part], WireError> in
            Result { () throws(WireError) in
                try OTLPRequestSplitter.split(bytes, by: OTLPSchema.Span.traceID, groupCount: count) { Int($0.first ?? 0) % count }
            }
        }.get()
    }

    @Test func partsRepeatResourcesAndScopes() throws {
        let parts = try Self.split(Self.request, 2)
        #expect(parts.map(\.group) == [0, 1] && parts.map(\.itemCount) == [2, 3])
        let one = Self.field(1, Self.field(1, Array("one".utf8)))
        let resource = Self.field(1, Self.field(1, Array("resource".utf8))) + Self.field(3, Array("url".utf8))
        let even =
            Self.field(1, resource + Self.field(2, one + Self.field(3, Array("schema".utf8)) + Self.field(2, Self.span(2, "b"))))
            + Self.field(1, Self.field(1, []) + Self.field(2, Self.field(2, Self.span(4, "e"))))
        #expect(parts[0].bytes == even)
    }

    @Test func singleGroupHasAllItems() throws {
        let parts = try Self.split(Self.request, 1)
        #expect(parts.count == 1 && parts[0].itemCount == 5 && parts[0].bytes.count == Self.request.count)
    }

    @Test func groupsWithoutItemsHaveNoPart() throws {
        #expect(try Self.split(Self.request, 100).map(\.group) == [1, 2, 3, 4])
        #expect(try Self.split([], 3).isEmpty)
        #expect(try Self.split(Self.field(1, Self.field(1, [])), 3).isEmpty, "A resource without spans is not sent.")
    }

    @Test func unknownFieldsAreKept() throws {
        let request = Self.request + Self.field(9, [1, 2, 3])
        for part in try Self.split(request, 2) { #expect(Array(part.bytes.suffix(5)) == Self.field(9, [1, 2, 3])) }
    }

    @Test func mutatedRequestsGiveErrorsOrAllItems() throws {
        var state: UInt64 = 42
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var (read, refused) = (0, 0)
        for _ in 0..<10_000 {
            var request = Self.request
            for _ in 0...next(3) {
                switch next(3) {
                case 0: request[next(request.count)] = UInt8(next(256))
                case 1: request.remove(at: next(request.count))
                default: request.insert(UInt8(next(256)), at: next(request.count))
                }
            }
            do throws(WireError) {
                let whole = try Self.split(request, 1).reduce(0) { $0 + $1.itemCount }
                #expect(try Self.split(request, 3).reduce(0) { $0 + $1.itemCount } == whole)
                read += 1
            } catch { refused += 1 }
        }
        #expect(read > 1000 && refused > 1000, "\(read) and \(refused)")
    }
}
