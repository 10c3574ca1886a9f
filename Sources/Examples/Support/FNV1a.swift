/// A hash of bytes that is the same in each process: FNV-1a of 64 bits.
package struct FNV1a: Sendable {
    package private(set) var value: UInt64 = 14_695_981_039_346_656_037

    package init() {}

    package mutating func combine(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 1_099_511_628_211 }

    package mutating func combine(_ text: String) {
        for byte in text.utf8 { combine(byte) }
    }
}
