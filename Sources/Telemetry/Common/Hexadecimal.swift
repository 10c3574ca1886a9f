// Hot: the digits of identifiers in headers and exported text.

/// Reads and writes hexadecimal digits.
enum Hexadecimal {
    /// Returns the number of up to 16 digits of either case; nil if one is not a digit.
    static func number(_ digits: some Sequence<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for digit in digits {
            guard let value = value(of: digit) else { return nil }
            assert(number >> 60 == 0, "A number has at most 16 digits.")
            number = number << 4 | UInt64(value)
        }
        return number
    }

    /// Returns the value of one digit of either case.
    @inline(__always)
    static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit &- UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit &- UInt8(ascii: "a") &+ 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit &- UInt8(ascii: "A") &+ 10
        default: nil
        }
    }

    /// Returns the lower-case digit for a value below 16.
    @inline(__always)
    static func digit(_ value: UInt8) -> UInt8 {
        assert(value < 16, "A digit stands for a value below 16.")
        return value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "a") &+ value &- 10
    }

    /// Returns 16 lower-case digits.
    static func text(_ number: UInt64) -> String {
        String(unsafeUninitializedCapacity: 16) { buffer in
            assert(buffer.count >= 16, "The buffer has room for all digits.")
            write(number, to: UnsafeMutableRawPointer(buffer.baseAddress.unsafelyUnwrapped))
            return 16
        }
    }

    static func bigEndianBytes(_ number: UInt64) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}

/// Converts eight digits at a time, each in one byte of a number: a tenth of the time of one by one.
extension Hexadecimal {
    private static let eachByte: UInt64 = 0x0101_0101_0101_0101

    /// Returns the number of 16 lower-case digits at an address, and sets bits of `errors` if there are other bytes.
    ///
    /// For the three numbers of a `traceparent`, eight digits after the other took 80 instructions more.
    @inline(__always)
    static func lowerCaseNumber(at address: UnsafeRawPointer, _ errors: inout SIMD2<UInt64>) -> UInt64 {
        let (first, second) = (address.loadUnaligned(as: UInt64.self), address.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        // The first digit is in the lowest byte. Bit 6 tells letters from decimal digits.
        let text = SIMD2(UInt64(littleEndian: first), UInt64(littleEndian: second))
        let letters = (text &>> 6) & eachByte
        var values = (text & (eachByte &* 0x0f)) &+ (letters &<< 3) &+ letters
        // Any other byte has no value below 16, or its value has another digit. 39 is 32 + 8 - 1.
        let others = ((values &+ eachByte &* 6) &>> 4) & eachByte
        let digits = values &+ eachByte &* 0x30 &+ (others &<< 5) &+ (others &<< 3) &- others
        errors |= (values & (eachByte &* 0xf0)) | (digits ^ text)
        values = ((values &<< 4) | (values &>> 8)) & 0x00ff_00ff_00ff_00ff
        values = (values | (values &>> 8)) & 0x0000_ffff_0000_ffff
        values = (values | (values &>> 16)) & 0xffff_ffff
        return (values[0] | values[1] << 32).byteSwapped
    }

    /// Writes 16 lower-case digits to an address, which must have room for them.
    @inline(__always)
    static func write(_ number: UInt64, to address: UnsafeMutableRawPointer) {
        address.storeBytes(of: digits(spread(number >> 32)).bigEndian, as: UInt64.self)
        address.storeBytes(of: digits(spread(number & 0xffff_ffff)).bigEndian, toByteOffset: 8, as: UInt64.self)
    }

    /// Returns the number of eight lower-case digits, of which the first is in the first byte of memory.
    @inline(__always)
    static func eightDigits(_ loaded: UInt64) -> (number: UInt64, isValid: Bool) {
        let text = UInt64(bigEndian: loaded)
        // Bit 6 tells letters from decimal digits.
        var values = (text & (eachByte &* 0x0f)) &+ ((text >> 6) & eachByte) &* 9
        // Any other byte has no value below 16, or its value has another digit.
        let isValid = values & (eachByte &* 0xf0) == 0 && digits(values) == text
        values = (values | values >> 4) & 0x00ff_00ff_00ff_00ff
        values = (values | values >> 8) & 0x0000_ffff_0000_ffff
        return ((values | values >> 16) & 0xffff_ffff, isValid)
    }

    /// Returns the digits for eight values below 16, each in its byte.
    @inline(__always)
    private static func digits(_ values: UInt64) -> UInt64 {
        let areLetters = ((values &+ eachByte &* 6) >> 4) & eachByte
        return values &+ eachByte &* 0x30 &+ areLetters &* 39
    }

    /// Returns the eight half bytes of a 32-bit number, each in its own byte.
    @inline(__always)
    private static func spread(_ number: UInt64) -> UInt64 {
        var values = (number | number << 16) & 0x0000_ffff_0000_ffff
        values = (values | values << 8) & 0x00ff_00ff_00ff_00ff
        return (values | values << 4) & 0x0f0f_0f0f_0f0f_0f0f
    }
}
