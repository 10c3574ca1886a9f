// Copies OTLP requests that may come from anywhere, so that each item is whole and of bounded size.

/// What is kept of one item of a request, and of one resource or scope.
package struct OTLPReceiveLimits: Sendable {
    /// Bytes of one text that are kept; a longer one is cut and says so at its end.
    package var textBytes = 16 << 10
    /// Levels of values in values that are kept; deeper ones are replaced by a text that says so.
    package var valueDepth = 100
    /// Attributes, events, links, points, and elements of values, that are kept.
    package var elements = 4_096
    /// Bytes after which no more of those are kept.
    package var bytes = 256 << 10

    package init() {}

    /// For metrics, whose items hold the points of all their series.
    package static var metrics: OTLPReceiveLimits {
        var limits = OTLPReceiveLimits()
        limits.elements = 65_536
        limits.bytes = 1 << 20
        return limits
    }

    /// What many items share, and every one of them shows.
    fileprivate var shared: OTLPReceiveLimits {
        var limits = self
        limits.elements = 1_024
        limits.bytes = 32 << 10
        return limits
    }
}

/// Copies a request of any signal field by field with the tables of ``OTLPMessage``, and leaves out what goes beyond the limits.
///
/// What it has copied can be read without errors, and takes memory in proportion to its size: unknown fields, repeated occurrences of
/// fields that occur once, and wrappers without items are gone. Values that are nested too deep are not looked into, so that any depth
/// may come.
struct OTLPRequestCopier {
    /// A field that OTLP does not have: how many values of an item were cut or left out.
    static let cutCountField = 2_000
    /// A field that OTLP does not have: how many elements an item has.
    static let elementCountField = 2_001

    static let depthMark = "… (nested too deep)"

    private let limits: OTLPReceiveLimits
    private var writer = NestedWireWriter()
    private var itemCount = 0
    /// Of the item, resource or scope that is being copied.
    private var part: Part
    /// What there is already of the resource and the scope: they may come in several pieces.
    private var (resource, scope): (Part, Part)

    private struct Part {
        let limits: OTLPReceiveLimits
        /// Where it would have begun if it had come in one piece.
        var start = 0
        var byteCount = 0
        var elementCount = 0
        var cutCount = 0
    }

    /// The copy of a request.
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

    /// - Parameter depth: how many arrays and maps the message lies in.
    private mutating func copyFields(
        of message: OTLPMessage, _ bytes: UnsafeRawBufferPointer, depth: Int
    ) throws(OTLPRequestError) {
        let last = try Self.lastPlaces(of: message, bytes)
        var reader = WireReader(bytes)
        while let field = try Self.next(&reader) {
            guard let known = message.field(field.number) else { continue }
            if let last, !known.isRepeated, !known.kind.isShared, last[field.number] != field.range.lowerBound { continue }
            switch (known.kind, field.value) {
            case (.message(let inner), .bytes(let content)): try copy(inner, known, field.number, content, depth: depth)
            case (.text, .bytes(let content)):
                guard !known.isRepeated || takeElement() else { continue }
                copyText(field.number, content)
            case (.base64, .bytes(let content)): copyBytes(field.number, content)
            case (.identifier(let size), .bytes(let content)):
                guard content.isEmpty || content.count == size else {
                    throw .invalidIdentifier(name: "\(known.key)", byteCount: content.count, expectedByteCount: size)
                }
                copyContent(field.number, content)
            case (_, .bytes(let content)):
                guard let type = known.packed else { continue }
                try copyPacked(field.number, content, type)
            // A field of another type than it should have counts as unknown. (Protobuf, "Unknown fields".)
            case (.message, _), (.text, _), (.base64, _), (.identifier, _): continue
            default:
                guard !known.isRepeated || takeElement() else { continue }
                writer.append(bytes[field.range])
            }
        }
    }

    private static func next(_ reader: inout WireReader) throws(OTLPRequestError) -> WireField? {
        do throws(WireError) { return try reader.next() } catch { throw .unreadable(error) }
    }

    /// Where each field occurs last, by number; nil where fields that occur once do so.
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
        _ inner: OTLPMessage, _ known: OTLPMessage.Field, _ number: Int, _ content: UnsafeRawBufferPointer, depth: Int
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
                return copyContent(1, Self.depthMark.utf8)
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
        writer.field(Self.elementCountField, varint: UInt64(part.elementCount))
        if part.cutCount > 0 { writer.field(Self.cutCountField, varint: UInt64(part.cutCount)) }
        writer.end(mark)
    }

    /// Whether there is room for one more element; one that is left out is counted.
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
        // Not inside of a scalar: its later bytes are 10xxxxxx.
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

    /// Numbers that are packed into one field are kept all or not at all: counts without their buckets would say something else.
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

extension OTLPMessage.Kind {
    /// Whether several occurrences in one message are put together.
    fileprivate var isShared: Bool {
        switch self {
        case .message(.resource), .message(.scope): true
        default: false
        }
    }
}
