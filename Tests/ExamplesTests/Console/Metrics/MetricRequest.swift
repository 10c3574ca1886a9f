// Metrics requests for tests, as bytes of OTLP.

import ExampleSupport
import Telemetry

/// Builds requests by the field numbers of `metrics.proto`, independently of the code under test.
struct MetricRequest {
    static let start: UInt64 = 1_700_000_000

    var service = "shop"
    var attributes: [(String, String)] = []
    private var metrics: [[UInt8]] = []

    init(service: String = "shop", attributes: [(String, String)] = []) {
        self.service = service
        self.attributes = attributes
    }

    /// Data of a point in common; times are seconds.
    struct Point {
        var time: UInt64
        var start: UInt64 = 0
        var labels: [(String, String)] = []
        var isStale = false
    }

    // MARK: Wire

    static func varint(_ number: Int, _ value: UInt64) -> [UInt8] { plain(UInt64(number) << 3) + plain(value) }
    static func fixed(_ number: Int, _ value: UInt64) -> [UInt8] {
        plain(UInt64(number) << 3 | 1) + withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
    static func double(_ number: Int, _ value: Double) -> [UInt8] { fixed(number, value.bitPattern) }
    static func bytes(_ number: Int, _ content: [UInt8]) -> [UInt8] {
        plain(UInt64(number) << 3 | 2) + plain(UInt64(content.count)) + content
    }
    static func text(_ number: Int, _ text: String) -> [UInt8] { bytes(number, Array(text.utf8)) }
    static func signed(_ number: Int, _ value: Int) -> [UInt8] { varint(number, UInt64(bitPattern: Int64(value << 1 ^ value >> 63))) }
    static func attribute(_ number: Int, _ key: String, _ value: String) -> [UInt8] {
        bytes(number, text(1, key) + bytes(2, text(1, value)))
    }

    private static func plain(_ value: UInt64) -> [UInt8] {
        var (rest, result): (UInt64, [UInt8]) = (value, [])
        while rest >= 0x80 {
            result.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return result + [UInt8(rest)]
    }

    private static func nanoseconds(_ seconds: UInt64) -> UInt64 { seconds * 1_000_000_000 }

    // MARK: Metrics

    private mutating func add(_ name: String, unit: String, _ kind: Int, _ points: [[UInt8]], _ more: [UInt8]) {
        metrics.append(
            Self.text(1, name) + Self.text(2, "About \(name)") + Self.text(3, unit)
                + Self.bytes(kind, points.flatMap { Self.bytes(1, $0) } + more))
    }

    mutating func gauge(_ name: String, unit: String = "", _ value: Double, _ point: Point) {
        add(name, unit: unit, 5, [Self.number(point, Self.double(4, value))], [])
    }

    mutating func integerGauge(_ name: String, _ value: Int64, _ point: Point) {
        add(name, unit: "", 5, [Self.number(point, Self.fixed(6, UInt64(bitPattern: value)))], [])
    }

    /// - Parameter temporality: 1 is delta, 2 cumulative.
    mutating func sum(
        _ name: String, unit: String = "", _ value: Int64, _ point: Point, temporality: UInt64 = 2, isMonotonic: Bool = true,
        exemplar: [UInt8] = []
    ) {
        let number = Self.number(point, Self.fixed(6, UInt64(bitPattern: value))) + exemplar
        add(name, unit: unit, 7, [number], Self.varint(2, temporality) + Self.varint(3, isMonotonic ? 1 : 0))
    }

    mutating func histogram(
        _ name: String, unit: String = "", bounds: [Double], counts: [UInt64], sum: Double, _ point: Point, temporality: UInt64 = 2,
        exemplar: [UInt8] = []
    ) {
        let labels = point.labels.flatMap { Self.attribute(9, $0.0, $0.1) }
        let data =
            Self.fixed(2, Self.nanoseconds(point.start)) + Self.fixed(3, Self.nanoseconds(point.time))
            + Self.fixed(4, counts.reduce(0, +)) + Self.double(5, sum)
            + Self.bytes(6, counts.flatMap { count in withUnsafeBytes(of: count.littleEndian) { Array($0) } })
            + Self.bytes(7, bounds.flatMap { bound in withUnsafeBytes(of: bound.bitPattern.littleEndian) { Array($0) } }) + labels
            + Self.varint(10, point.isStale ? 1 : 0) + exemplar
        add(name, unit: unit, 9, [data], Self.varint(2, temporality))
    }

    mutating func exponential(
        _ name: String, scale: Int, zeroCount: UInt64, offset: Int, counts: [UInt64], sum: Double, _ point: Point, temporality: UInt64 = 2
    ) {
        var packed: [UInt8] = []
        for count in counts { packed += Self.plain(count) }
        let data =
            point.labels.flatMap { Self.attribute(1, $0.0, $0.1) } + Self.fixed(2, Self.nanoseconds(point.start))
            + Self.fixed(3, Self.nanoseconds(point.time)) + Self.fixed(4, counts.reduce(zeroCount, +)) + Self.double(5, sum)
            + Self.signed(6, scale) + Self.fixed(7, zeroCount) + Self.bytes(8, Self.signed(1, offset) + Self.bytes(2, packed))
        add(name, unit: "", 10, [data], Self.varint(2, temporality))
    }

    mutating func summary(_ name: String, quantiles: [(Double, Double)], count: UInt64, sum: Double, _ point: Point) {
        let data =
            Self.fixed(3, Self.nanoseconds(point.time)) + Self.fixed(4, count) + Self.double(5, sum)
            + quantiles.flatMap { Self.bytes(6, Self.double(1, $0.0) + Self.double(2, $0.1)) }
            + point.labels.flatMap { Self.attribute(7, $0.0, $0.1) }
        add(name, unit: "", 11, [data], [])
    }

    private static func number(_ point: Point, _ value: [UInt8]) -> [UInt8] {
        fixed(2, nanoseconds(point.start)) + fixed(3, nanoseconds(point.time)) + (point.isStale ? [] : value)
            + point.labels.flatMap { attribute(7, $0.0, $0.1) } + varint(8, point.isStale ? 1 : 0)
    }

    /// An `Exemplar` message as field `number` of a point.
    static func exemplar(_ number: Int, value: Double, time: UInt64, trace: UInt8, span: UInt8) -> [UInt8] {
        bytes(
            number,
            fixed(2, nanoseconds(time)) + double(3, value) + bytes(4, [UInt8](repeating: span, count: 8))
                + bytes(5, [UInt8](repeating: trace, count: 16)) + attribute(7, "user", "ada"))
    }

    // MARK: Request

    var body: [UInt8] {
        var resource = Self.attribute(1, "service.name", service)
        for (key, value) in attributes { resource += Self.attribute(1, key, value) }
        let scope = metrics.flatMap { Self.bytes(2, $0) }
        return Self.bytes(1, Self.bytes(1, resource) + Self.bytes(2, scope))
    }

    var received: OTLPReceivedRequest {
        get throws { try OTLPReceivedRequest(body, .metrics, .protobuf, limits: .metrics, maximumBytes: 64 << 20) }
    }
}
