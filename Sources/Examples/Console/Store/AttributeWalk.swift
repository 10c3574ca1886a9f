// Reads attributes in place, without making values of those that are not asked for.

import Telemetry

/// Walks over the attributes of a message in its bytes.
enum AttributeWalk {
    /// The kinds of values that searches compare.
    enum Value {
        case text(UnsafeRawBufferPointer)
        case bool(Bool)
        case int(Int64)
        case double(Double)
        /// A list, a map, bytes, or nothing.
        case other
    }

    /// Calls the closure with the key and value message of each attribute until it returns false; returns false if it did.
    ///
    /// What cannot be read ends the walk.
    @discardableResult
    static func forEach(
        _ field: Int, of message: UnsafeRawBufferPointer,
        _ take: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        var walker = WireWalker(message)
        while (try? walker.next()) == true {
            guard walker.number == field, walker.hasContent else { continue }
            let (key, value) = pair(walker.content)
            guard take(key, value) else { return false }
        }
        return true
    }

    /// Returns the key and the value message of a `KeyValue` message.
    @inline(__always)
    static func pair(_ message: UnsafeRawBufferPointer) -> (key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        var key = UnsafeRawBufferPointer(start: nil, count: 0)
        var value = key
        var walker = WireWalker(message)
        while (try? walker.next()) == true {
            if walker.number == 1 { key = walker.content } else if walker.number == 2 { value = walker.content }
        }
        return (key, value)
    }

    /// Reads an `AnyValue` message.
    static func value(_ message: UnsafeRawBufferPointer) -> Value {
        var walker = WireWalker(message)
        var value = Value.other
        while (try? walker.next()) == true {
            switch walker.number {
            case 1: value = .text(walker.content)
            case 2: value = .bool(walker.value != 0)
            case 3: value = .int(Int64(bitPattern: walker.value))
            case 4: value = .double(Double(bitPattern: walker.value))
            default: value = .other
            }
        }
        return value
    }
}
