// The parse rules of environment variables; a value that does not parse counts as unset.

import Testing

@testable import Telemetry

struct EnvironmentReaderTests {
    private func reader(_ value: String?) -> EnvironmentReader {
        EnvironmentReader(value.map { ["OTEL_TEST": $0] } ?? [:])
    }

    @Test(arguments: [nil, "", " ", "\t  ", "\n", " \r\n", "\u{A0}"] as [String?])
    func emptyValueCountsAsUnset(value: String?) {
        let reader = reader(value)
        #expect(reader.text("OTEL_TEST") == nil && reader.boolean("OTEL_TEST") == false)
        #expect(reader.integer("OTEL_TEST", in: 0...10) == nil && reader.number("OTEL_TEST", in: 0...1) == nil)
        #expect(reader.duration("OTEL_TEST") == nil && reader.timeout("OTEL_TEST", default: .seconds(7)) == .seconds(7))
        #expect(reader.list("OTEL_TEST") == nil && reader.pairs("OTEL_TEST") == nil)
    }

    @Test(arguments: [
        ("true", true), ("TRUE", true), ("True", true), (" true ", true), ("false", false), ("False", false), ("1", false), ("yes", false),
        ("on", false), ("t", false), ("truetrue", false), ("0", false),
    ])
    func onlyTrueInAnyCaseIsTrue(value: String, expected: Bool) {
        #expect(reader(value).boolean("OTEL_TEST") == expected)
    }

    @Test(
        arguments: [
            ("0", 0), ("5", 5), (" 2147483647 ", 2_147_483_647), ("007", 7), ("2147483648", nil), ("-1", nil), ("1.0", nil), ("1e3", nil),
            ("0x10", nil), ("abc", nil), ("5 6", nil), ("99999999999999999999999", nil), ("１", nil),
        ] as [(String, Int?)])
    func integerOutOfRangeCountsAsUnset(value: String, expected: Int?) {
        #expect(reader(value).integer("OTEL_TEST", in: 0...2_147_483_647) == expected)
    }

    @Test(
        arguments: [
            ("0", 0), ("1", 1), ("0.25", 0.25), ("1e-3", 0.001), (" .5 ", 0.5), ("-0.1", nil), ("1.1", nil), ("nan", nil), ("inf", nil),
            ("half", nil),
            ("50%", nil),
        ] as [(String, Double?)])
    func numberOutOfRangeCountsAsUnset(value: String, expected: Double?) {
        #expect(reader(value).number("OTEL_TEST", in: 0...1) == expected)
    }

    @Test(
        arguments: [
            ("0", .zero), ("1500", .milliseconds(1500)), ("-1", nil), ("1s", nil), ("1.5", nil), ("9223372036854775807", nil),
        ] as [(String, Duration?)])
    func durationIsParsedAsWholeMilliseconds(value: String, expected: Duration?) {
        #expect(reader(value).duration("OTEL_TEST") == expected)
    }

    @Test func timeoutOfZeroMeansNoLimit() {
        #expect(reader("0").timeout("OTEL_TEST", default: .seconds(7)) > .seconds(365 * 86_400))
        #expect(reader("1").timeout("OTEL_TEST", default: .seconds(7)) == .milliseconds(1))
        #expect(reader("-1").timeout("OTEL_TEST", default: .seconds(7)) == .seconds(7))
    }

    @Test(
        arguments: [
            ("a,b", ["a", "b"]), (" A , b ", ["a", "b"]), ("a,a,A", ["a"]), (",,a,", ["a"]), ("otlp", ["otlp"]), (",", nil), (" , ", nil),
        ] as [(String, [String]?)])
    func listIsLowercasedAndDeduplicated(value: String, expected: [String]?) {
        #expect(reader(value).list("OTEL_TEST") == expected)
    }

    @Test(
        arguments: [
            ("a=1,b=2", ["a=1", "b=2"]), (" a = 1 , b=2 ", ["a=1", "b=2"]), ("a=x%2Cy%3Dz", ["a=x,y=z"]), ("a%3Db=1", ["a=b=1"]),
            ("a=b=c", ["a=b=c"]), ("a=", ["a="]), ("a=%C3%A9", ["a=é"]), ("a=1+2", ["a=1+2"]), ("a=1,,b=2,", ["a=1", "b=2"]),
        ] as [(String, [String])])
    func pairsArePercentDecoded(value: String, expected: [String]) {
        #expect(reader(value).pairs("OTEL_TEST")?.map { "\($0.name)=\($0.value)" } == expected)
    }

    @Test(arguments: ["a", "a=1,b", "=1", "a=%", "a=%4", "a=%zz", "a=%FF", "a=1,b=%C3", "%3=1", "a=%+1"])
    func malformedPairDiscardsWholeVariable(value: String) {
        #expect(reader(value).pairs("OTEL_TEST") == nil)
    }

    @Test func lineEndsAreTrimmed() {
        #expect(reader("5\n").integer("OTEL_TEST", in: 0...10) == 5 && reader("true\r\n").boolean("OTEL_TEST"))
        #expect(reader(" a \n,\tb\n").words("OTEL_TEST") == ["a", "b"])
        #expect(reader("a=1\n, b = 2\r\n").pairs("OTEL_TEST")?.map { "\($0.name)=\($0.value)" } == ["a=1", "b=2"])
    }

    @Test(arguments: [",", " , ", ",\n,"])
    func listOfEmptyWordsOrPairsCountsAsUnset(value: String) {
        #expect(reader(value).words("OTEL_TEST") == nil && reader(value).list("OTEL_TEST") == nil)
        #expect(reader(value).pairs("OTEL_TEST") == nil, "A signal's own variable without pairs leaves the general one in force.")
    }

    @Test func reportQuotesWordAsWritten() {
        let reader = reader("otlp, Zipkin ,NONE")
        #expect(reader.complaint("OTEL_TEST", "zipkin", "otlp or none") == "OTEL_TEST: \"Zipkin\" cannot be used; expected otlp or none.")
        #expect(reader.complaint("OTEL_TEST", "other", "otlp") == "OTEL_TEST: \"other\" cannot be used; expected otlp.")
        #expect(EnvironmentReader([:]).complaint("OTEL_TEST", "…", "pairs") == "OTEL_TEST: \"…\" cannot be used; expected pairs.")
    }

    @Test func randomValuesNeverTrap() {
        var random = SplitMix64(seed: 81)
        let alphabet = Array("%=, \t019aFgé+-.e\u{301}")
        for _ in 0..<20_000 {
            let value = String((0..<Int.random(in: 0..<16, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" })
            let name = "OTEL_TEST_\(Int.random(in: 0..<4, using: &random))"
            let reader = EnvironmentReader([name: value])
            _ = reader.pairs(name)
            _ = reader.list(name)
            _ = PercentEncoding.decode(value[...])
            if let number = Int(value), number >= 0 { #expect(reader.integer(name, in: 0...Int.max) == number) }
        }
    }
}
