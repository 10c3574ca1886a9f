// Bodies of requests, checked as NestJS checks them with class-validator.

import Telemetry

/// The texts in the body of a request. What is wrong with them is collected, so that an answer can name it all.
package struct NestBody: Sendable {
    private let members: JSONObject
    private var problems: [String] = []
    /// Unicode scalars of a text unless more are allowed: texts are stored and indexed.
    package static let longest = 1000

    /// - Parameter known: the members that a body may have.
    package init(_ request: ServiceRequest, known: [String]) throws(Refusal) {
        let document: JSONValue
        do { document = try JSONValue(parsing: request.body.isEmpty ? Array("{}".utf8) : request.body) } catch {
            throw .nest(400, "The body must be JSON: \(error)")
        }
        guard case .object(let object) = document else { throw .nest(400, "The body must be a JSON object") }
        members = object
        problems = object.members.filter { !known.contains($0.key) }.map { "property \($0.key.prefix(64)) should not exist" }
    }

    /// Reads a text that must be there and not be empty.
    package mutating func text(_ name: String, longest: Int = longest) -> String {
        if let text = optionalText(name, longest: longest) { return text }
        if members[name] == nil || members[name] == .null { problems += ["\(name) should not be empty", "\(name) must be a string"] }
        return ""
    }

    /// Reads a text that may be missing.
    package mutating func optionalText(_ name: String, mayBeEmpty: Bool = false, longest: Int = longest) -> String? {
        guard let value = members[name], value != .null else { return nil }
        guard let text = value.stringValue else {
            problems.append("\(name) must be a string")
            return nil
        }
        if text.isEmpty, !mayBeEmpty { problems.append("\(name) should not be empty") }
        if text.unicodeScalars.count > longest { problems.append("\(name) must be shorter than or equal to \(longest) characters") }
        // PostgreSQL's texts cannot hold the first, and bytes that are no UTF-8 are read as the second.
        if text.unicodeScalars.contains(where: { $0 == "\0" || $0 == "\u{FFFD}" }) {
            problems.append("\(name) must be valid Unicode without the character NUL")
        }
        return text
    }

    /// Reads an address of e-mail.
    package mutating func email(_ name: String) -> String {
        let text = text(name, longest: 254)
        let sides = text.split(separator: "@", omittingEmptySubsequences: false)
        let isAddress =
            sides.count == 2 && (1...64).contains(sides[0].utf8.count) && sides[1].contains(".")
            && sides[1].split(separator: ".", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
            && text.unicodeScalars.allSatisfy {
                $0.isASCII && $0.value > 32 && $0.value < 127 && !"\",;:<>()[]\\".unicodeScalars.contains($0)
            }
        if !isAddress { problems.append("\(name) must be an email") }
        return text
    }

    /// Reads a new password.
    package mutating func password(_ name: String, shortest: Int) -> String {
        let text = text(name)
        if text.unicodeScalars.count < shortest { problems.append("\(name) must be longer than or equal to \(shortest) characters") }
        if let problem = PasswordHashing.problem(of: text) { problems.append(problem) }
        return text
    }

    /// Refuses a body of which something is wrong.
    package func check() throws(Refusal) {
        if !problems.isEmpty { throw .nest(invalid: problems) }
    }
}
