// The values that the reader of OTLP/JSON takes or skips.

import Telemetry

extension JSONScanner {
    /// Reads `null` if it comes next; returns whether it does.
    mutating func takeNull() throws(JSONError) -> Bool {
        guard nextByte() == UInt8(ascii: "n") else { return false }
        try word("null")
        return true
    }

    mutating func bool() throws(JSONError) -> Bool {
        switch nextByte() {
        case UInt8(ascii: "t"):
            try word("true")
            return true
        case UInt8(ascii: "f"):
            try word("false")
            return false
        default: throw failure("expecting true or false")
        }
    }

    /// Returns a number as it is written, or the content of a text.
    mutating func numberOrString() throws(JSONError) -> String {
        guard nextByte() == UInt8(ascii: "\"") else { return String(decoding: try shortNumber(), as: UTF8.self) }
        return String(decoding: try string(), as: UTF8.self)
    }

    /// Reads a number that is not longer than any precise one needs to be.
    private mutating func shortNumber() throws(JSONError) -> ArraySlice<UInt8> {
        let digits = try number().digits
        guard digits.count <= 400 else { throw failure("the number is too long") }
        return digits
    }

    /// Skips a value of any depth without recursion.
    mutating func skipValue() throws(JSONError) {
        // One bit for each open bracket: true for an object.
        var open = BitStack()
        while true {
            switch nextByte() {
            case UInt8(ascii: "{"):
                try begin(UInt8(ascii: "{"), "an object")
                open.push(true)
            case UInt8(ascii: "["):
                try begin(UInt8(ascii: "["), "an array")
                open.push(false)
            case UInt8(ascii: "\""): try string { _ in }
            case UInt8(ascii: "t"), UInt8(ascii: "f"): _ = try bool()
            case UInt8(ascii: "n"): _ = try takeNull()
            default: _ = try shortNumber()
            }
            // Moves to the next value, past the end of every object and array that ends here.
            while let isObject = open.top {
                if isObject {
                    var key: [UInt8] = []
                    if try nextKey(into: &key) { break }
                } else if try nextElement() {
                    break
                }
                open.pop()
            }
            if open.top == nil { return }
        }
    }
}

/// A stack of bits, eight in a byte.
private struct BitStack {
    private var bytes: [UInt8] = []
    private var count = 0

    var top: Bool? { count == 0 ? nil : bytes[(count - 1) >> 3] >> UInt8((count - 1) & 7) & 1 == 1 }

    mutating func push(_ bit: Bool) {
        if count & 7 == 0 { bytes.append(0) }
        let mask: UInt8 = 1 << UInt8(count & 7)
        if bit { bytes[count >> 3] |= mask } else { bytes[count >> 3] &= ~mask }
        count += 1
    }

    mutating func pop() {
        assert(count > 0, "A bit that is removed was pushed before.")
        count -= 1
        if count & 7 == 0 { bytes.removeLast() }
    }
}
