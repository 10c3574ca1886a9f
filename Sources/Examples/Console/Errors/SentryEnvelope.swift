// What the error reporters of Sentry send.

import ExampleSupport

/// An envelope: a line of JSON, then items of a line of JSON and a payload each.
struct SentryEnvelope: Sendable {
    struct Item: Sendable {
        let type: String
        let payload: ArraySlice<UInt8>
    }

    /// Why a body is no envelope.
    struct Failure: Error, Equatable {
        let message: String
    }

    private static let maximumItems = 100

    let header: JSONValue
    private(set) var items: [Item] = []

    init(_ body: [UInt8]) throws(Failure) {
        var rest = body[...]
        guard let header = try? JSONValue(parsing: Array(Self.line(&rest))), case .object = header else {
            throw Failure(message: "the first line of an envelope must be a JSON object")
        }
        self.header = header
        while !rest.isEmpty {
            let line = Self.line(&rest)
            if line.isEmpty { continue }
            guard let head = try? JSONValue(parsing: Array(line)), let type = head["type"]?.stringValue else {
                throw Failure(message: "an item of an envelope begins with a JSON object that has a type")
            }
            guard items.count < Self.maximumItems else { throw Failure(message: "an envelope has at most \(Self.maximumItems) items") }
            if let length = head["length"]?.integerValue {
                guard length >= 0, length <= rest.count else { throw Failure(message: "an item of an envelope is shorter than its length") }
                items.append(Item(type: type, payload: rest.prefix(length)))
                rest = rest.dropFirst(length)
                if rest.first == UInt8(ascii: "\n") { rest = rest.dropFirst() }
            } else {
                items.append(Item(type: type, payload: Self.line(&rest)))
            }
        }
    }

    private static func line(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
        defer { rest = end < rest.endIndex ? rest[(end + 1)...] : [] }
        return rest[..<end]
    }
}
