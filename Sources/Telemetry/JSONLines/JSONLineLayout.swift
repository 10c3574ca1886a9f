// Precomputes the constant parts of lines for one scope.

/// The format for the records of one scope and resource, with constant members encoded once.
///
/// Keys and constants are places in one text, so that a step refers to no object: with an array in each, a line counted 40 references.
final class JSONLineLayout: Sendable {
    /// Where encoded text lies in ``text``.
    typealias Piece = Range<Int>

    enum Step: Sendable {
        /// The encoded members that are the same in each line.
        case fixed(Piece)
        case time(key: Piece, JSONLineTime)
        case observedTime(key: Piece, JSONLineTime)
        case severityText(key: Piece)
        case severityNumber(key: Piece)
        /// A level; the encoded values of the ranges are those of ``levels`` from a place on.
        case level(key: Piece, firstLevel: Int)
        case body(key: Piece)
        case attributes(key: Piece)
        /// The attributes as members of the line itself, with keys other than ``reserved``.
        case flatAttributes
        case eventName(key: Piece)
        case traceID(key: Piece, prefix: Piece)
        case spanID(key: Piece)
        case traceFlags(key: Piece)
        case traceSampled(key: Piece)
    }

    let steps: [Step]
    let text: [UInt8]
    let levels: [Piece]
    let reserved: ReservedKeys
    /// How often a line may have the same text of a record, besides its severity.
    let repetitions: Int
    /// How often a line may have the text of the severity.
    let severityRepetitions: Int

    /// The prefix for attributes with the name of a field.
    static let attributePrefix = "attributes."

    init(_ format: JSONLineFormat, _ scope: RecordedScope) {
        var draft = JSONLineDraft()
        for field in format.fields { draft.add(field, scope) }
        steps = draft.steps
        text = draft.text
        levels = draft.levels
        reserved = ReservedKeys(format.names, prefix: Self.attributePrefix)
        var (bodies, attributes, events, severities) = (0, 0, 0, 0)
        for step in draft.steps {
            switch step {
            case .body: bodies += 1
            case .attributes, .flatAttributes: attributes += 1
            case .eventName: events += 1
            case .severityText, .level: severities += 1
            case .fixed, .time, .observedTime, .severityNumber, .traceID, .spanID, .traceFlags, .traceSampled: break
            }
        }
        (repetitions, severityRepetitions) = (max(bodies, attributes, events), severities)
    }
}

/// A layout in the making.
private struct JSONLineDraft {
    private(set) var steps: [JSONLineLayout.Step] = []
    private(set) var text: [UInt8] = []
    private(set) var levels: [JSONLineLayout.Piece] = []

    mutating func add(_ field: JSONLineField, _ scope: RecordedScope) {
        guard let name = field.name else { return steps.append(.flatAttributes) }
        var writer = JSONWriter()
        writer.key(text: name)
        if let value = Self.fixedValue(of: field.content, scope) {
            append(fixed: writer.bytes + value)
        } else if let step = step(field.content, name: writer.bytes) {
            steps.append(step)
        }
    }

    private mutating func piece(_ bytes: [UInt8]) -> JSONLineLayout.Piece {
        text += bytes
        return text.count - bytes.count..<text.count
    }

    /// Appends a piece; adjacent constants are merged.
    private mutating func append(fixed member: [UInt8]) {
        guard case .fixed(let before)? = steps.last else { return steps.append(.fixed(piece(member))) }
        assert(before.upperBound == text.count, "Nothing has been encoded since.")
        steps[steps.count - 1] = .fixed(before.lowerBound..<piece([UInt8(ascii: ",")] + member).upperBound)
    }

    private static func fixedValue(of content: JSONLineField.Content, _ scope: RecordedScope) -> [UInt8]? {
        switch content {
        case .scopeName: scope.scope.name.isEmpty ? nil : AttributeJSON.encoded(.string(scope.scope.name))
        case .scopeVersion: scope.scope.version.isEmpty ? nil : AttributeJSON.encoded(.string(scope.scope.version))
        case .resourceAttribute(let key): scope.resource.resource.attributes[key].map(AttributeJSON.encoded)
        case .resource:
            AttributeJSON.encoded(.map(Dictionary(scope.resource.resource.attributes.map { ($0.key, $0.value) }) { $1 }))
        case .constant(let value): AttributeJSON.encoded(value)
        default: nil
        }
    }

    private mutating func step(_ content: JSONLineField.Content, name: [UInt8]) -> JSONLineLayout.Step? {
        switch content {
        case .time(let style): return .time(key: piece(name), style)
        case .observedTime(let style): return .observedTime(key: piece(name), style)
        case .severityText: return .severityText(key: piece(name))
        case .severityNumber: return .severityNumber(key: piece(name))
        case .level(let names):
            let first = levels.count
            for level in names.all { levels.append(piece(AttributeJSON.encoded(level))) }
            return .level(key: piece(name), firstLevel: first)
        case .body: return .body(key: piece(name))
        case .attributes: return .attributes(key: piece(name))
        case .eventName: return .eventName(key: piece(name))
        case .traceID(let prefix):
            // The JSON text of the value without its quotes.
            let encoded = Array(AttributeJSON.encoded(.string(prefix)).dropFirst().dropLast())
            return .traceID(key: piece(name), prefix: piece(encoded))
        case .spanID: return .spanID(key: piece(name))
        case .traceFlags: return .traceFlags(key: piece(name))
        case .traceSampled: return .traceSampled(key: piece(name))
        case .scopeName, .scopeVersion, .resourceAttribute, .resource, .constant: return nil
        }
    }
}
