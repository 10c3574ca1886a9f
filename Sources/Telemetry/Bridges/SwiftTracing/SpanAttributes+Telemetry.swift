// Conversions between types of swift-distributed-tracing and of Telemetry.

#if SwiftTracing

    import Tracing

    extension Timestamp {
        init(_ instant: some TracerInstant) {
            self.init(nanosecondsSinceEpoch: instant.nanosecondsSinceEpoch)
        }
    }

    extension SpanKind {
        init(_ kind: Tracing.SpanKind) {
            self =
                switch kind {
                case .server: .server
                case .client: .client
                case .producer: .producer
                case .consumer: .consumer
                case .internal: .internal
                }
        }
    }

    extension AttributeValue {
        /// Converts an attribute; returns nil for an unknown case of later versions of the package.
        init?(_ attribute: SpanAttribute) {
            switch attribute {
            case .int32(let number): self = .int(Int64(number))
            case .int64(let number): self = .int(number)
            case .double(let number): self = .double(number)
            case .bool(let truth): self = .bool(truth)
            case .string(let text): self = .string(text)
            case .int32Array(let numbers): self = .array(numbers.map { .int(Int64($0)) })
            case .int64Array(let numbers): self = .array(numbers.map { .int($0) })
            case .doubleArray(let numbers): self = .array(numbers.map { .double($0) })
            case .boolArray(let truths): self = .array(truths.map { .bool($0) })
            case .stringArray(let texts): self = .array(texts.map { .string($0) })
            case .stringConvertible(let value): self.init(describing: value)
            case .stringConvertibleArray(let values): self = .array(values.map { AttributeValue(describing: $0) })
            default: return nil
            }
        }

        /// Returns an `AttributeValue` unchanged, and other values as text. Integers and floats stay numbers: the package passes
        /// arrays of them as arrays of `CustomStringConvertible`.
        private init(describing value: any CustomStringConvertible) {
            switch value {
            case let value as AttributeValue: self = value
            case let number as Int: self.init(number)
            case let number as Float: self.init(number)
            default: self = .string(value.description)
            }
        }
    }

    extension SpanAttribute {
        /// Creates the attribute of the package; a value without a matching case stays an `AttributeValue`, which has a description.
        init(_ value: AttributeValue) {
            switch value {
            case .string(let text): self = .string(text)
            case .bool(let truth): self = .bool(truth)
            case .int(let number): self = .int64(number)
            case .double(let number): self = .double(number)
            case .array(let values): self = Self.array(of: values) ?? .stringConvertible(value)
            case .bytes, .map, .empty: self = .stringConvertible(value)
            }
        }

        /// Returns an array of one type; nil for a mixed or empty one.
        private static func array(of values: [AttributeValue]) -> SpanAttribute? {
            func all<Element>(_ element: (AttributeValue) -> Element?) -> [Element]? {
                let elements = values.compactMap(element)
                return elements.count == values.count ? elements : nil
            }
            switch values.first {
            case .string: return all(\.stringValue).map { .stringArray($0) }
            case .int: return all(\.intValue).map { .int64Array($0.map(Int64.init)) }
            case .double: return all(\.doubleValue).map { .doubleArray($0) }
            case .bool: return all(\.boolValue).map { .boolArray($0) }
            default: return nil
            }
        }
    }

    extension Attributes {
        /// Converts the attributes in the order of their keys, since the package does not order them.
        init(_ attributes: SpanAttributes) {
            var pairs: [(String, AttributeValue)] = []
            pairs.reserveCapacity(attributes.count)
            attributes.forEach { key, attribute in
                if !key.isEmpty, let value = AttributeValue(attribute) { pairs.append((key, value)) }
            }
            if pairs.count > 1 { pairs.sort { $0.0 < $1.0 } }
            self.init(unique: pairs)
        }
    }

    extension SpanAttributes {
        init(_ attributes: Attributes) {
            self.init(Dictionary(attributes.map { ($0.key, SpanAttribute($0.value)) }, uniquingKeysWith: { _, last in last }))
        }
    }

#endif
