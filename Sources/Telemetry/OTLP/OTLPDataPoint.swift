// Hot: the points of metrics as OTLP data points.

/// A point that OTLP has a message for; fields are written in the order of their numbers.
protocol OTLPDataPoint {
    /// The bytes of the message, without its own tag and length.
    var encodedSize: Int { get }

    /// Writes the message, without its own tag and length.
    func encode(to cursor: inout WireCursor)
}

extension NumberPoint: OTLPDataPoint {
    private var encodedAttributes: [UInt8] { series.encodedAttributes(tag: 0x3A) }

    var encodedSize: Int {
        FieldSize.time(startTime) + FieldSize.time(time) + 9 + FieldSize.exemplars(exemplars) + encodedAttributes.count
    }

    func encode(to cursor: inout WireCursor) {
        cursor.fixed64(0x11, startTime.nanosecondsSinceEpoch)
        cursor.fixed64(0x19, time.nanosecondsSinceEpoch)
        // One of the two is always there, also when it is zero.
        if case .double(let number) = value { cursor.double(0x21, number) }
        cursor.exemplars(0x2A, exemplars)
        if case .int(let number) = value {
            cursor.byte(0x31)
            cursor.fixed64(UInt64(bitPattern: number))
        }
        encodedAttributes.withUnsafeBytes { cursor.copy($0) }
    }
}

extension HistogramPoint: OTLPDataPoint {
    private var encodedAttributes: [UInt8] { series.encodedAttributes(tag: 0x4A) }

    var encodedSize: Int {
        FieldSize.time(startTime) + FieldSize.time(time) + FieldSize.fixed64(count) + FieldSize.optional(sum) + FieldSize.optional(min)
            + FieldSize.optional(max) + FieldSize.packed(8 * bucketCounts.count) + FieldSize.packed(8 * boundaries.count)
            + FieldSize.exemplars(exemplars) + encodedAttributes.count
    }

    func encode(to cursor: inout WireCursor) {
        cursor.fixed64(0x11, startTime.nanosecondsSinceEpoch)
        cursor.fixed64(0x19, time.nanosecondsSinceEpoch)
        cursor.fixed64(0x21, count)
        if let sum { cursor.double(0x29, sum) }
        if !bucketCounts.isEmpty {
            cursor.lengthDelimited(0x32, 8 * bucketCounts.count)
            for count in bucketCounts { cursor.fixed64(count) }
        }
        if !boundaries.isEmpty {
            cursor.lengthDelimited(0x3A, 8 * boundaries.count)
            for boundary in boundaries { cursor.fixed64(boundary.bitPattern) }
        }
        cursor.exemplars(0x42, exemplars)
        encodedAttributes.withUnsafeBytes { cursor.copy($0) }
        if let min { cursor.double(0x59, min) }
        if let max { cursor.double(0x61, max) }
    }
}

extension ExponentialHistogramPoint: OTLPDataPoint {
    private var encodedAttributes: [UInt8] { series.encodedAttributes(tag: 0x0A) }

    var encodedSize: Int {
        let it = distribution
        return encodedAttributes.count + FieldSize.time(startTime) + FieldSize.time(time) + FieldSize.fixed64(it.count)
            + FieldSize.optional(it.sum) + FieldSize.zigzag(it.scale) + FieldSize.fixed64(it.zeroCount) + it.positive.fieldSize
            + it.negative.fieldSize + FieldSize.exemplars(exemplars) + FieldSize.optional(it.min) + FieldSize.optional(it.max)
            + FieldSize.fixed64(it.zeroThreshold.bitPattern)
    }

    func encode(to cursor: inout WireCursor) {
        encodedAttributes.withUnsafeBytes { cursor.copy($0) }
        cursor.fixed64(0x11, startTime.nanosecondsSinceEpoch)
        cursor.fixed64(0x19, time.nanosecondsSinceEpoch)
        cursor.fixed64(0x21, distribution.count)
        if let sum = distribution.sum { cursor.double(0x29, sum) }
        cursor.zigzag(0x30, distribution.scale)
        cursor.fixed64(0x39, distribution.zeroCount)
        distribution.positive.encode(0x42, to: &cursor)
        distribution.negative.encode(0x4A, to: &cursor)
        cursor.exemplars(0x5A, exemplars)
        if let min = distribution.min { cursor.double(0x61, min) }
        if let max = distribution.max { cursor.double(0x69, max) }
        cursor.fixed64(0x71, distribution.zeroThreshold.bitPattern)
    }
}

extension ExponentialHistogramPoint.Buckets {
    private var countsSize: Int { counts.reduce(0) { $0 + WireSize.varint($1) } }
    private var size: Int { FieldSize.zigzag(offset) + FieldSize.packed(countsSize) }

    /// The field with tag and length; nothing where there are no buckets.
    fileprivate var fieldSize: Int { size == 0 ? 0 : 1 + WireSize.lengthDelimited(size) }

    fileprivate func encode(_ tag: UInt8, to cursor: inout WireCursor) {
        let size = size
        guard size > 0 else { return }
        cursor.lengthDelimited(tag, size)
        cursor.zigzag(0x08, offset)
        guard !counts.isEmpty else { return }
        cursor.lengthDelimited(0x12, countsSize)
        for count in counts { cursor.varint(count) }
    }
}

extension SummaryPoint: OTLPDataPoint {
    private var encodedAttributes: [UInt8] { series.encodedAttributes(tag: 0x3A) }

    var encodedSize: Int {
        FieldSize.time(startTime) + FieldSize.time(time) + FieldSize.fixed64(count) + FieldSize.fixed64(sum.bitPattern)
            + quantiles.reduce(0) { $0 + 1 + WireSize.lengthDelimited($1.size) } + encodedAttributes.count
    }

    func encode(to cursor: inout WireCursor) {
        cursor.fixed64(0x11, startTime.nanosecondsSinceEpoch)
        cursor.fixed64(0x19, time.nanosecondsSinceEpoch)
        cursor.fixed64(0x21, count)
        cursor.fixed64(0x29, sum.bitPattern)
        for quantile in quantiles {
            cursor.lengthDelimited(0x32, quantile.size)
            cursor.fixed64(0x09, quantile.share.bitPattern)
            cursor.fixed64(0x11, quantile.value.bitPattern)
        }
        encodedAttributes.withUnsafeBytes { cursor.copy($0) }
    }
}

extension SummaryPoint.Quantile {
    fileprivate var size: Int { FieldSize.fixed64(share.bitPattern) + FieldSize.fixed64(value.bitPattern) }
}

extension Exemplar {
    fileprivate var size: Int {
        let context = (spanID?.isValid == true ? 10 : 0) + (traceID?.isValid == true ? 18 : 0)
        return filteredAttributes.reduce(FieldSize.time(time) + 9 + context) { size, attribute in
            size + 1 + WireSize.lengthDelimited(AttributeWire.size(key: attribute.key, value: attribute.value, limits: .request))
        }
    }

    fileprivate func encode(to cursor: inout WireCursor) {
        cursor.fixed64(0x11, time.nanosecondsSinceEpoch)
        if case .double(let number) = value { cursor.double(0x19, number) }
        if let spanID, spanID.isValid {
            cursor.twoBytes(0x22, 8)
            cursor.bigEndian(spanID.number)
        }
        if let traceID, traceID.isValid {
            cursor.twoBytes(0x2A, 16)
            cursor.bigEndian(traceID.high)
            cursor.bigEndian(traceID.low)
        }
        if case .int(let number) = value {
            cursor.byte(0x31)
            cursor.fixed64(UInt64(bitPattern: number))
        }
        for (key, value) in filteredAttributes {
            cursor.lengthDelimited(0x3A, AttributeWire.size(key: key, value: value, limits: .request))
            AttributeWire.write(key: key, value: value, limits: .request, to: &cursor)
        }
    }
}

/// How many bytes the fields of data points take; all their tags have one byte.
private enum FieldSize {
    static func time(_ time: Timestamp) -> Int { fixed64(time.nanosecondsSinceEpoch) }

    /// Left out when zero.
    static func fixed64(_ value: UInt64) -> Int { value == 0 ? 0 : 9 }

    /// Left out when there is none; zero is there.
    static func optional(_ value: Double?) -> Int { value == nil ? 0 : 9 }

    /// Left out when zero.
    static func zigzag(_ value: Int) -> Int { value == 0 ? 0 : 1 + WireSize.varint(Zigzag.folded(value)) }

    /// Left out when empty.
    static func packed(_ byteCount: Int) -> Int { byteCount == 0 ? 0 : 1 + WireSize.lengthDelimited(byteCount) }

    static func exemplars(_ exemplars: [Exemplar]) -> Int { exemplars.reduce(0) { $0 + 1 + WireSize.lengthDelimited($1.size) } }
}

/// Signed numbers of 32 bits whose sign becomes the last bit, so that small ones take few bytes. (Protobuf: `sint32`.)
private enum Zigzag {
    static func folded(_ value: Int) -> UInt64 {
        let number = Int32(clamping: value)
        return UInt64(UInt32(bitPattern: (number << 1) ^ (number >> 31)))
    }
}

extension WireCursor {
    @inline(__always)
    mutating func lengthDelimited(_ tag: UInt8, _ count: Int) {
        byte(tag)
        varint(UInt64(truncatingIfNeeded: count))
    }

    /// Left out when zero.
    @inline(__always)
    fileprivate mutating func fixed64(_ tag: UInt8, _ value: UInt64) {
        guard value != 0 else { return }
        byte(tag)
        fixed64(value)
    }

    /// Written also when zero.
    @inline(__always)
    fileprivate mutating func double(_ tag: UInt8, _ value: Double) {
        byte(tag)
        fixed64(value.bitPattern)
    }

    /// Left out when zero.
    fileprivate mutating func zigzag(_ tag: UInt8, _ value: Int) {
        guard value != 0 else { return }
        byte(tag)
        varint(Zigzag.folded(value))
    }

    fileprivate mutating func exemplars(_ tag: UInt8, _ exemplars: [Exemplar]) {
        for exemplar in exemplars {
            lengthDelimited(tag, exemplar.size)
            exemplar.encode(to: &self)
        }
    }
}
