// The events of a YAML text.

import Testing

@testable import Telemetry

@Suite(.enabled(if: ConfigurationTexts.hasYAML, "libyaml is installed."))
struct YAMLEventsTests {
    @Test func endOfTheTextRepeats() throws {
        let events = YAMLEvents(Array("a".utf8), library: try LibYAML.system.get())
        #expect(try (0..<5).map { _ in try events.next().kind }.suffix(2) == [.streamEnd, .streamEnd])
    }

    @Test func failureRepeats() throws {
        let events = YAMLEvents(Array("}".utf8), library: try LibYAML.system.get())
        let first = #expect(throws: YAMLEvents.Failure.self) { while try events.next().kind != .streamEnd {} }
        let second = #expect(throws: YAMLEvents.Failure.self) { try events.next() }
        #expect(first == second)
    }
}
