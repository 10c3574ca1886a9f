// Tables as RFC 4180 and spreadsheets have them.

import Testing

@testable import TelemetryConsole

struct CSVWriterTests {
    private func row(_ fields: [String]) -> String {
        var writer = CSVWriter(columns: [])
        let start = writer.bytes.count
        for field in fields { writer.field(field) }
        writer.endRow()
        return String(decoding: writer.bytes[start...], as: UTF8.self)
    }

    /// The examples of RFC 4180, section 2; quotes are written only where they are needed.
    @Test(arguments: [
        (["aaa", "bbb", "ccc"], "aaa,bbb,ccc\r\n"),
        (["aaa", "b\r\nbb", "ccc"], "aaa,\"b\r\nbb\",ccc\r\n"),
        (["aaa", "b\"bb", "ccc"], "aaa,\"b\"\"bb\",ccc\r\n"),
        (["a,b", "c\nd", "e\rf"], "\"a,b\",\"c\nd\",\"e\rf\"\r\n"),
        (["", "", ""], ",,\r\n"),
        (["\"", " a ", "é🎵"], "\"\"\"\", a ,é🎵\r\n"),
    ])
    func rowIsAsTheRFCHasIt(fields: [String], expected: String) {
        #expect(row(fields) == expected)
    }

    @Test func namesOfColumnsAreTheFirstRow() {
        var writer = CSVWriter(columns: ["one", "two"])
        writer.field(1)
        writer.field(-2)
        writer.endRow()
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "one,two\r\n1,-2\r\n")
    }

    @Test(arguments: [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\t=1"), ("\r=1", "\"'\r=1\""),
        ("=\"a\",1", "\"'=\"\"a\"\",1\""), ("=\u{301}1", "'=\u{301}1"), ("a=1", "a=1"), ("'=1", "'=1"),
    ])
    func textThatBeginsAsAFormulaHasAnApostrophe(text: String, expected: String) {
        #expect(row([text]) == expected + "\r\n")
    }

    @Test func controlCharactersAreReplaced() {
        #expect(row(["\u{0}=1", "a\u{1B}[31m\u{7F}\u{85}\u{9B}", "b\tc"]) == "\u{FFFD}=1,a\u{FFFD}[31m\u{FFFD}\u{FFFD}\u{FFFD},b\tc\r\n")
    }
}
