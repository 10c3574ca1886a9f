// Keeps requests shallow enough for receivers that bound how deep messages are nested.

/// Empties values that are nested so deeply that a receiver would refuse the request that holds them.
///
/// Recorded values keep the levels that the specification gives them, 64 by default, which are up to 192 messages; libraries of protobuf read
/// 100 by default. What goes beyond becomes an empty value in the request alone: whatever reads records in the process has it whole.
enum OTLPNesting {
    /// The fields of a scope's message without values that are nested too deeply; nil when there are none.
    ///
    /// - Parameter message: `ScopeSpans` or one of its siblings, which is the second message in a request.
    static func withoutDeepValues(_ fields: UnsafeRawBufferPointer, _ message: OTLPMessage) -> [UInt8]? {
        shallow(fields, message, depth: 2)
    }

    /// The fields of a message without values that are nested too deeply; nil when there are none.
    ///
    /// - Parameter depth: how many messages the message lies in.
    private static func shallow(_ fields: UnsafeRawBufferPointer, _ message: OTLPMessage, depth: Int) -> [UInt8]? {
        // Never deeper than what is kept: what would lie deeper is left out instead.
        assert(depth <= ReceiverLimits.nestedMessages)
        var reader = WireReader(fields)
        var result = WireWriter()
        var copied = 0
        while let field = try? reader.next() {
            guard case .bytes = field.value, case .message(let inner)? = message.field(field.number)?.kind else { continue }
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

    /// How many messages an array's elements, or a map's values, lie deeper than the value that the array or map is.
    private static func messages(of content: OTLPMessage) -> Int { content == .keyValueList ? 3 : 2 }
}
