// The binding to libyaml, which is loaded at run time.

/// The functions of libyaml that the SDK calls. Every version with the number 0.2 has them, with the same types.
package struct LibYAML: Sendable {
    /// The system's library, opened on first use.
    package static let system: Result<LibYAML, DynamicLibrary.Failure> = {
        do throws(DynamicLibrary.Failure) {
            return .success(try LibYAML(DynamicLibrary(anyOf: ["libyaml-0.so.2", "libyaml.so", "libyaml-0.2.dylib"])))
        } catch {
            return .failure(error)
        }
    }()

    /// What must be installed, for messages about a library that is missing.
    package static func requirement(_ failure: DynamicLibrary.Failure) -> String {
        "a system with libyaml, which YAML needs; on Debian and Ubuntu: apt install libyaml-0-2 (\(failure)). JSON needs no library"
    }

    /// A place in the text: `yaml_mark_t`; line and column count from 0, the column in characters.
    struct Mark {
        var index: Int
        var line: Int
        var column: Int
    }

    /// The head of a parser, `yaml_parser_t`: what went wrong. The rest is the library's own.
    struct ParserHead {
        var error: CInt
        var problem: UnsafePointer<CChar>?
        var problemOffset: Int
        var problemValue: CInt
        var problemMark: Mark
        var context: UnsafePointer<CChar>?
        var contextMark: Mark
    }

    /// An event with the fields of a scalar, `yaml_event_t`; other events have only those up to the tag.
    struct Event {
        var kind: CInt
        var anchor: UnsafePointer<UInt8>?
        var tag: UnsafePointer<UInt8>?
        var value: UnsafePointer<UInt8>?
        var length: Int
        var isPlainImplicit: CInt
        var isQuotedImplicit: CInt
        var style: CInt
        var start: Mark
        var end: Mark
    }

    /// Bytes for a parser and for an event; the library's own structures take 480 and 104 on 64-bit systems.
    static let parserBytes = 4096
    static let eventBytes = 512

    /// The kinds of events.
    enum Kind {
        static let streamEnd: CInt = 2
        static let documentStart: CInt = 3
        static let alias: CInt = 5
        static let scalar: CInt = 6
        static let sequenceStart: CInt = 7
        static let sequenceEnd: CInt = 8
        static let mappingStart: CInt = 9
        static let mappingEnd: CInt = 10
    }

    /// The styles of scalars.
    enum Style {
        static let plain: CInt = 1
        static let literal: CInt = 4
        static let folded: CInt = 5
    }

    let beginParser: @convention(c) (UnsafeMutableRawPointer) -> CInt
    let endParser: @convention(c) (UnsafeMutableRawPointer) -> Void
    let setInput: @convention(c) (UnsafeMutableRawPointer, UnsafePointer<UInt8>, Int) -> Void
    let parse: @convention(c) (UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> CInt
    let endEvent: @convention(c) (UnsafeMutableRawPointer) -> Void

    private init(_ library: DynamicLibrary) throws(DynamicLibrary.Failure) {
        beginParser = try library.function("yaml_parser_initialize")
        endParser = try library.function("yaml_parser_delete")
        setInput = try library.function("yaml_parser_set_input_string")
        parse = try library.function("yaml_parser_parse")
        endEvent = try library.function("yaml_event_delete")
    }
}
