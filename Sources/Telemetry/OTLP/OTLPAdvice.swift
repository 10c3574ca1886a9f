// What a person can do about a receiver that does not take what it is sent.

extension HTTPClientError {
    /// What happened, and for a person who has set up the export, what to look at.
    var withAdvice: String {
        let question: String
        switch self {
        case .refused: question = "is the collector running, and does it listen there?"
        case .unknownHost: question = "is the name in the endpoint right, and can this machine look it up?"
        case .unreachable: question = "is there a way from this machine to the collector?"
        case .timedOut: question = "is the collector overloaded, or does a firewall swallow what is sent?"
        case .closedEarly, .responseTooLarge: question = "does a receiver of OTLP over HTTP listen there, usually on port 4318?"
        default: return description
        }
        return "\(description) (\(question))"
    }
}

extension OTLPOutcome {
    /// What to do about a status that is no success; empty where the receiver's own words have to do.
    static func advice(forStatus status: Int, _ signal: OTLPSignal) -> String {
        switch status {
        case 300..<400: "redirects are not followed: give the endpoint that is redirected to"
        case 401, 403: "are the credentials in the headers right?"
        case 404, 405: "is the path of the endpoint right?"
        case 413: "\(signal.advice.smaller), or let the receiver take larger requests"
        case 415: "does the receiver take this encoding and this compression?"
        case 429, 503: "the receiver is overloaded: give it more room, or \(signal.advice.fewer)"
        default: ""
        }
    }
}
