// The bodies of registrations and logins.

import ExampleSupport

/// What a client says about itself, checked as far as that goes without the database.
struct Credentials: Sendable {
    /// Unicode scalars of an address or a name. They are indexed and logged, and PostgreSQL's indexes take no more than 2,700 bytes.
    private static let longest = 320

    let email: String
    let password: String
    /// Empty where none is asked for.
    let name: String

    /// Reads the fields of a JSON or form body, or throws the refusal of the first wrong one.
    ///
    /// - Parameter hasName: whether there must be a name.
    init(_ request: ServiceRequest, hasName: Bool) throws(Refusal) {
        let fields: (email: String, password: String, name: String)
        do throws(JSONBodyError) {
            fields = try request.decodedFields("The body") { fields in
                (fields.text("email"), fields.text("password"), hasName ? fields.text("name") : "")
            }
        } catch {
            switch error {
            case .malformed(let error): throw Refusal("Malformed JSON. \(error)", key: "error")
            case .wrongType(let mismatch): throw Refusal("\(mismatch)", key: "error")
            case .invalid(let errors):
                guard let error = errors.first, error.rule == .nullCharacter else {
                    throw Refusal("Email and password are required", key: "error")
                }
                throw Refusal(
                    "\(error.field.prefix(1).uppercased() + error.field.dropFirst()) must not contain a NUL character", key: "error")
            }
        }
        (email, password, name) = fields
        for (field, text) in [("Email", email), ("Name", name)] {
            guard text.unicodeScalars.count <= Self.longest else {
                throw Refusal("\(field) must have at most \(Self.longest) characters", key: "error")
            }
        }
        // Bytes that are no UTF-8 are read as this character: different ones would be the same address or password.
        for (field, text) in [("Email", email), ("Password", password), ("Name", name)] where text.unicodeScalars.contains("\u{FFFD}") {
            throw Refusal("\(field) must be valid Unicode", key: "error")
        }
        if let problem = PasswordHashing.problem(of: password) { throw Refusal(problem, key: "error") }
    }
}
