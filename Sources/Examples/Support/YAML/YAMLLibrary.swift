// The functions of libyaml that are called, and the parts of its structures that are read.

import Telemetry

/// What comes next in a text.
struct YAMLEvent {
    enum Kind {
        case scalar(YAMLNode.Scalar)
        case alias(String)
        case sequenceStart, sequenceEnd, mappingStart, mappingEnd
        case documentStart, documentEnd, streamEnd, other
    }

    let kind: Kind
    let anchor: String?
    let line: Int
    let column: Int
}

/// The functions of libyaml 0.2.
struct YAMLLibrary: Sendable {
    typealias Initialize = @convention(c) (UnsafeMutableRawPointer) -> Int32
    typealias SetInput = @convention(c) (UnsafeMutableRawPointer, UnsafeRawPointer?, Int) -> Void
    typealias Parse = @convention(c) (UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Int32
    typealias Delete = @convention(c) (UnsafeMutableRawPointer) -> Void

    let initialize: Initialize
    let setInput: SetInput
    let parse: Parse
    let deleteEvent: Delete
    let deleteParser: Delete

    init() throws(DynamicLibrary.Failure) {
        let library = try DynamicLibrary(anyOf: ["libyaml-0.so.2"])
        initialize = try library.function("yaml_parser_initialize")
        setInput = try library.function("yaml_parser_set_input_string")
        parse = try library.function("yaml_parser_parse")
        deleteEvent = try library.function("yaml_event_delete")
        deleteParser = try library.function("yaml_parser_delete")
    }

    /// Returns the events of a text, which must stay where it is until they have ended.
    func events(of text: UnsafeRawBufferPointer) -> YAMLEvents { YAMLEvents(self, text) }
}

/// A parser of libyaml with its last event.
final class YAMLEvents {
    /// The bytes of `yaml_parser_t` (480) and of `yaml_event_t` (104) on 64 bits, and room for those of later versions.
    private static let parserBytes = 1_024
    private static let eventBytes = 256

    private let library: YAMLLibrary
    private let parser = UnsafeMutableRawPointer.allocate(byteCount: YAMLEvents.parserBytes, alignment: 16)
    private let event = UnsafeMutableRawPointer.allocate(byteCount: YAMLEvents.eventBytes, alignment: 16)
    private let isInitialized: Bool

    init(_ library: YAMLLibrary, _ text: UnsafeRawBufferPointer) {
        self.library = library
        parser.initializeMemory(as: UInt8.self, repeating: 0, count: Self.parserBytes)
        event.initializeMemory(as: UInt8.self, repeating: 0, count: Self.eventBytes)
        isInitialized = library.initialize(parser) == 1
        if isInitialized { library.setInput(parser, text.baseAddress ?? UnsafeRawPointer(parser), text.count) }
    }

    func end() {
        if isInitialized { library.deleteParser(parser) }
        parser.deallocate()
        event.deallocate()
    }

    func next() throws(YAMLError) -> YAMLEvent {
        guard isInitialized else { throw YAMLError("libyaml has no memory") }
        guard library.parse(parser, event) == 1 else { throw failure }
        defer { library.deleteEvent(event) }
        // `start_mark` with index, line and column stands after the type and the union of 48 bytes.
        let line = event.load(fromByteOffset: 64, as: Int.self) + 1
        let column = event.load(fromByteOffset: 72, as: Int.self) + 1
        var anchor: String?
        let kind: YAMLEvent.Kind
        switch event.load(as: UInt32.self) {
        case 2: kind = .streamEnd
        case 3: kind = .documentStart
        case 4: kind = .documentEnd
        case 5: kind = .alias(text(8) ?? "")
        case 6:
            anchor = text(8)
            kind = .scalar(scalar)
        case 7:
            anchor = text(8)
            kind = .sequenceStart
        case 8: kind = .sequenceEnd
        case 9:
            anchor = text(8)
            kind = .mappingStart
        case 10: kind = .mappingEnd
        default: kind = .other
        }
        return YAMLEvent(kind: kind, anchor: anchor, line: line, column: column)
    }

    /// The text that a pointer in the event leads to; nil if it leads nowhere.
    private func text(_ offset: Int) -> String? {
        event.load(fromByteOffset: offset, as: UnsafePointer<CChar>?.self).map { String(cString: $0) }
    }

    private var scalar: YAMLNode.Scalar {
        let start = event.load(fromByteOffset: 24, as: UnsafePointer<UInt8>?.self)
        let length = event.load(fromByteOffset: 32, as: Int.self)
        let style: YAMLNode.Style =
            switch event.load(fromByteOffset: 48, as: UInt32.self) {
            case 1: .plain
            case 4: .literal
            case 5: .folded
            default: .quoted
            }
        let text = String(decoding: UnsafeBufferPointer(start: start, count: start == nil ? 0 : length), as: UTF8.self)
        return YAMLNode.Scalar(text: text, style: style)
    }

    private var failure: YAMLError {
        func text(_ offset: Int) -> String? {
            parser.load(fromByteOffset: offset, as: UnsafePointer<CChar>?.self).map { String(cString: $0) }
        }
        var reason = text(8) ?? "this is no YAML"
        if let context = text(56) { reason = "\(reason) \(context)" }
        // Errors of the encoding have a byte offset in place of a mark.
        guard parser.load(as: UInt32.self) != 2 else {
            return YAMLError("\(reason) at byte \(parser.load(fromByteOffset: 16, as: Int.self))")
        }
        return YAMLError(
            reason, line: parser.load(fromByteOffset: 40, as: Int.self) + 1, column: parser.load(fromByteOffset: 48, as: Int.self) + 1)
    }
}
