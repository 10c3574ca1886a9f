// What `telemetry check` prints of files of telemetry, and how it ends.

import Foundation
import Testing

@testable import TelemetryTool

struct TelemetryFileCheckTests {
    private static func line(_ attributes: String, name: String = "work") -> String {
        let resource = ["service.name", "telemetry.sdk.name", "telemetry.sdk.language", "telemetry.sdk.version"]
            .map { #"{"key":"\#($0)","value":{"stringValue":"\#($0.hasSuffix("language") ? "swift" : "shop")"}}"# }.joined(separator: ",")
        return #"{"resourceSpans":[{"resource":{"attributes":[\#(resource)]},"scopeSpans":[{"spans":[{"#
            + #""traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"00f067aa0ba902b7","name":"\#(name)","kind":1,"#
            + #""startTimeUnixNano":"1","endTimeUnixNano":"2","attributes":[\#(attributes)]}]}]}]}"#
    }

    private static let log =
        #"{"resourceLogs":[{"resource":{},"scopeLogs":[{"logRecords":[{"timeUnixNano":"1","body":{"stringValue":"a"}}]}]}]}"#
    private static let deprecated = #"{"key":"http.method","value":{"stringValue":"GET"}}"#

    private static func run(_ text: String, _ options: [String] = []) throws -> CheckCommand.Result {
        let file = FileManager.default.temporaryDirectory.appending(path: "telemetry-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(text.utf8).write(to: file)
        var result = CheckCommand.run(["check"] + options + [file.path])
        result.output = result.output.replacing(file.path, with: "FILE")
        result.errors = result.errors.replacing(file.path, with: "FILE")
        return result
    }

    @Test func cleanTelemetryEndsWithStatusZero() throws {
        let result = try Self.run(Self.line(""))
        #expect(result.status == 0 && result.errors.isEmpty)
        #expect(
            result.output
                == "FILE: held against https://opentelemetry.io/schemas/1.44.0\n\nshop: 1 span\n  0 violations, 0 improvements, 0 for information\n"
        )
    }

    @Test func violationsOfLinesAreAddedUpInEightyColumns() throws {
        let result = try Self.run(
            [Self.line(Self.deprecated), "", Self.line(Self.deprecated, name: "rest"), Self.log].joined(separator: "\n"))
        #expect(result.status == 1 && result.errors.isEmpty)
        #expect(
            result.output.contains(
                "shop: 2 spans\n  1 violation, 0 improvements, 0 for information\n  violation deprecated: http.method\n"
                    + "    deprecated; use http.request.method; span of work, seen 2 times\n"))
        #expect(result.output.contains("(no service.name): 1 log record\n"))
        #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test func oneObjectOverSeveralLinesIsRead() throws {
        let json = try JSONSerialization.data(
            withJSONObject: JSONSerialization.jsonObject(with: Data(Self.line(Self.deprecated).utf8)), options: .prettyPrinted)
        let result = try Self.run(String(decoding: json, as: UTF8.self))
        #expect(result.status == 1 && result.output.contains("deprecated: http.method"))
    }

    @Test func whatCannotBeReadIsToldByLine() throws {
        let result = try Self.run(
            [Self.line(""), #"{"other": "{\"resourceSpans\": []"}"#, "{\"resourceSpans\": 5}", "{\"resourceLogs\": ["].joined(
                separator: "\n"))
        #expect(result.status == 1)
        let lines = result.errors.split(separator: "\n")
        #expect(lines.count == 3 && lines[0].hasPrefix("FILE:2: error: expected an object with resourceSpans"))
        #expect(lines[1].hasPrefix("FILE:3: error: ") && lines[2].hasPrefix("FILE:4: error: "))
    }

    @Test func optionsSayWhatAFileIs() throws {
        let configuration = #"{"file_format": "1.1", "resource": {"attributes": [{"name": "resourceSpans", "value": "a"}]}}"#
        #expect(try Self.run(configuration).output.hasPrefix("FILE: can be used"))
        #expect(try Self.run(configuration, ["--telemetry"]).errors.hasPrefix("FILE:1: error: expected an object with resourceSpans"))
        #expect(try Self.run(Self.line(""), ["--configuration"]).errors.contains("error: "))
        #expect(CheckCommand.run(["check", "--telemetry"]).status == 2)
        #expect(CheckCommand.run(["check", "--telemetry", "/no/such"]).errors.contains("/no/such: error: expected a file"))
    }

    @Test func textsOfTelemetryCannotCommandTheTerminal() throws {
        let result = try Self.run(Self.line(#"{"key":"shop.a\u001b[2J","value":{"stringValue":""}}"#))
        #expect(result.output.contains("shop.a?[2J") && !result.output.contains("\u{1B}"))
    }
}
