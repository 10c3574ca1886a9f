// Hot: conditions that are decided by the bytes of an item.

import Telemetry

/// Where the messages of a signal have what searches look at.
struct MessageLayout: Sendable {
    /// The field of attributes.
    let attributes: Int
    /// The field of a text that searches for text look at, and whether it is a value rather than a text.
    let text: (field: Int, isValue: Bool)?
    /// The field of events in a span.
    let events: Int?
    /// The field of the name of an event, in a record that is one.
    let eventName: Int?
    /// The field of the status in a span.
    let status: Int?

    static let span = MessageLayout(attributes: 9, text: (5, false), events: 11, eventName: nil, status: 15)
    static let logRecord = MessageLayout(attributes: 6, text: (5, true), events: nil, eventName: 12, status: nil)
}

/// A condition on attributes. A class, since a search takes it out of its tree for each item.
final class AttributeTest: Sendable {
    private let key: [UInt8]
    private let comparison: SearchCondition.Comparison
    private let text: [UInt8]
    private let needle: TextNeedle
    private let number: Double?
    private let integer: Int64?
    private let bool: Bool?

    init(key: String, _ condition: SearchCondition) {
        self.key = Array(key.utf8)
        comparison = condition.comparison
        text = Array(condition.text.utf8)
        needle = TextNeedle(condition.text)
        number = condition.number ?? Double(condition.text)
        integer = Int64(condition.text)
        bool = Bool(condition.text)
    }

    /// Returns whether an item has an attribute of that key for which the comparison holds, in itself or in one of its events.
    func holds(_ message: UnsafeRawBufferPointer, _ layout: MessageLayout) -> Bool {
        var walker = WireWalker(message)
        while (try? walker.next()) == true {
            guard walker.hasContent else { continue }
            if walker.number == layout.attributes {
                if holds(pair: walker.content) { return true }
            } else if walker.number == layout.events, holds(attributes: 3, of: walker.content) {
                return true
            }
        }
        return false
    }

    /// Returns whether a message with nothing but attributes has one for which the comparison holds.
    func holds(attributes field: Int, of message: UnsafeRawBufferPointer) -> Bool {
        var walker = WireWalker(message)
        while (try? walker.next()) == true {
            if walker.number == field, walker.hasContent, holds(pair: walker.content) { return true }
        }
        return false
    }

    @inline(__always)
    private func holds(pair message: UnsafeRawBufferPointer) -> Bool {
        // Nearly all senders write the key and then the value, once each and both short: then other keys are passed without a walk.
        if message.count >= 4, message[0] == 0x0A, message[1] < 0x80 {
            let keyEnd = Int(message[1]) + 2
            if keyEnd + 2 <= message.count, message[keyEnd] == 0x12, Int(message[keyEnd + 1]) + keyEnd + 2 == message.count,
                message[keyEnd + 1] < 0x80
            {
                guard ByteEquality.holds(message.part(2, keyEnd - 2), key) else { return false }
                return holds(message.part(keyEnd + 2, message.count - keyEnd - 2))
            }
        }
        let (key, value) = AttributeWalk.pair(message)
        guard ByteEquality.holds(key, self.key) else { return false }
        return holds(value)
    }

    /// Returns whether the comparison holds for a value of the attribute.
    func holds(_ message: UnsafeRawBufferPointer) -> Bool {
        switch AttributeWalk.value(message) {
        case .text(let bytes):
            switch comparison {
            case .equal: return ByteEquality.holds(bytes, text)
            case .notEqual: return !ByteEquality.holds(bytes, text)
            case .contains: return needle.isIn(bytes)
            case .less, .lessOrEqual, .greater, .greaterOrEqual: return false
            }
        case .bool(let value):
            guard let bool else { return comparison == .notEqual }
            return comparison == .equal ? value == bool : comparison == .notEqual && value != bool
        case .int(let value):
            if comparison == .contains { return needle.isIn(String(value)) }
            // Numbers of 64 bits are compared as such as far as the other side is one.
            if let integer { return comparison.holds(value, integer) }
            guard let number else { return comparison == .notEqual }
            return comparison.holds(Double(value), number)
        case .double(let value):
            guard comparison != .contains else { return needle.isIn("\(value)") }
            guard let number else { return comparison == .notEqual }
            return comparison.holds(value, number)
        case .other: return comparison == .notEqual
        }
    }
}

/// A text that an item must have. A class for the same reason.
final class TextTest: Sendable {
    /// Levels of values in values that are looked at.
    private static let maximumDepth = 16

    private let needle: TextNeedle

    init(_ text: String) {
        needle = TextNeedle(text)
    }

    func holds(_ text: String) -> Bool { needle.isIn(text) }

    /// Returns whether a text of an item has it: its name or body, values of its attributes and events, the message of its status.
    func holds(_ message: UnsafeRawBufferPointer, _ layout: MessageLayout) -> Bool {
        guard needle.mayBeNumber || needle.mayBeInTexts(of: message) else { return false }
        var walker = WireWalker(message)
        while (try? walker.next()) == true {
            guard walker.hasContent else { continue }
            let isFound =
                switch walker.number {
                case layout.attributes: isInValue(AttributeWalk.pair(walker.content).value)
                case layout.text?.field: layout.text?.isValue == true ? isInValue(walker.content) : needle.isIn(walker.content)
                case layout.events: isInEvent(walker.content)
                case layout.eventName: needle.isIn(walker.content)
                case layout.status: isInField(2, of: walker.content)
                default: false
                }
            if isFound { return true }
        }
        return false
    }

    private func isInField(_ field: Int, of message: UnsafeRawBufferPointer) -> Bool {
        var walker = WireWalker(message)
        while (try? walker.next()) == true {
            if walker.number == field, walker.hasContent, needle.isIn(walker.content) { return true }
        }
        return false
    }

    private func isInEvent(_ message: UnsafeRawBufferPointer) -> Bool {
        if isInField(2, of: message) { return true }
        return !AttributeWalk.forEach(3, of: message) { _, value in !isInValue(value) }
    }

    private func isInValue(_ message: UnsafeRawBufferPointer, depth: Int = 0) -> Bool {
        guard depth < Self.maximumDepth else { return false }
        var walker = WireWalker(message)
        while (try? walker.next()) == true {
            switch walker.number {
            case 1: if needle.isIn(walker.content) { return true }
            case 2: if needle.isIn(walker.value != 0 ? "true" : "false") { return true }
            case 3: if needle.mayBeNumber, needle.isIn(String(Int64(bitPattern: walker.value))) { return true }
            case 4: if needle.isIn("\(Double(bitPattern: walker.value))") { return true }
            case 5, 6:
                let isMap = walker.number == 6
                var elements = WireWalker(walker.content)
                while (try? elements.next()) == true {
                    let value = isMap ? AttributeWalk.pair(elements.content).value : elements.content
                    if isInValue(value, depth: depth + 1) { return true }
                }
            default: break
            }
        }
        return false
    }
}
