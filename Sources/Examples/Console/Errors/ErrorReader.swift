// Finds errors in requests as they come.

import ExampleSupport
import Telemetry

/// Reads the exceptions of spans and log records, and feedback, from the protobuf bytes of a request.
struct ErrorReader: Sendable {
    /// What a request has.
    struct Findings: Sendable {
        var errors: [ErrorOccurrence] = []
        var feedback: [ErrorGroup.Feedback] = []
        /// Errors beyond those that are taken of one request.
        var leftOut = 0
    }

    /// The attributes and names by which reports of programs are told from other log records.
    enum Names {
        static let eventID = "error.event.id"
        static let fingerprint = "error.fingerprint"
        static let handled = "exception.handled"
        static let feedback = "user.feedback"
        static let feedbackName = "feedback.name"
        static let feedbackEmail = "feedback.email"
    }

    private typealias Pair = (name: String, value: String)

    /// Errors of one request that are taken.
    static let maximumErrors = 10_000
    /// How far ahead of the console's clock an error may be, in nanoseconds.
    private static let maximumLead: UInt64 = 60_000_000_000
    private static let needles = [TextNeedle("exception"), TextNeedle(Names.feedback)]

    /// The attribute that names the affected user.
    let userAttribute: String

    init(userAttribute: String = "user.id") {
        self.userAttribute = userAttribute
    }

    /// Reads a request that has been taken; one without an exception costs a search for the word.
    func findings(in request: [UInt8], _ signal: OTLPReceivedRequest.Signal, now: UInt64) -> Findings {
        var findings = Findings()
        guard signal != .metrics else { return findings }
        request.withUnsafeBytes { body in
            guard Self.needles.contains(where: { $0.isIn(body) }) else { return }
            Self.forEach(OTLPSchema.AnySignal.resources.number, of: body) { resource in
                var identity = ErrorOccurrence()
                Self.forEach(OTLPSchema.AnySignal.resource.number, of: resource) { message in
                    take(Self.attributes(OTLPSchema.Resource.attributes.number, of: message), to: &identity, keepsOthers: false)
                }
                Self.forEach(OTLPSchema.AnySignal.scopes.number, of: resource) { scope in
                    Self.forEach(OTLPSchema.AnySignal.items.number, of: scope) { item in
                        if signal == .traces {
                            readSpan(item, identity, now, &findings)
                        } else {
                            readRecord(item, identity, now, &findings)
                        }
                    }
                }
            }
        }
        return findings
    }

    private static func forEach(_ field: Int, of message: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void) {
        var walker = WireWalker(message)
        while (try? walker.next()) == true { if walker.number == field, walker.hasContent { body(walker.content) } }
    }

    // MARK: Items

    /// Returns the time of an error; one whose clock is ahead would be the newest of its group for long.
    private static func time(_ time: UInt64, _ now: UInt64) -> UInt64 { time == 0 ? now : min(time, now + maximumLead) }

    private func readSpan(_ span: UnsafeRawBufferPointer, _ identity: ErrorOccurrence, _ now: UInt64, _ findings: inout Findings) {
        guard Self.needles[0].isIn(span) else { return }
        var error = identity
        var exceptions: [(time: UInt64, attributes: [Pair])] = []
        var walker = WireWalker(span)
        while (try? walker.next()) == true {
            switch walker.number {
            case 1: error.traceID = Self.hexadecimal(walker.content)
            case 2: error.spanID = Self.hexadecimal(walker.content)
            case 5: error.place = String(decoding: walker.content, as: UTF8.self)
            case 11:
                guard let time = Self.exceptionTime(walker.content) else { break }
                if findings.errors.count + exceptions.count < Self.maximumErrors {
                    exceptions.append((time, Self.attributes(3, of: walker.content)))
                } else {
                    findings.leftOut += 1
                }
            default: break
            }
        }
        guard !exceptions.isEmpty else { return }
        error.eventID = error.traceID
        take(Self.attributes(9, of: span), to: &error, keepsOthers: true)
        for (time, attributes) in exceptions {
            var one = error
            one.time = Self.time(time, now)
            take(attributes, to: &one, keepsOthers: true)
            findings.errors.append(one)
        }
    }

    /// Returns the time of an event of a span if it is an exception.
    private static func exceptionTime(_ event: UnsafeRawBufferPointer) -> UInt64? {
        var (time, isException): (UInt64, Bool) = (0, false)
        var walker = WireWalker(event)
        while (try? walker.next()) == true {
            if walker.number == 1 { time = walker.value }
            if walker.number == 2 { isException = walker.content.elementsEqual("exception".utf8) }
        }
        return isException ? time : nil
    }

    private func readRecord(_ record: UnsafeRawBufferPointer, _ identity: ErrorOccurrence, _ now: UInt64, _ findings: inout Findings) {
        guard Self.needles.contains(where: { $0.isIn(record) }) else { return }
        var error = identity
        var (observed, event, body): (UInt64, String, String) = (0, "", "")
        var walker = WireWalker(record)
        while (try? walker.next()) == true {
            switch walker.number {
            case 1: error.time = walker.value
            case 5: body = Self.text(walker.content)
            case 9: error.traceID = Self.hexadecimal(walker.content)
            case 10: error.spanID = Self.hexadecimal(walker.content)
            case 11: observed = walker.value
            case 12: event = String(decoding: walker.content, as: UTF8.self)
            default: break
            }
        }
        error.source = .record
        error.time = Self.time(error.time > 0 ? error.time : observed, now)
        let attributes = Self.attributes(6, of: record)
        if event == Names.feedback {
            func value(_ name: String) -> String { String((attributes.first { $0.name == name }?.value ?? "").prefix(200)) }
            findings.feedback.append(
                ErrorGroup.Feedback(
                    time: error.time, name: value(Names.feedbackName), email: value(Names.feedbackEmail),
                    message: String(body.prefix(4_096)),
                    eventID: value(Names.eventID)))
            return
        }
        guard attributes.contains(where: { $0.name == "exception.type" || $0.name == "exception.message" }) else { return }
        guard findings.errors.count < Self.maximumErrors else { return findings.leftOut += 1 }
        take(attributes, to: &error, keepsOthers: true)
        if error.message.isEmpty { error.message = body }
        if error.eventID.isEmpty { error.eventID = error.traceID }
        findings.errors.append(error)
    }

    // MARK: Attributes

    /// Takes the attributes that an error has fields for.
    ///
    /// - Parameter keepsOthers: true to keep the others as its contexts.
    private func take(_ attributes: [Pair], to error: inout ErrorOccurrence, keepsOthers: Bool) {
        for (name, value) in attributes {
            if name == userAttribute { error.user = value }
            switch name {
            case "exception.type": error.type = value
            case "exception.message": error.message = value
            case "exception.stacktrace": error.stack = value
            case "service.name": error.service = value
            case "service.version": error.release = value
            case "deployment.environment.name": error.environment = value
            case "deployment.environment": if error.environment.isEmpty { error.environment = value }
            case Names.eventID: error.eventID = value
            case Names.fingerprint: error.fingerprint = value
            case Names.handled: error.isHandled = value == "true"
            case "exception.escaped": error.isHandled = value != "true"
            default: if keepsOthers, error.contexts.count < ErrorOccurrence.maximumContexts { error.contexts.append((name, value)) }
            }
        }
    }

    private static func attributes(_ field: Int, of message: UnsafeRawBufferPointer) -> [Pair] {
        var pairs: [Pair] = []
        AttributeWalk.forEach(field, of: message) { key, value in
            pairs.append((String(decoding: key, as: UTF8.self), text(value)))
            return pairs.count < 256
        }
        return pairs
    }

    /// Returns an `AnyValue` as text; lists and maps as JSON.
    private static func text(_ value: UnsafeRawBufferPointer) -> String {
        switch AttributeWalk.value(value) {
        case .text(let bytes): return String(decoding: bytes.prefix(ErrorOccurrence.maximumStack * 2), as: UTF8.self)
        case .bool(let truth): return truth ? "true" : "false"
        case .int(let number): return String(number)
        case .double(let number): return "\(number)"
        case .other:
            guard value.count > 0, value.count <= ErrorOccurrence.maximumStack else { return "" }
            var writer = JSONWriter()
            OTLPValueWriter.value(value, to: &writer)
            return String(decoding: writer.bytes, as: UTF8.self)
        }
    }

    private static func hexadecimal(_ bytes: UnsafeRawBufferPointer) -> String {
        guard bytes.count == 16 || bytes.count == 8, bytes.contains(where: { $0 != 0 }) else { return "" }
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
