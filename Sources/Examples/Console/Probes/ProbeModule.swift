// What probes do: the modules of blackbox_exporter's configuration.

import Telemetry

/// One way of probing, which any number of targets may share.
struct ProbeModule: Sendable {
    enum Prober: Sendable {
        case http(HTTPProbeOptions)
        case tcp(TCPProbeOptions)
        case dns(DNSProbeOptions)

        var name: String {
            switch self {
            case .http: "http"
            case .tcp: "tcp"
            case .dns: "dns"
            }
        }
    }

    let name: String
    let prober: Prober
    /// Nil for as long as the interval allows.
    let timeout: Duration?
}

/// The address that is probed if a name has several.
struct ProbeAddressOptions: Sendable {
    var prefersVersion6 = true
    var fallsBack = true
}

struct HTTPProbeOptions: Sendable {
    struct HeaderMatch: Sendable {
        let header: String
        let pattern: SearchPattern
        let allowsMissing: Bool
    }

    /// Empty for all from 200 to 299.
    var validStatusCodes: Set<Int> = []
    /// Empty for all.
    var validVersions: [String] = []
    var method = "GET"
    var headers: [(name: String, value: String)] = []
    var body: TextSource?
    var authorization: ClientAuthorization?
    /// Nil for ``HTTPProber/maximumBodyBytes``.
    var bodyLimit: Int?
    /// True if the body must be compressed by gzip.
    var isCompressed = false
    var followsRedirects = true
    var failsWithSSL = false
    var failsWithoutSSL = false
    var bodyMustNotMatch: [SearchPattern] = []
    var bodyMustMatch: [SearchPattern] = []
    var headersMustNotMatch: [HeaderMatch] = []
    var headersMustMatch: [HeaderMatch] = []
    var tls = ClientTLS()
    var address = ProbeAddressOptions()
}

struct TCPProbeOptions: Sendable {
    /// What is awaited, and what is sent then.
    struct Step: Sendable {
        var expect: SearchPattern?
        var expectBytes: [UInt8] = []
        var labels: [(name: String, value: String)] = []
        var send = ""
        var startsTLS = false
    }

    var steps: [Step] = []
    var usesTLS = false
    var tls = ClientTLS()
    var address = ProbeAddressOptions()
}

struct DNSProbeOptions: Sendable {
    /// What the records of a section must be like.
    struct Validation: Sendable {
        var failsIfAnyMatches: [SearchPattern] = []
        var failsIfAllMatch: [SearchPattern] = []
        var failsIfAnyDiffers: [SearchPattern] = []
        var failsIfNoneMatches: [SearchPattern] = []
    }

    var usesTCP = false
    var usesTLS = false
    var name = ""
    var type = DNSRecordType.any
    var recordClass: UInt16 = 1
    var wantsRecursion = true
    var validCodes: Set<UInt8> = [0]
    var answers = Validation()
    var authorities = Validation()
    var additionals = Validation()
    var tls = ClientTLS()
    var address = ProbeAddressOptions()
}
