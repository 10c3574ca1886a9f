// The division of a request among several receivers.

/// Divides an export request in protobuf into one for each receiver, by the traces of its items.
///
/// Each part repeats the resources and scopes of its items; fields that are not known are kept.
enum OTLPRequestSplitter {
    struct Part {
        /// The number that the items were given.
        let group: Int
        var bytes: [UInt8] = []
        var itemCount = 0
    }

    /// Returns the parts that have items, in the order of their groups.
    ///
    /// - Parameters:
    ///   - traceID: the field of an item that identifies its trace.
    ///   - groupCount: the number of groups.
    ///   - group: returns the group for the bytes of a trace identifier, which are empty for an item without one.
    static func split(
        _ request: UnsafeRawBufferPointer, by traceID: OTLPField, groupCount: Int, group: (UnsafeRawBufferPointer) -> Int
    ) throws(WireError) -> [Part] {
        var parts = (0..<groupCount).map { Part(group: $0) }
        var reader = WireReader(request)
        while let field = try reader.next() {
            if field.number == OTLPSchema.AnySignal.resources.number {
                try splitResource(field.bytes, traceID, &parts, group)
            } else {
                for index in parts.indices { parts[index].bytes.append(contentsOf: request[field.range]) }
            }
        }
        return parts.filter { $0.itemCount > 0 }
    }

    private static func splitResource(
        _ message: UnsafeRawBufferPointer, _ traceID: OTLPField, _ parts: inout [Part], _ group: (UnsafeRawBufferPointer) -> Int
    ) throws(WireError) {
        var own: [UInt8] = []
        var scopes = [[UInt8]](repeating: [], count: parts.count)
        var reader = WireReader(message)
        while let field = try reader.next() {
            if field.number == OTLPSchema.AnySignal.scopes.number {
                try splitScope(field.bytes, traceID, &scopes, &parts, group)
            } else {
                own.append(contentsOf: message[field.range])
            }
        }
        for index in parts.indices where !scopes[index].isEmpty {
            append(OTLPSchema.AnySignal.resources, own, scopes[index], to: &parts[index].bytes)
        }
    }

    private static func splitScope(
        _ message: UnsafeRawBufferPointer, _ traceID: OTLPField, _ scopes: inout [[UInt8]], _ parts: inout [Part],
        _ group: (UnsafeRawBufferPointer) -> Int
    ) throws(WireError) {
        var own: [UInt8] = []
        var items = [[UInt8]](repeating: [], count: parts.count)
        var reader = WireReader(message)
        while let field = try reader.next() {
            guard field.number == OTLPSchema.AnySignal.items.number else {
                own.append(contentsOf: message[field.range])
                continue
            }
            let index = group(try identifier(in: field.bytes, traceID))
            items[index].append(contentsOf: message[field.range])
            parts[index].itemCount += 1
        }
        for index in parts.indices where !items[index].isEmpty {
            append(OTLPSchema.AnySignal.scopes, own, items[index], to: &scopes[index])
        }
    }

    /// Returns the trace identifier of an item; empty if there is none.
    static func identifier(in item: UnsafeRawBufferPointer, _ field: OTLPField) throws(WireError) -> UnsafeRawBufferPointer {
        var reader = WireReader(item)
        // Recorded spans begin with it.
        while let next = try reader.next() {
            if next.number == field.number { return next.bytes }
        }
        return UnsafeRawBufferPointer(start: nil, count: 0)
    }

    private static func append(_ field: OTLPField, _ first: [UInt8], _ second: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(field.tag)
        bytes.append(varint: UInt64(first.count + second.count))
        bytes += first
        bytes += second
    }
}
