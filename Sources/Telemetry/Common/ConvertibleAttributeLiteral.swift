// Hot: attributes that are given as a literal with variables.

/// What a dictionary literal of any ``AttributeValueConvertible`` values becomes on its way into a measurement.
///
/// It need not be named. Texts, numbers and truth values are read where the literal lies, on the stack: nothing is allocated.
public struct ConvertibleAttributeLiteral: ExpressibleByDictionaryLiteral {
    @usableFromInline let elements: [(String, any AttributeValueConvertible)]

    /// Inlinable, so that the compiler sees where the array ends and puts it on the stack.
    @inlinable
    public init(dictionaryLiteral elements: (String, any AttributeValueConvertible)...) {
        self.elements = elements
    }
}

/// The elements of a literal, where they lie.
struct ConvertibleAttributes {
    typealias Element = (String, any AttributeValueConvertible)
    typealias Entry = (String, AttributeValue)

    let elements: UnsafeBufferPointer<Element>

    /// Calls the closure with the entries, which are valid in it and must not be kept; returns nil without calling it if an element is
    /// neither an ``AttributeValue`` nor a text, number or truth value.
    ///
    /// Must be called only if `isLayoutKnown`, which callers keep, since a global costs a call each time.
    ///
    /// Words are copied without counting references, since the elements outlast the call: conversion by the protocol takes 300 ns for three
    /// elements, this 5.
    @inline(__always)
    func withEntries<Result>(_ body: (UnsafeBufferPointer<Entry>) -> Result) -> Result? {
        assert(Self.isLayoutKnown, "Words are where they are looked for.")
        guard let first = UnsafeRawPointer(elements.baseAddress) else { return body(UnsafeBufferPointer(start: nil, count: 0)) }
        let stride = MemoryLayout<Entry>.stride
        return withUnsafeTemporaryAllocation(byteCount: elements.count * stride, alignment: MemoryLayout<Entry>.alignment) { memory in
            guard var entry = memory.baseAddress else { return nil }
            var element = first
            for _ in 0..<elements.count {
                guard Self.copyWords(of: element, to: entry) else { return nil }
                element += MemoryLayout<Element>.stride
                entry += stride
            }
            return memory.withMemoryRebound(to: Entry.self) { body(UnsafeBufferPointer($0)) }
        }
    }

    /// Returns entries with the values that are not nil.
    ///
    /// Texts, numbers and truth values are copied from where they lie, which takes 50 instructions; the protocol takes 400.
    func entries() -> [Entry] {
        var entries: [Entry] = []
        guard var element = UnsafeRawPointer(elements.baseAddress) else { return entries }
        // Appending is specialized for the type; `init(unsafeUninitializedCapacity:)` looks the type up, at 300 instructions.
        entries.reserveCapacity(elements.count)
        let isLayoutKnown = Self.isLayoutKnown
        withUnsafeTemporaryAllocation(of: Entry.self, capacity: 1) { memory in
            // Never initialized: it holds words of the element, which are not counted as references of its own.
            let borrowed = memory.baseAddress!
            for _ in elements.indices {
                if isLayoutKnown, Self.copyWords(of: element, to: UnsafeMutableRawPointer(borrowed)) {
                    entries.append(borrowed.pointee)
                } else {
                    // Read in place: loading a whole element copies it through the runtime, which takes longer than converting it.
                    let convertible = (element + MemoryLayout<String>.stride).assumingMemoryBound(to: (any AttributeValueConvertible).self)
                    if let value = convertible.pointee.attributeValue {
                        entries.append((element.assumingMemoryBound(to: String.self).pointee, value))
                    }
                }
                element += MemoryLayout<Element>.stride
            }
        }
        return entries
    }

    /// Copies the words of one element; returns false if its type is none of those.
    @inline(__always)
    private static func copyWords(of element: UnsafeRawPointer, to entry: UnsafeMutableRawPointer) -> Bool {
        let type = element.load(fromByteOffset: 40, as: UnsafeRawPointer.self)
        let value = element + 16
        entry.copyMemory(from: element, byteCount: 16)
        let target = entry + 16
        if type == address(of: String.self) {
            target.copyMemory(from: value, byteCount: 16)
            target.storeBytes(of: Tag.string, toByteOffset: 16, as: UInt8.self)
        } else if type == address(of: Int.self) || type == address(of: Int64.self) {
            target.storeBytes(of: value.load(as: UInt64.self), as: UInt64.self)
            target.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
            target.storeBytes(of: Tag.int, toByteOffset: 16, as: UInt8.self)
        } else if type == address(of: Bool.self) {
            target.storeBytes(of: UInt64(value.load(as: UInt8.self)), as: UInt64.self)
            target.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
            target.storeBytes(of: Tag.bool, toByteOffset: 16, as: UInt8.self)
        } else if type == address(of: Double.self) {
            target.storeBytes(of: value.load(as: UInt64.self), as: UInt64.self)
            target.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
            target.storeBytes(of: Tag.double, toByteOffset: 16, as: UInt8.self)
        } else if type == address(of: AttributeValue.self) {
            target.copyMemory(from: value, byteCount: 17)
        } else {
            return false
        }
        return true
    }

    /// The address of a type's description, by which a value without its static type names its own.
    @inline(__always)
    private static func address(of type: Any.Type) -> UnsafeRawPointer { unsafeBitCast(type, to: UnsafeRawPointer.self) }

    /// The byte behind the two words of a value, which tells its case.
    private enum Tag {
        static let string: UInt8 = 0
        static let bool: UInt8 = 1
        static let int: UInt8 = 2
        static let double: UInt8 = 3
    }

    private static func hasTag(_ value: AttributeValue, _ tag: UInt8) -> Bool { withUnsafeBytes(of: value) { $0[16] == tag } }

    /// Whether words are where they are looked for: a value of up to three words lies in the element itself, its type behind it.
    static let isLayoutKnown =
        MemoryLayout<Entry>.size == 33 && MemoryLayout<Entry>.stride == 40 && MemoryLayout<AttributeValue>.size == 17
        && MemoryLayout<Element>.stride == 56 && isTypeBehindValue && hasTag(.string(""), Tag.string) && hasTag(.bool(true), Tag.bool)
        && hasTag(.int(0), Tag.int) && hasTag(.double(0), Tag.double)

    private static var isTypeBehindValue: Bool {
        let element: Element = ("", 0x5EED)
        return withUnsafeBytes(of: element) { bytes in
            bytes.load(fromByteOffset: 16, as: Int.self) == 0x5EED
                && bytes.load(fromByteOffset: 40, as: UnsafeRawPointer.self) == address(of: Int.self)
        }
    }
}
