// The sanitizer of requests from any source: limits what a receiver keeps of an item.

import Telemetry

/// Copies a request of any signal field by field, by the table of ``OTLPSchema``, and omits what exceeds the limits.
///
/// The copy can be read without errors, and takes memory in proportion to its size: it has no unknown fields, no repeated occurrences of
/// singular fields, and no wrappers without items. Values that are nested too deep are not read, so that input may have any depth.
struct OTLPRequestCopier {
    /// The number of values of an item that were truncated or omitted, in a field that OTLP does not have.
    static let cutCount = OTLPField(2_000, .uint64, "cutCount")
    /// The number of elements of an item, in a field that OTLP does not have.
    static let elementCount = OTLPField(2_001, .uint64, "elementCount")

    static let depthMark = "… (nested too deep)"

    private let limits: OTLPReceiveLimits
    private var writer = NestedWireWriter()
    private var itemCount = 0
    /// The item, resource or scope that is being copied.
    private var part: Part
    /// The resource and the scope so far: they may come in several pieces.
    private var (resource, scope): (Part, Part)

    private struct Part {
        let limits: OTLPReceiveLimits
        /// Where the part would start in the copy if it had come in one piece.
        var start = 0
        var byteCount = 0
        var elementCount = 0
        var cutCount = 0
    }

    /// Returns the copy of a request.
    static func copy(
        _ bytes: [UInt8], of message: OTLPMessage, limits: OTLPReceiveLimits
    ) throws(OTLPRequestError) -> [UInt8] {
        try bytes.withUnsafeBytes { bytes -> Result<[UInt8], OTLPRequestError> in
            var copier = OTLPRequestCopier(limits)
            copier.writer.reserve(bytes.count)
            do throws(OTLPRequestError) {
                try copier.copyFields(of: message, bytes, depth: 0)
                return .success(copier.writer.bytes)
            } catch {
                return .failure(error)
            }
        }.get()
    }

    private init(_ limits: OTLPReceiveLimits) {
        self.limits = limits
        part = Part(limits: limits)
        (resource, scope) = (Part(limits: limits.shared), Part(limits: limits.shared))
    }

    /// - Parameter depth: the number of arrays and maps that the message lies in.
    private mutating func copyFields(
        of message: OTLPMessage, _ bytes: UnsafeRawBufferPointer, depth: Int
    ) throws(OTLPRequestError) {
        let last = try Self.lastPlaces(of: message, bytes)
        var reader = WireReader(bytes)
        while let field = try Self.next(&reader) {
            guard let known = message.field(field.number) else { continue }
            if let last, !known.isRepeated, !known.type.isMerged, last[field.number] != field.range.lowerBound { continue }
            switch (known.type, field.value) {
            case (.message(let inner), .bytes(let content)): try copy(inner, known, field.number, content, depth: depth)
            case (.string, .bytes(let content)):
                guard !known.isRepeated || takeElement() else { continue }
                copyText(field.number, content)
            case (.bytes, .bytes(let content)): copyBytes(field.number, content)
            case (.identifier(let size), .bytes(let content)):
                guard content.isEmpty || content.count == size else {
                    throw .invalidIdentifier(name: known.name, byteCount: content.count, expectedByteCount: size)
                }
                copyContent(field.number, content)
            case (_, .bytes(let content)):
                guard let type = known.packedType else { continue }
                try copyPacked(field.number, content, type)
            // A field of a wrong wire type counts as unknown. (Protobuf, "Unknown fields".)
            case (.message, _), (.string, _), (.bytes, _), (.identifier, _): continue
            default:
                guard !known.isRepeated || takeElement() else { continue }
                writer.append(bytes[field.range])
            }
        }
    }

    private static func next(_ reader: inout WireReader) throws(OTLPRequestError) -> WireField? {
        do throws(WireError) { return try reader.next() } catch { throw .unreadable(error) }
    }

    /// Returns where each field occurs last, by number; nil if every singular field occurs once.
    private static func lastPlaces(of message: OTLPMessage, _ bytes: UnsafeRawBufferPointer) throws(OTLPRequestError) -> [Int]? {
        var (seen, again): (UInt64, UInt64) = (0, 0)
        var reader = WireReader(bytes)
        while let field = try next(&reader) {
            guard let known = message.field(field.number), !known.isRepeated else { continue }
            let bit: UInt64 = 1 << UInt64(field.number)
            again |= seen & bit
            seen |= bit
        }
        guard again != 0 else { return nil }
        var places = [Int](repeating: 0, count: 64)
        reader = WireReader(bytes)
        while let field = try next(&reader) {
            if field.number < places.count { places[field.number] = field.range.lowerBound }
        }
        return places
    }

    private mutating func copy(
        _ inner: OTLPMessage, _ known: OTLPField, _ number: Int, _ content: UnsafeRawBufferPointer, depth: Int
    ) throws(OTLPRequestError) {
        switch inner {
        case .span, .logRecord, .metric:
            itemCount += 1
            part = Part(limits: limits)
            try copyPart(inner, number, content)
        case .resource:
            part = resource
            try copyPart(inner, number, content)
            resource = part
        case .scope:
            part = scope
            try copyPart(inner, number, content)
            scope = part
        case .resourceSpans, .scopeSpans, .resourceLogs, .scopeLogs, .resourceMetrics, .scopeMetrics:
            let before = itemCount
            scope = Part(limits: limits.shared)
            switch inner {
            case .resourceSpans, .resourceLogs, .resourceMetrics: resource = scope
            default: break
            }
            let mark = writer.begin(number)
            try copyFields(of: inner, content, depth: 0)
            if itemCount == before { writer.discard(mark) } else { writer.end(mark) }
        case .arrayValue, .keyValueList:
            guard depth < limits.valueDepth || content.isEmpty else {
                part.cutCount += 1
                return copyContent(OTLPSchema.AnyValue.string.number, Self.depthMark.utf8)
            }
            let mark = writer.begin(number)
            try copyFields(of: inner, content, depth: depth + 1)
            writer.end(mark)
        default:
            guard !known.isRepeated || takeElement() else { return }
            let mark = writer.begin(number)
            try copyFields(of: inner, content, depth: depth)
            writer.end(mark)
        }
    }

    /// Copies an item, or a piece of a resource or scope.
    private mutating func copyPart(_ inner: OTLPMessage, _ number: Int, _ content: UnsafeRawBufferPointer) throws(OTLPRequestError) {
        let mark = writer.begin(number)
        part.start = writer.count - part.byteCount
        try copyFields(of: inner, content, depth: 0)
        part.byteCount = writer.count - part.start
        writer.field(Self.elementCount.number, varint: UInt64(part.elementCount))
        if part.cutCount > 0 { writer.field(Self.cutCount.number, varint: UInt64(part.cutCount)) }
        writer.end(mark)
    }

    /// Returns whether one more element is kept, and counts the element, or that it is omitted.
    private mutating func takeElement() -> Bool {
        guard part.elementCount < part.limits.elements, writer.count - part.start < part.limits.bytes else {
            part.cutCount += 1
            return false
        }
        part.elementCount += 1
        return true
    }

    private mutating func copyText(_ number: Int, _ content: UnsafeRawBufferPointer) {
        guard content.count > limits.textBytes else { return copyContent(number, content) }
        part.cutCount += 1
        var end = limits.textBytes
        // A text is not cut inside of a scalar, whose later bytes are 10xxxxxx.
        while end > 0, end > limits.textBytes - 4, content[end] & 0xC0 == 0x80 { end -= 1 }
        copyContent(number, Array(content[..<end]) + Array("… (\(content.count) bytes)".utf8))
    }

    private mutating func copyBytes(_ number: Int, _ content: UnsafeRawBufferPointer) {
        if content.count > limits.textBytes { part.cutCount += 1 }
        copyContent(number, content.prefix(limits.textBytes))
    }

    private mutating func copyContent(_ number: Int, _ content: some Collection<UInt8>) {
        let mark = writer.begin(number)
        writer.append(content)
        writer.end(mark)
    }

    /// Copies all numbers that are packed into one field, or none: some counts without the others would be wrong.
    private mutating func copyPacked(_ number: Int, _ content: UnsafeRawBufferPointer, _ type: WireType) throws(OTLPRequestError) {
        var reader = WireReader(content)
        var count = 0
        do throws(WireError) {
            while try reader.nextPacked(type) != nil { count += 1 }
        } catch {
            throw .unreadable(error)
        }
        guard part.elementCount + count <= part.limits.elements, writer.count + content.count - part.start <= part.limits.bytes else {
            return part.cutCount += 1
        }
        part.elementCount += count
        copyContent(number, content)
    }
}

extension OTLPField.ValueType {
    /// True for messages of which several occurrences are merged.
    fileprivate var isMerged: Bool {
        switch self {
        case .message(.resource), .message(.scope): true
        default: false
        }
    }
}
