// Hot: the encoder of points, as OTLP's data points.

/// A point with a message in OTLP; its fields are written in the order of their numbers.
protocol OTLPDataPoint {
    /// The size of the message, without its own tag and length.
    var encodedSize: Int { get }

    /// Writes the message, without its own tag and length.
    func encode(to cursor: inout WireCursor)
}

extension NumberPoint: OTLPDataPoint {
    private typealias Field = OTLPSchema.NumberDataPoint

    private var encodedAttributes: [UInt8] { series.encodedAttributes(tag: Field.attributes.tag) }

    var encodedSize: Int {
        FieldSize.time(startTime) + FieldSize.time(time) + 9 + FieldSize.exemplars(exemplars) + encodedAttributes.count
    }

    func encode(to cursor: inout WireCursor) {
        cursor.fixed64(Field.startTime.tag, startTime.nanosecondsSinceEpoch)
        cursor.fixed64(Field.time.tag, time.nanosecondsSinceEpoch)
        // Exactly one of the two fields is present, even if it is zero.
        if case .double(let number) = value { cursor.double(Field.asDouble.tag, number) }
        cursor.exemplars(Field.exemplars.tag, exemplars)
        if case .int(let number) = value {
            cursor.tag(Field.asInt)
            cursor.fixed64(UInt64(bitPattern: number))
        }
        encodedAttributes.withUnsafeBytes { cursor.copy($0) }
    }
}

extension HistogramPoint: OTLPDataPoint {
    private typealias Field = OTLPSchema.HistogramDataPoint

    private var encodedAttributes: [UInt8] { series.encodedAttributes(tag: Field.attributes.tag) }

    var encodedSize: Int {
        FieldSize.time(startTime) + FieldSize.time(time) + FieldSize.fixed64(count) + FieldSize.optional(sum) + FieldSize.optional(min)
            + FieldSize.optional(max) + FieldSize.packed(8 * bucketCounts.count) + FieldSize.packed(8 * boundaries.count)
            + FieldSize.exemplars(exemplars) + encodedAttributes.count
    }

    func encode(to cursor: inout WireCursor) {
        cursor.fixed64(Field.startTime.tag, startTime.nanosecondsSinceEpoch)
        cursor.fixed64(Field.time.tag, time.nanosecondsSinceEpoch)
        cursor.fixed64(Field.count.tag, count)
        if let sum { cursor.double(Field.sum.tag, sum) }
        if !bucketCounts.isEmpty {
            cursor.lengthDelimited(Field.bucketCounts.tag, 8 * bucketCounts.count)
            for count in bucketCounts { cursor.fixed64(count) }
        }
        if !boundaries.isEmpty {
            cursor.lengthDelimited(Field.explicitBounds.tag, 8 * boundaries.count)
            for boundary in boundaries { cursor.fixed64(boundary.bitPattern) }
        }
        cursor.exemplars(Field.exemplars.tag, exemplars)
        encodedAttributes.withUnsafeBytes { cursor.copy($0) }
        if let min { cursor.double(Field.min.tag, min) }
        if let max { cursor.double(Field.max.tag, max) }
    }
}

extension ExponentialHistogramPoint: OTLPDataPoint {
    private typealias Field = OTLPSchema.ExponentialHistogramDataPoint

    private var encodedAttributes: [UInt8] { series.encodedAttributes(tag: Field.attributes.tag) }

    var encodedSize: Int {
        let it = distribution
        return encodedAttributes.count + FieldSize.time(startTime) + FieldSize.time(time) + FieldSize.fixed64(it.count)
            + FieldSize.optional(it.sum) + FieldSize.zigzag(it.scale) + FieldSize.fixed64(it.zeroCount) + it.positive.fieldSize
            + it.negative.fieldSize + FieldSize.exemplars(exemplars) + FieldSize.optional(it.min) + FieldSize.optional(it.max)
            + FieldSize.fixed64(it.zeroThreshold.bitPattern)
    }

    func encode(to cursor: inout WireCursor) {
        encodedAttributes.withUnsafeBytes { cursor.copy($0) }
        cursor.fixed64(Field.startTime.tag, startTime.nanosecondsSinceEpoch)
        cursor.fixed64(Field.time.tag, time.nanosecondsSinceEpoch)
        cursor.fixed64(Field.count.tag, distribution.count)
        if let sum = distribution.sum { cursor.double(Field.sum.tag, sum) }
        cursor.zigzag(Field.scale.tag, distribution.scale)
        cursor.fixed64(Field.zeroCount.tag, distribution.zeroCount)
        distribution.positive.encode(Field.positive.tag, to: &cursor)
        distribution.negative.encode(Field.negative.tag, to: &cursor)
        cursor.exemplars(Field.exemplars.tag, exemplars)
        if let min = distribution.min { cursor.double(Field.min.tag, min) }
        if let max = distribution.max { cursor.double(Field.max.tag, max) }
        cursor.fixed64(Field.zeroThreshold.tag, distribution.zeroThreshold.bitPattern)
    }
}

extension ExponentialHistogramPoint.Buckets {
    private typealias Field = OTLPSchema.ExponentialHistogramDataPoint.Buckets

    private var countsSize: Int { counts.reduce(0) { $0 + WireSize.varint($1) } }
    private var size: Int { FieldSize.zigzag(offset) + FieldSize.packed(countsSize) }

    /// The size of the field with tag and length; zero if there are no buckets.
    fileprivate var fieldSize: Int { size == 0 ? 0 : 1 + WireSize.lengthDelimited(size) }

    fileprivate func encode(_ tag: UInt8, to cursor: inout WireCursor) {
        let size = size
        guard size > 0 else { return }
        cursor.lengthDelimited(tag, size)
        cursor.zigzag(Field.offset.tag, offset)
        guard !counts.isEmpty else { return }
        cursor.lengthDelimited(Field.bucketCounts.tag, countsSize)
        for count in counts { cursor.varint(count) }
    }
}

extension SummaryPoint: OTLPDataPoint {
    private typealias Field = OTLPSchema.SummaryDataPoint
    private typealias QuantileField = Field.ValueAtQuantile
    private var encodedAttributes: [UInt8] { series.encodedAttributes(tag: Field.attributes.tag) }

    var encodedSize: Int {
        FieldSize.time(startTime) + FieldSize.time(time) + FieldSize.fixed64(count) + FieldSize.fixed64(sum.bitPattern)
            + quantiles.reduce(0) { $0 + 1 + WireSize.lengthDelimited($1.size) } + encodedAttributes.count
    }

    func encode(to cursor: inout WireCursor) {
        cursor.fixed64(Field.startTime.tag, startTime.nanosecondsSinceEpoch)
        cursor.fixed64(Field.time.tag, time.nanosecondsSinceEpoch)
        cursor.fixed64(Field.count.tag, count)
        cursor.fixed64(Field.sum.tag, sum.bitPattern)
        for quantile in quantiles {
            cursor.lengthDelimited(Field.quantileValues.tag, quantile.size)
            cursor.fixed64(QuantileField.quantile.tag, quantile.share.bitPattern)
            cursor.fixed64(QuantileField.value.tag, quantile.value.bitPattern)
        }
        encodedAttributes.withUnsafeBytes { cursor.copy($0) }
    }
}

extension SummaryPoint.Quantile {
    fileprivate var size: Int { FieldSize.fixed64(share.bitPattern) + FieldSize.fixed64(value.bitPattern) }
}

extension Exemplar {
    private typealias Field = OTLPSchema.Exemplar

    fileprivate var size: Int {
        let context = (spanID?.isValid == true ? 10 : 0) + (traceID?.isValid == true ? 18 : 0)
        return filteredAttributes.reduce(FieldSize.time(time) + 9 + context) { size, attribute in
            size + 1 + WireSize.lengthDelimited(AttributeWire.size(key: attribute.key, value: attribute.value, limits: .request))
        }
    }

    fileprivate func encode(to cursor: inout WireCursor) {
        cursor.fixed64(Field.time.tag, time.nanosecondsSinceEpoch)
        if case .double(let number) = value { cursor.double(Field.asDouble.tag, number) }
        if let spanID, spanID.isValid {
            cursor.twoBytes(Field.spanID.tag, 8)
            cursor.bigEndian(spanID.number)
        }
        if let traceID, traceID.isValid {
            cursor.twoBytes(Field.traceID.tag, 16)
            cursor.bigEndian(traceID.high)
            cursor.bigEndian(traceID.low)
        }
        if case .int(let number) = value {
            cursor.tag(Field.asInt)
            cursor.fixed64(UInt64(bitPattern: number))
        }
        for (key, value) in filteredAttributes {
            cursor.lengthDelimited(Field.filteredAttributes.tag, AttributeWire.size(key: key, value: value, limits: .request))
            AttributeWire.write(key: key, value: value, limits: .request, to: &cursor)
        }
    }
}

/// The sizes of the fields of data points; all their tags have one byte.
private enum FieldSize {
    static func time(_ time: Timestamp) -> Int { fixed64(time.nanosecondsSinceEpoch) }

    /// Zero is omitted.
    static func fixed64(_ value: UInt64) -> Int { value == 0 ? 0 : 9 }

    /// Nil is omitted; zero is not.
    static func optional(_ value: Double?) -> Int { value == nil ? 0 : 9 }

    /// Zero is omitted.
    static func zigzag(_ value: Int) -> Int { value == 0 ? 0 : 1 + WireSize.varint(Zigzag.folded(value)) }

    /// No bytes are omitted.
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
    /// Writes a field; zero is omitted.
    @inline(__always)
    fileprivate mutating func fixed64(_ tag: UInt8, _ value: UInt64) {
        guard value != 0 else { return }
        byte(tag)
        fixed64(value)
    }

    /// Writes a field, even if it is zero.
    @inline(__always)
    fileprivate mutating func double(_ tag: UInt8, _ value: Double) {
        byte(tag)
        fixed64(value.bitPattern)
    }

    /// Writes a field; zero is omitted.
    fileprivate mutating func zigzag(_ tag: UInt8, _ value: Int) {
        guard value != 0 else { return }
        byte(tag)
        varint(Zigzag.folded(value))
    }

    fileprivate mutating func exemplars(_ tag: UInt8, _ exemplars: [Exemplar]) {
        for exemplar in exemplars {
            let size = exemplar.size
            lengthDelimited(tag, size)
            let start = pointer
            exemplar.encode(to: &self)
            assert(pointer == start + size, "An exemplar takes the bytes that were added up.")
        }
    }
}
