// The limit of nesting that requests keep to, since receivers refuse deeper ones.

/// Empties values that are nested so deep that a receiver would refuse the request.
///
/// Recorded values keep the levels that the specification allows, 64 by default, which are up to 192 messages; protobuf libraries read 100
/// by default. A deeper value is empty in the request alone: processors and exporters in the process read it whole.
enum OTLPNesting {
    /// Returns the fields of a scope's message without values that are nested too deep; nil if there are none.
    ///
    /// - Parameter message: `ScopeSpans` or one of its siblings, which is the second message in a request.
    static func withoutDeepValues(_ fields: UnsafeRawBufferPointer, _ message: OTLPMessage) -> [UInt8]? {
        shallow(fields, message, depth: 2)
    }

    /// Returns the fields of a message without values that are nested too deep; nil if there are none.
    ///
    /// - Parameter depth: the number of messages that the message lies in.
    private static func shallow(_ fields: UnsafeRawBufferPointer, _ message: OTLPMessage, depth: Int) -> [UInt8]? {
        // A deeper message is never entered: the value that it lies in has been emptied.
        assert(depth <= ReceiverLimits.nestedMessages, "A message is nested no deeper than receivers read.")
        var reader = WireReader(fields)
        var result = WireWriter()
        var copied = 0
        while let field = try? reader.next() {
            guard case .bytes = field.value, case .message(let inner)? = message.field(field.number)?.type else { continue }
            let isTooDeep = message == .anyValue && depth + messages(of: inner) > ReceiverLimits.nestedMessages
            let shallowInner = isTooDeep ? nil : shallow(field.bytes, inner, depth: depth + 1)
            guard isTooDeep || shallowInner != nil else { continue }
            result.append(UnsafeRawBufferPointer(rebasing: fields[copied..<field.range.lowerBound]))
            if let shallowInner { result.field(field.number, message: shallowInner) }
            copied = field.range.upperBound
        }
        guard copied > 0 else { return nil }
        result.append(UnsafeRawBufferPointer(rebasing: fields[copied...]))
        return result.bytes
    }

    /// Returns how many messages deeper than the array or map its elements or values lie.
    private static func messages(of content: OTLPMessage) -> Int { content == .keyValueList ? 3 : 2 }
}
