// The rules for spans of HTTP, databases and calls of procedures: name, kind, status and required attributes.

import Telemetry

/// Holds spans against the conventions that are stable, and those of RPC, which are a release candidate.
struct SpanConventions {
    /// What a span is by its attributes.
    private struct Case {
        let span: ReadableSpan
        let attributes: Attributes
        var findings: [ConventionFinding] = []

        func text(_ key: String) -> String { attributes[key]?.stringValue ?? "" }

        mutating func report(_ rule: ConventionFinding.Rule, _ level: ConventionFinding.Level, _ subject: String, _ message: String) {
            findings.append(ConventionFinding(rule, level, .span, subject, message))
        }

        mutating func require(_ keys: [String], of what: String) {
            for key in keys where attributes[key] == nil {
                report(.requiredAttributeNotPresent, .violation, key, "\(what) requires it, and one lacks it")
            }
        }

        var hasFailed: Bool { if case .error = span.status { true } else { false } }

        /// A failed operation says how by `error.type`.
        mutating func requireErrorType(of what: String) {
            if hasFailed, attributes["error.type"] == nil {
                report(
                    .conditionallyRequiredAttributeNotPresent, .information, "error.type", "\(what) that failed has it, and one lacks it")
            }
        }
    }

    func findings(_ span: ReadableSpan, _ attributes: Attributes) -> [ConventionFinding] {
        var one = Case(span: span, attributes: attributes)
        if attributes["http.request.method"] != nil {
            checkHTTP(&one)
        } else if attributes["db.system.name"] != nil {
            checkDatabase(&one)
        } else if attributes["rpc.system.name"] != nil {
            checkRPC(&one)
        } else if let shape = Self.shape(of: span.name) {
            one.report(.spanName, .improvement, shape, "a name that holds an identifier; it belongs into an attribute")
        }
        return one.findings
    }

    // MARK: HTTP

    private func checkHTTP(_ one: inout Case) {
        let what: String
        switch one.span.kind {
        case .server:
            what = "a server span of HTTP"
            one.require(["url.path", "url.scheme"], of: what)
        case .client:
            what = "a client span of HTTP"
            one.require(["server.address", "server.port", "url.full"], of: what)
        default:
            return one.report(.spanKind, .violation, "http.request.method", "spans of HTTP are of kind server or client; one is not")
        }
        checkHTTPStatus(&one, what)
        one.requireErrorType(of: what)
        let method = one.text("http.request.method") == "_OTHER" ? "HTTP" : one.text("http.request.method")
        let target = one.text(one.span.kind == .server ? "http.route" : "url.template")
        let name = one.span.name
        guard name != method, name != "\(method) \(target)" else { return }
        let path = one.text("url.path")
        if !path.isEmpty, name.hasSuffix(path), path != target {
            one.report(.spanName, .violation, "\(method) {path}", "the path is in the name of \(what); only a route or template may be")
        } else {
            let right = one.span.kind == .server ? "http.route" : "url.template"
            one.report(
                .spanName, .improvement, Self.shape(of: name) ?? name, "the name of \(what) is its method, and its \(right) if it has one")
        }
    }

    private func checkHTTPStatus(_ one: inout Case, _ what: String) {
        guard let code = one.attributes["http.response.status_code"]?.intValue else { return }
        let isServer = one.span.kind == .server
        if code >= (isServer ? 500 : 400), code < 600, !one.hasFailed {
            one.report(.spanStatus, .violation, "\(code)", "\(what) with this status code has the status error, and one has not")
        } else if isServer, (400..<500).contains(code), one.hasFailed {
            one.report(
                .spanStatus, .improvement, "\(code)", "\(what) with this status code has no status error unless it failed in another way")
        }
    }

    // MARK: Databases

    private func checkDatabase(_ one: inout Case) {
        let what = "a span of a database"
        guard one.span.kind == .client || one.span.kind == .internal else {
            return one.report(
                .spanKind, .violation, "db.system.name", "spans of databases are of kind client, or internal in memory; one is not")
        }
        one.requireErrorType(of: what)
        let name = one.span.name
        let (summary, operation) = (one.text("db.query.summary"), one.text("db.operation.name"))
        let port = one.attributes["server.port"]?.intValue.map { ":\($0)" } ?? ""
        let targets = [
            one.text("db.collection.name"), one.text("db.stored_procedure.name"), one.text("db.namespace"),
            one.text("server.address") + port,
        ]
        let target = targets.first { !$0.isEmpty } ?? ""
        let names =
            !summary.isEmpty
            ? [summary]
            : !operation.isEmpty
                // Some systems leave out the target: Redis has its index there.
                ? ["\(operation) \(target)", operation, "\(operation) \(targets[3])"] : [target, one.text("db.system.name")]
        if !names.contains(name) {
            one.report(
                .spanName, .improvement, Self.shape(of: name) ?? name,
                "the name of \(what) is db.query.summary, or operation and target, or target, or system")
        }
    }

    // MARK: RPC

    /// Codes of gRPC that are errors of a server. (Conventions for gRPC, "server span".)
    private static let serverErrors: Set = ["UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"]

    private func checkRPC(_ one: inout Case) {
        let what: String
        switch one.span.kind {
        case .server: what = "a server span of RPC"
        case .client: what = "a client span of RPC"
        default: return one.report(.spanKind, .violation, "rpc.system.name", "spans of RPC are of kind server or client; one is not")
        }
        let code = SemanticAttributes.RPC.statusCode
        if one.text("rpc.system.name") == "grpc" {
            one.require(one.span.kind == .client ? ["rpc.method", code, "server.address"] : [code], of: what)
            let status = one.text(code)
            let isError = one.span.kind == .server ? Self.serverErrors.contains(status) : !status.isEmpty && status != "OK"
            if isError != one.hasFailed, !status.isEmpty {
                one.report(.spanStatus, .violation, status, "\(what) with this code \(isError ? "has" : "does not have") the status error")
            }
        }
        one.requireErrorType(of: what)
        let method = one.text("rpc.method")
        let right = method.isEmpty || method == "_OTHER" ? one.text("rpc.system.name") : method
        if one.span.name != right {
            one.report(.spanName, .improvement, Self.shape(of: one.span.name) ?? one.span.name, "the name of \(what) is rpc.method")
        }
    }

    // MARK: Names

    /// Returns the name with its identifiers as `{…}`; nil if there are none.
    ///
    /// An identifier is a word of digits alone with three or more, or of hexadecimal digits with eight or more, one a digit.
    static func shape(of name: String) -> String? {
        var shape = ""
        var word = ""
        for character in name.prefix(300) + " " {
            if character.isLetter || character.isNumber || character == "-" {
                word.append(character)
                continue
            }
            shape += Self.shape(ofWord: word)
            word = ""
            shape.append(character)
        }
        shape.removeLast()
        return shape.contains("{…}") ? shape : nil
    }

    private static func shape(ofWord word: String) -> String {
        let parts = word.split(separator: "-", omittingEmptySubsequences: false)
        if parts.map(\.count) == [8, 4, 4, 4, 12], parts.allSatisfy({ $0.allSatisfy(\.isHexDigit) }) { return "{…}" }
        return parts.map { isIdentifier($0) ? "{…}" : $0 }.joined(separator: "-")
    }

    private static func isIdentifier(_ word: Substring) -> Bool {
        let digits = word.utf8.count { (48...57).contains($0) }
        if digits == word.utf8.count { return digits >= 3 }
        return word.utf8.count >= 8 && digits > 0 && word.allSatisfy(\.isHexDigit)
    }
}
