// The events of a YAML text, read by libyaml.

/// Reads a YAML text event by event.
package final class YAMLEvents {
    /// A step of the text, with its place; lines and columns count from 1.
    package struct Event {
        package enum Kind: Equatable {
            case documentStart
            case scalar(String, style: Style)
            case sequenceStart
            case mappingStart
            /// The end of a sequence or a mapping.
            case end
            /// A reference to a node with this anchor.
            case alias(String)
            case streamEnd
        }

        /// How a scalar is written: as it is, in quotes, or as a block after `|` or `>`.
        package enum Style: Sendable { case plain, quoted, literal, folded }

        package let kind: Kind
        package let anchor: String?
        package let tag: String?
        package let line: Int
        package let column: Int
    }

    /// Why the text is not YAML.
    package struct Failure: Error, Equatable {
        package let reason: String
        package let line: Int
        package let column: Int
    }

    private let library: LibYAML
    private let parser: UnsafeMutableRawPointer
    private let event: UnsafeMutableRawPointer
    /// A copy of the text, which the parser reads until it ends.
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let isBegun: Bool
    /// What ended the text; libyaml would go on without end.
    private var end: Result<Event, Failure>?

    package init(_ text: [UInt8], library: LibYAML) {
        self.library = library
        parser = .allocate(byteCount: LibYAML.parserBytes, alignment: 16)
        event = .allocate(byteCount: LibYAML.eventBytes, alignment: 16)
        parser.initializeMemory(as: UInt8.self, repeating: 0, count: LibYAML.parserBytes)
        event.initializeMemory(as: UInt8.self, repeating: 0, count: LibYAML.eventBytes)
        // One byte more, so that the base of an empty text is not null.
        input = .allocate(capacity: text.count + 1)
        input.initialize(repeating: 0)
        _ = input.update(fromContentsOf: text)
        isBegun = library.beginParser(parser) == 1
        if isBegun, let base = input.baseAddress { library.setInput(parser, base, text.count) }
        assert(MemoryLayout<LibYAML.Event>.size <= LibYAML.eventBytes, "An event fits into its memory.")
    }

    deinit {
        if isBegun { library.endParser(parser) }
        input.deallocate()
        parser.deallocate()
        event.deallocate()
    }

    /// Returns the next event that concerns the content; `.streamEnd` and a failure repeat.
    package func next() throws(Failure) -> Event {
        if let end { return try end.get() }
        let event: Event
        do throws(Failure) { event = try parsed() } catch {
            end = .failure(error)
            throw error
        }
        if event.kind == .streamEnd { end = .success(event) }
        return event
    }

    private func parsed() throws(Failure) -> Event {
        while true {
            guard isBegun else { throw Failure(reason: "the system gives libyaml no memory", line: 1, column: 1) }
            guard library.parse(parser, event) == 1 else { throw failure }
            let found = event.assumingMemoryBound(to: LibYAML.Event.self).pointee
            let result = Self.event(found)
            library.endEvent(event)
            if let result { return result }
        }
    }

    private static func event(_ event: LibYAML.Event) -> Event? {
        var (anchor, tag): (String?, String?) = (nil, nil)
        let kind: Event.Kind
        switch event.kind {
        case LibYAML.Kind.streamEnd: kind = .streamEnd
        case LibYAML.Kind.documentStart: kind = .documentStart
        case LibYAML.Kind.alias: kind = .alias(text(event.anchor) ?? "")
        case LibYAML.Kind.scalar:
            (anchor, tag) = (text(event.anchor), text(event.tag))
            let bytes = UnsafeBufferPointer(start: event.value, count: max(0, event.length))
            kind = .scalar(String(decoding: bytes, as: UTF8.self), style: style(event.style))
        case LibYAML.Kind.sequenceStart, LibYAML.Kind.mappingStart:
            (anchor, tag) = (text(event.anchor), text(event.tag))
            kind = event.kind == LibYAML.Kind.sequenceStart ? .sequenceStart : .mappingStart
        case LibYAML.Kind.sequenceEnd, LibYAML.Kind.mappingEnd: kind = .end
        default: return nil
        }
        return Event(kind: kind, anchor: anchor, tag: tag, line: event.start.line + 1, column: event.start.column + 1)
    }

    private static func style(_ style: CInt) -> Event.Style {
        switch style {
        case LibYAML.Style.plain: .plain
        case LibYAML.Style.literal: .literal
        case LibYAML.Style.folded: .folded
        default: .quoted
        }
    }

    private static func text(_ pointer: UnsafePointer<UInt8>?) -> String? {
        pointer.map { String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self)) }
    }

    private var failure: Failure {
        let head = parser.assumingMemoryBound(to: LibYAML.ParserHead.self).pointee
        let reasons = [head.problem, head.context].compactMap { $0 }.map { String(cString: $0) }
        return Failure(
            reason: reasons.isEmpty ? "it cannot be read" : reasons.joined(separator: " "), line: head.problemMark.line + 1,
            column: head.problemMark.column + 1)
    }
}
