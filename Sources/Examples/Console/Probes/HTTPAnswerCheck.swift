// Whether an answer is what a module expects.

import ExampleSupport
import Telemetry

/// Checks the last answer of a probe, and notes its figures.
struct HTTPAnswerCheck {
    let options: HTTPProbeOptions
    /// True if the answer is a redirect that was not followed, whose body does not count.
    let wasRefused: Bool

    func check(_ answer: inout HTTPRoundTrip, _ findings: inout ProbeFindings) {
        defer { answer.fail(findings.problem) }
        if let problem = answer.problem { findings.fail(problem) }
        if let peer = answer.peer, answer.head != nil {
            findings.page.set(.httpSSL, 1)
            findings.note(peer, withCipher: true)
            if options.failsWithSSL { findings.fail("the answer came over TLS, and fail_if_ssl is true") }
        } else if options.failsWithoutSSL {
            findings.fail("the answer did not come over TLS, and fail_if_not_ssl is true")
        }
        guard let head = answer.head else { return findings.fail("there was no answer") }
        findings.page.set(.httpStatus, Double(head.status))
        let isValid = options.validStatusCodes.isEmpty ? (200...299).contains(head.status) : options.validStatusCodes.contains(head.status)
        if !isValid {
            let wanted =
                options.validStatusCodes.isEmpty ? "2xx" : options.validStatusCodes.sorted().map(String.init).joined(separator: ", ")
            findings.fail("the status is \(head.status); it must be \(wanted)")
        }
        checkHeaders(head, &findings)
        checkBody(answer.body, isWhole: answer.problem == nil, &findings)
        let hasNoBody = head.status == 204 || head.status == 304
        let length = head.headers["Content-Length"].flatMap { Double($0) }
        findings.page.set(.httpLength, hasNoBody ? 0 : length ?? -1)
        if let time = head.headers["Last-Modified"].flatMap(HTTPDateText.seconds) { findings.page.set(.httpLastModified, Double(time)) }
        findings.page.set(.httpVersion, head.minorVersion == 0 ? 1 : 1.1)
        let version = "HTTP/1.\(head.minorVersion)"
        if !options.validVersions.isEmpty, !options.validVersions.contains(version) {
            findings.fail("the version is \(version); it must be \(options.validVersions.joined(separator: " or "))")
        }
    }

    private func checkHeaders(_ head: HTTPHead, _ findings: inout ProbeFindings) {
        guard findings.problem == nil else { return }
        for (rules, mustMatch) in [(options.headersMustNotMatch, false), (options.headersMustMatch, true)] {
            for rule in rules {
                let values = head.headers.values(named: rule.header)
                if values.isEmpty, rule.allowsMissing { continue }
                if !values.isEmpty, values.contains(where: { rule.pattern.isFound(in: $0) }) == mustMatch { continue }
                findings.page.set(.failedByPattern, 1)
                let what =
                    values.isEmpty ? "is missing" : mustMatch ? "does not match \(rule.pattern.text)" : "matches \(rule.pattern.text)"
                return findings.fail("the header \(rule.header) \(what)")
            }
        }
    }

    private func checkBody(_ raw: [UInt8], isWhole: Bool, _ findings: inout ProbeFindings) {
        var body = raw
        if options.isCompressed {
            let limit = options.bodyLimit ?? HTTPProber.maximumBodyBytes
            do throws(GzipError) { body = try Gzip.decompressed(raw, maximumBytes: limit) } catch {
                return findings.fail("the body cannot be decompressed by gzip: \(error)")
            }
        }
        if isWhole, !wasRefused { findings.page.set(.httpBodyLength, Double(body.count)) }
        guard findings.problem == nil, !(options.bodyMustMatch.isEmpty && options.bodyMustNotMatch.isEmpty) else { return }
        let text = String(decoding: body, as: UTF8.self)
        for (patterns, mustMatch) in [(options.bodyMustNotMatch, false), (options.bodyMustMatch, true)] {
            for pattern in patterns where pattern.isFound(in: text, until: findings.deadline) != mustMatch {
                findings.page.set(.failedByPattern, 1)
                let what = mustMatch ? "does not match" : "matches"
                return findings.fail("the body \(what) \(pattern.text)\(findings.deadline.hasPassed ? " in the time that there was" : "")")
            }
        }
        // A pattern that must not match may have been looked for in a part of the body alone.
        if findings.deadline.hasPassed { findings.fail("the time was up before the body was held against all patterns") }
    }
}

/// Reads dates of HTTP.
enum HTTPDateText {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Returns the seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`; nil for anything else. (RFC 9110 §5.6.7.)
    static func seconds(_ text: String) -> Int? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let day = Int(words[1]), let month = months.firstIndex(of: String(words[2])),
            let year = Int(words[3]), (1...31).contains(day), (1...9999).contains(year)
        else { return nil }
        let parts = words[4].split(separator: ":").compactMap { Int($0) }
        guard parts.count == 3, (0...23).contains(parts[0]), (0...59).contains(parts[1]), (0...60).contains(parts[2]) else { return nil }
        return CivilDate(year: year, month: month + 1, day: day, hour: parts[0], minute: parts[1], second: parts[2]).secondsSinceEpoch
    }
}
