// Hot: checks that what is kept as bytes can be read later.

import ExampleSupport
import Telemetry

/// Checks messages for what receivers refuse: bytes that are no protobuf, and identifiers of a wrong length.
enum MessageCheck {
    /// Levels of values in values that are checked, which are those that are shown.
    static let maximumDepth = 100

    /// Moves a walker to the next field; returns false at the end of its message.
    @inline(__always)
    static func next(_ walker: inout WireWalker) throws(OTLPRequestError) -> Bool {
        do throws(WireError) { return try walker.next() } catch { throw .unreadable(error) }
    }

    /// Checks the attributes of a message.
    static func attributes(_ field: Int, of message: UnsafeRawBufferPointer) throws(OTLPRequestError) {
        var walker = WireWalker(message)
        while try next(&walker) {
            if walker.number == field, walker.hasContent { try keyValue(walker.content, depth: 0) }
        }
    }

    static func keyValue(_ message: UnsafeRawBufferPointer, depth: Int) throws(OTLPRequestError) {
        var walker = WireWalker(message)
        while try next(&walker) {
            if walker.number == 2, walker.hasContent { try value(walker.content, depth: depth) }
        }
    }

    static func value(_ message: UnsafeRawBufferPointer, depth: Int) throws(OTLPRequestError) {
        var walker = WireWalker(message)
        while try next(&walker) {
            guard walker.number == 5 || walker.number == 6, walker.hasContent, depth < maximumDepth else { continue }
            let isMap = walker.number == 6
            var elements = WireWalker(walker.content)
            while try next(&elements) {
                guard elements.number == 1, elements.hasContent else { continue }
                if isMap { try keyValue(elements.content, depth: depth + 1) } else { try value(elements.content, depth: depth + 1) }
            }
        }
    }

    static func identifier(_ content: UnsafeRawBufferPointer, _ size: Int, _ name: String) throws(OTLPRequestError) {
        guard content.count == size || content.isEmpty else {
            throw .invalidIdentifier(name: name, byteCount: content.count, expectedByteCount: size)
        }
    }
}
