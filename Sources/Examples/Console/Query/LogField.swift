// What log records are counted by.

import Telemetry

/// A field of log records whose values are counted.
enum LogField: Equatable {
    case service, scope, severity
    /// The pattern of the message, see ``MessagePattern``.
    case message
    /// An attribute of the record, else of its scope, else of its resource.
    case attribute(String)

    /// Bytes of a text that is counted; of a longer one the beginning is.
    private static let maximumTextBytes = 256

    init(_ name: String) {
        switch name {
        case "service": self = .service
        case "scope": self = .scope
        case "severity": self = .severity
        case "message": self = .message
        default: self = .attribute(name)
        }
    }

    /// A value of an attribute as text; nil for a list, a map, bytes, or nothing.
    static func text(_ value: UnsafeRawBufferPointer) -> String? {
        switch AttributeWalk.value(value) {
        case .text(let text): Untrusted.text(text, limit: maximumTextBytes)
        case .bool(let truth): "\(truth)"
        case .int(let number): "\(number)"
        case .double(let number): "\(number)"
        case .other: nil
        }
    }

    /// A value of an attribute as a number; nil for anything else, and for what is no finite number.
    static func number(_ value: UnsafeRawBufferPointer) -> Double? {
        switch AttributeWalk.value(value) {
        case .int(let number): Double(number)
        case .double(let number): number.isFinite ? number : nil
        case .text(let text): text.count <= 32 ? Double(String(decoding: text, as: UTF8.self)).flatMap { $0.isFinite ? $0 : nil } : nil
        case .bool, .other: nil
        }
    }

    /// Calls the closure with the first value of an attribute of a message; returns nil if it has none.
    static func value<Result>(
        of key: String, _ field: Int, in message: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result?
    ) -> Result?? {
        var result: Result??
        AttributeWalk.forEach(field, of: message) { found, value in
            guard found.elementsEqual(key.utf8) else { return true }
            result = .some(body(value))
            return false
        }
        return result
    }

    /// Calls the closure with the first value of an attribute of a record, else of its scope, else of its resource.
    static func value<Result>(
        of key: String, record: UnsafeRawBufferPointer, _ origins: OriginTable, scope: Int,
        _ body: (UnsafeRawBufferPointer) -> Result?
    ) -> Result?? {
        value(of: key, OTLPSchema.LogRecord.attributes.number, in: record, body) ?? value(of: key, origins, scope: scope, body)
    }

    /// The value of an attribute of an origin: of the scope, else of its resource.
    static func value<Result>(
        of key: String, _ origins: OriginTable, scope: Int, _ body: (UnsafeRawBufferPointer) -> Result?
    ) -> Result?? {
        guard scope < origins.scopes.count else { return nil }
        let (scope, scopeField) = (origins.scopes[scope], OTLPSchema.InstrumentationScope.attributes.number)
        if let value = scope.bytes.withUnsafeBytes({ value(of: key, scopeField, in: $0, body) }) { return value }
        return origins.resources[Int(scope.resource)].bytes.withUnsafeBytes {
            value(of: key, OTLPSchema.Resource.attributes.number, in: $0, body)
        }
    }

    /// The pattern of the message of a record; nil if it has no text.
    static func pattern(_ message: UnsafeRawBufferPointer) -> String? {
        var pattern: String?
        var walker = WireWalker(message)
        while (try? walker.next()) == true {
            guard walker.number == OTLPSchema.LogRecord.body.number, walker.hasContent,
                case .text(let text) = AttributeWalk.value(walker.content)
            else { continue }
            pattern = String(decoding: MessagePattern.of(text), as: UTF8.self)
        }
        return pattern
    }
}
