// Rendering of numbers, and the page buffer.

import Testing

@testable import Telemetry

struct PageBufferTests {
    private func text(_ write: (inout PageBuffer) -> Void) -> String {
        var page = PageBuffer()
        page.reserve(PageBuffer.longestNumber)
        write(&page)
        return String(decoding: page.bytes, as: UTF8.self)
    }

    @Test func integersOfEveryLengthAreRendered() {
        var random = SplitMix64(seed: 1)
        var numbers: [UInt64] = [0, 1, 9, 10, 11, 99, 100, 101, 999, .max, .max - 1, 1 << 63, (1 << 63) - 1]
        var power: UInt64 = 1
        for _ in 0..<19 {
            power *= 10
            numbers += [power - 1, power, power + 1]
        }
        for _ in 0..<2000 { numbers.append(random.next() >> UInt64.random(in: 0...63, using: &random)) }
        for number in numbers {
            #expect(text { $0.writeUnchecked(number) } == "\(number)")
            let signed = Int64(truncatingIfNeeded: number)
            #expect(text { $0.writeUnchecked(signed) } == "\(signed)")
        }
        #expect(text { $0.writeUnchecked(Int64.min) } == "\(Int64.min)")
    }

    @Test(arguments: [
        (5.0, "5", "5.0"), (0.0, "0", "0.0"), (-3.0, "-3", "-3.0"), (0.1, "0.1", "0.1"), (1e300, "1e+300", "1e+300"), (.nan, "NaN", "NaN"),
        (.infinity, "+Inf", "+Inf"), (-.infinity, "-Inf", "-Inf"), (1e15, "1000000000000000", "1000000000000000.0"),
        (Double.leastNonzeroMagnitude, "5e-324", "5e-324"),
    ])
    func doublesAreRenderedAsTheShortestRoundTrip(number: Double, bare: String, pointed: String) {
        #expect(text { $0.writeUnchecked(number, .bare) } == bare)
        #expect(text { $0.writeUnchecked(number, .pointed) } == pointed)
    }

    @Test func randomDoublesRoundTripWithinTheReservedBytes() {
        var random = SplitMix64(seed: 2)
        for _ in 0..<5000 {
            let number = Double(bitPattern: random.next())
            guard number.isFinite else { continue }
            let written = text { $0.writeUnchecked(number, .pointed) }
            #expect(Double(written) == number && written.utf8.count <= PageBuffer.longestNumber)
            #expect(Double(PrometheusBound.text(number, .pointed)) == number)
            #expect(Double(PrometheusBound.text(number, .bare)) == number)
        }
    }

    /// Pairs made with Go's `strconv.FormatFloat(x, 'g', -1, 64)`.
    @Test(arguments: [
        (0.005, "0.005", "0.005"), (1, "1", "1.0"), (10, "10", "10.0"), (100_000, "100000", "100000.0"), (1_000_000, "1e+06", "1e+06"),
        (1_234_567, "1.234567e+06", "1.234567e+06"), (0.0001, "0.0001", "0.0001"), (0.00001, "1e-05", "1e-05"), (-2.5, "-2.5", "-2.5"),
        (1e100, "1e+100", "1e+100"), (0, "0", "0.0"), (.infinity, "+Inf", "+Inf"), (-.infinity, "-Inf", "-Inf"),
        (123.456, "123.456", "123.456"),
    ])
    func boundsAreRenderedCanonically(bound: Double, bare: String, canonical: String) {
        #expect(PrometheusBound.text(bound, .bare) == bare)
        #expect(PrometheusBound.text(bound, .pointed) == canonical)
    }

    @Test func timesAreRenderedInSecondsWithMilliseconds() {
        #expect(text { $0.writeUnchecked(Timestamp(nanosecondsSinceEpoch: 1_520_879_607_789_000_000)) } == "1520879607.789")
        #expect(text { $0.writeUnchecked(Timestamp(nanosecondsSinceEpoch: 5_999_999)) } == "0.005")
    }

    @Test func growingBufferKeepsItsBytes() {
        var page = PageBuffer()
        var expected = ""
        for number in 0..<20_000 {
            page.append("line \(number)\n")
            expected += "line \(number)\n"
        }
        #expect(String(decoding: page.bytes, as: UTF8.self) == expected)
        page.removeAll()
        #expect(page.bytes.isEmpty)
        page.reserve(8 << 20)
        page.removeAll()
        page.append([1, 2])
        #expect(Array(page.bytes) == [1, 2], "A page that was large gives its memory back.")
    }
}
