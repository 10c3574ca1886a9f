// The headers of messages whose values are bytes, as Kafka has them, which carry the trace context.

/// Headers in their order, of which several may have the same name.
///
/// A propagator reads the last of a name whose bytes are UTF-8, as Kafka's clients do, and replaces all of a name when it writes: a producer that
/// passes the headers of another message on may have appended its own. Names are compared without regard to case.
public struct ByteMessageHeaders: Sendable, Hashable {
    public struct Header: Sendable, Hashable {
        public var name: String
        public var bytes: [UInt8]

        public init(name: String, bytes: [UInt8]) {
            self.name = name
            self.bytes = bytes
        }

        fileprivate var text: String? { String(validating: bytes, as: UTF8.self) }
    }

    public var headers: [Header]

    public init(_ headers: [Header] = []) {
        self.headers = headers
    }
}

extension ByteMessageHeaders: CarrierReader {
    public func value(for name: String) -> String? {
        headers.lazy.reversed().filter { HeaderGrammar.areSameName($0.name, name) }.compactMap(\.text).first
    }

    public var names: [String] { headers.map(\.name) }
}

extension ByteMessageHeaders: CarrierWriter {
    public mutating func setValue(_ value: String, for name: String) {
        headers.removeAll { HeaderGrammar.areSameName($0.name, name) }
        headers.append(Header(name: name, bytes: Array(value.utf8)))
    }
}
