// Hot: encodes the metadata of swift-log as attributes without an intermediate collection.

#if SwiftLog
    import Logging

    /// The attributes of a record that was logged with swift-log.
    struct SwiftLogAttributes: AttributeSource {
        let event: LogEvent
        let metadata: Logger.Metadata
        let provider: Logger.MetadataProvider?
        let label: String?
        let hasSourceLocation: Bool

        /// Later values replace earlier ones, so that metadata of the call wins. Derived attributes follow
        /// and replace nothing: a limit drops them first.
        @inline(__always)
        func forEachEntry(_ body: (String, AttributeValue) -> Void) {
            for (key, value) in metadata { body(key, AttributeValue(value)) }
            let provided = provider?.get()
            if let provided {
                for (key, value) in provided { body(key, AttributeValue(value)) }
            }
            if let explicit = event.metadata {
                for (key, value) in explicit { body(key, AttributeValue(value)) }
            }
            if label != nil || hasSourceLocation || event.error != nil {
                for (key, value) in derived
                where metadata[key] == nil && provided?[key] == nil && event.metadata?[key] == nil {
                    body(key, value)
                }
            }
        }

        private var derived: Attributes {
            var derived = event.error.map { Attributes(describing: $0) } ?? [:]
            if hasSourceLocation {
                derived["code.file.path"] = .string(event.file)
                derived["code.line.number"] = AttributeValue(event.line)
                derived["code.function.name"] = .string("\(event.source).\(event.function)")
            }
            if let label { derived["swift_log.label"] = .string(label) }
            return derived
        }
    }

    extension AttributeValue {
        /// Converts a metadata value: dictionaries become maps, and described values become text unless they are a number, a Boolean
        /// or an `AttributeValue`.
        @inline(__always)
        init(_ value: Logger.MetadataValue) {
            if case .string(let text) = value { self = .string(text) } else { self.init(structured: value) }
        }

        @inline(never)
        private init(structured value: Logger.MetadataValue) {
            switch value {
            case .string(let text): self = .string(text)
            case .stringConvertible(let value): self = Self.typed(value) ?? .string(value.description)
            case .dictionary(let entries): self = .map(entries.mapValues { AttributeValue($0) })
            case .array(let values): self = .array(values.map { AttributeValue($0) })
            }
        }

        /// Converts a value of an attribute type. Types are compared before a cast, since failing casts are slow.
        private static func typed(_ value: any CustomStringConvertible & Sendable) -> AttributeValue? {
            switch ObjectIdentifier(type(of: value)) {
            case ObjectIdentifier(Int.self): (value as? Int).map { AttributeValue($0) }
            case ObjectIdentifier(Bool.self): (value as? Bool).map { .bool($0) }
            case ObjectIdentifier(Double.self): (value as? Double).map { .double($0) }
            case ObjectIdentifier(AttributeValue.self): value as? AttributeValue
            case ObjectIdentifier(Float.self), ObjectIdentifier(Int64.self), ObjectIdentifier(Int32.self), ObjectIdentifier(Int16.self),
                ObjectIdentifier(Int8.self), ObjectIdentifier(UInt64.self), ObjectIdentifier(UInt32.self), ObjectIdentifier(UInt16.self),
                ObjectIdentifier(UInt8.self), ObjectIdentifier(UInt.self), ObjectIdentifier(Int128.self), ObjectIdentifier(UInt128.self):
                (value as? any AttributeValueConvertible)?.attributeValue
            default: nil
            }
        }
    }
#endif
