// The types of plain scalars, by the tables of YAML 1.2.2, section 10.3.

import Testing

@testable import Telemetry

struct YAMLCoreSchemaTests {
    private func description(_ text: String) -> String {
        switch YAMLCoreSchema.content(ofPlain: text) {
        case .null: "null"
        case .boolean(let value): "bool \(value)"
        case .integer(let value): "int \(value)"
        case .number(let value): "float \(value)"
        case .text: "str"
        default: "?"
        }
    }

    @Test(arguments: ["", "~", "null", "Null", "NULL"])
    func nullsAreRecognised(text: String) { #expect(description(text) == "null") }

    @Test func truthValuesAreRecognised() {
        for text in ["true", "True", "TRUE"] { #expect(description(text) == "bool true") }
        for text in ["false", "False", "FALSE"] { #expect(description(text) == "bool false") }
    }

    @Test func numbersAreRecognised() {
        let table = [
            "0": "int 0", "0o7": "int 7", "0x3A": "int 58", "-19": "int -19", "+12": "int 12", "012": "int 12",
            "9223372036854775807": "int 9223372036854775807", "9223372036854775808": "float 9.223372036854776e+18", "0.": "float 0.0",
            "-0.0": "float -0.0", ".5": "float 0.5", "+12e03": "float 12000.0", "-2E+05": "float -200000.0", ".inf": "float inf",
            "-.Inf": "float -inf", "+.INF": "float inf", ".nan": "float nan", ".NAN": "float nan", "1e3": "float 1000.0", "1.": "float 1.0",
        ]
        for (text, expected) in table { #expect(description(text) == expected, "\(text)") }
    }

    @Test func whatOlderVersionsOfYAMLTakeForOtherTypesIsText() {
        let texts = [
            "yes", "no", "on", "off", "y", "n", "NO", "nULL", "tRUE", "0b11", "1_000", "190:20:30", "0xG", "0o8", "-0x1", "0x", "0x-1",
            "1.0.0",
            "1e", "1e+", ".", "+", "-", "..5", ".e3", "1,5", "٣", "inf", "nan", "0x1.8p1", "2026-01-01", "e3", "+-1", "++1",
        ]
        for text in texts { #expect(description(text) == "str", "\(text)") }
    }
}
