// The substitution of environment variables, by the table of the specification.

import Testing

@testable import Telemetry

@Suite(.enabled(if: ConfigurationTexts.hasYAML, "libyaml is installed."))
struct EnvironmentSubstitutionTests {
    private static let environment = [
        "STRING_VALUE": "value", "BOOL_VALUE": "true", "INT_VALUE": "1", "FLOAT_VALUE": "1.1", "HEX_VALUE": "0xdeadbeef",
        "INVALID_MAP_VALUE": "value\nkey:value", "DO_NOT_REPLACE_ME": "Never use this value", "REPLACE_ME": "${DO_NOT_REPLACE_ME}",
        "VALUE_WITH_ESCAPE": "value$$", "EMPTY": "", "SPACED": " a ",
    ]

    /// The value of the property `key` in a file with this line.
    private static func value(_ yaml: String) throws -> ConfigurationProperties.Value? {
        let text = "file_format: \"1.0\"\ninstrumentation/development:\n  swift:\n    example:\n      key: \(yaml)\n"
        return try TelemetryConfiguration.parse(text, format: .yaml, environment: environment).instrumentation.library("example").values[
            "key"]
    }

    /// Input and output of the specification's table, then cases of our own.
    private static let table: [(String, ConfigurationProperties.Value)] = [
        ("${STRING_VALUE}", .text("value")), ("${BOOL_VALUE}", .boolean(true)), ("${INT_VALUE}", .integer(1)),
        ("${FLOAT_VALUE}", .number(1.1)), ("${HEX_VALUE}", .integer(3_735_928_559)), ("\"${STRING_VALUE}\"", .text("value")),
        ("\"${BOOL_VALUE}\"", .text("true")), ("\"${INT_VALUE}\"", .text("1")), ("\"${FLOAT_VALUE}\"", .text("1.1")),
        ("\"${HEX_VALUE}\"", .text("0xdeadbeef")), ("${env:STRING_VALUE}", .text("value")),
        ("${INVALID_MAP_VALUE}", .text("value\nkey:value")), ("foo ${STRING_VALUE} ${FLOAT_VALUE}", .text("foo value 1.1")),
        ("${UNDEFINED_KEY}", .null), ("${UNDEFINED_KEY:-fallback}", .text("fallback")), ("${REPLACE_ME}", .text("${DO_NOT_REPLACE_ME}")),
        ("${UNDEFINED_KEY:-${STRING_VALUE}}", .text("${STRING_VALUE}")), ("$${STRING_VALUE}", .text("${STRING_VALUE}")),
        ("$$${STRING_VALUE}", .text("$value")), ("$$$${STRING_VALUE}", .text("$${STRING_VALUE}")),
        ("$${STRING_VALUE:-fallback}", .text("${STRING_VALUE:-fallback}")),
        ("$${STRING_VALUE:-${STRING_VALUE}}", .text("${STRING_VALUE:-value}")),
        ("${UNDEFINED_KEY:-$${UNDEFINED_KEY}}", .text("${UNDEFINED_KEY:-${UNDEFINED_KEY}}")),
        ("${VALUE_WITH_ESCAPE}", .text("value$$")), ("a $$ b", .text("a $ b")), ("a $ b", .text("a $ b")),
        ("${EMPTY:-4}", .integer(4)), ("${EMPTY}", .null), ("'${EMPTY}'", .text("")), ("${SPACED}", .text(" a ")),
        ("${env:EMPTY:-x y}", .text("x y")), ("${env:-x}", .text("x")), ("a${", .text("a${")), ("${}", .text("${}")),
        ("1${INT_VALUE}", .integer(11)), ("${UNDEFINED_KEY:-}", .null),
    ]

    @Test(arguments: table.indices)
    func referencesAreReplacedAsTheSpecificationsTableSays(row: Int) throws {
        let (input, output) = Self.table[row]
        #expect(try Self.value(input) == output, "\(input)")
    }

    @Test(arguments: [
        ("${1API_KEY}", "${1API_KEY}"), ("${API_$KEY}", "${API_$…}"), ("${A B}", "${A …}"), ("${ A}", "${ …}"), ("${env:}", "${env:}"),
        ("${A-}", "${A-}"),
    ])
    func malformedReferenceIsAnErrorWithItsPlace(input: String, shown: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try Self.value("\"\(input)\"") }
        let problem = try #require(error.problems.first)
        #expect(error.problems.count == 1 && problem.line == 5 && problem.column == 12)
        #expect(problem.message.contains("\"\(shown)\""))
    }

    /// The second is how Spring writes a default.
    @Test(arguments: [
        ("${api-key:-s3cret}", "${api-…}", "does not start with a digit"), ("${API_KEY:s3cret}", "${API_KEY:…}", "as in ${NAME}"),
        ("${API_KEY:?s3cret}", "${API_KEY:…}", "a default after :-"), ("${API_KEY-s3cret}", "${API_KEY-…}", "a default after :-"),
        ("${API_KEY=s3cret}", "${API_KEY=…}", "a default after :-"), ("${env:API_KEY:s3cret}", "${env:API_KEY:…}", "a default after :-"),
        ("${env:1A:-s3cret}", "${env:1A:-…}", "does not start with a digit"),
    ])
    func defaultOfAMalformedReferenceIsNotShown(input: String, shown: String, expected: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try Self.value("\"\(input)\"") }
        let problem = try #require(error.problems.first)
        #expect(problem.message.hasPrefix("\"\(shown)\" is no reference") && problem.message.contains(expected))
        #expect(!"\(error)".contains("s3cret") && problem.line == 5 && problem.column == 12)
    }

    @Test func numberOfAVariableIsATextToo() throws {
        let text = """
            file_format: "1.0"
            instrumentation/development:
              swift:
                example:
                  key: ${INT_VALUE}
                  plain: 1
                  below:
                    key: ${BOOL_VALUE}

            """
        let parsed = try TelemetryConfiguration.parse(text, format: .yaml, environment: ["INT_VALUE": "0123", "BOOL_VALUE": "true"])
        var properties = parsed.instrumentation.library("example")
        #expect(try properties.text("key") == "0123" && properties.integer("key") == 123)
        #expect(try properties.properties("below")?.text("key") == "true")
        #expect(throws: ConfigurationError.self) { try properties.text("plain") }
        properties.values["key"] = .integer(5)
        #expect(throws: ConfigurationError.self) { try properties.text("key") }
    }

    @Test func keysAreNotReplaced() throws {
        let text = "file_format: \"1.0\"\ninstrumentation/development:\n  swift: {example: {\"${STRING_VALUE}\": 1}}\n"
        let configuration = try TelemetryConfiguration.parse(text, format: .yaml, environment: Self.environment)
        #expect(configuration.instrumentation.library("example").values == ["${STRING_VALUE}": .integer(1)])
    }

    @Test func textsOfJSONStayTextsAfterSubstitution() throws {
        let values = #"{"a": "${INT_VALUE}", "b": "${UNDEFINED_KEY}", "c": 1.50}"#
        let text = "{\"file_format\": \"1.0\", \"instrumentation/development\": {\"swift\": {\"example\": \(values)}}}"
        let configuration = try TelemetryConfiguration.parse(text, format: .json, environment: Self.environment)
        #expect(configuration.instrumentation.library("example").values == ["a": .text("1"), "b": .text(""), "c": .number(1.5)])
    }

    @Test func variablesOfTheProcessAreTheDefault() throws {
        let text = "file_format: \"1.0\"\ninstrumentation/development:\n  swift: {example: {key: \"${PATH}\"}}\n"
        let configuration = try TelemetryConfiguration.parse(text, format: .yaml)
        let path = try #require(ProcessInformation.environmentVariable("PATH"))
        #expect(configuration.instrumentation.library("example").values["key"] == .text(path))
    }
}
