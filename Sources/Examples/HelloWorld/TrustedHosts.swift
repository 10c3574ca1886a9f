// Which hosts messages may send this service to.

import Telemetry

/// The hosts whose URLs in messages are opened: the notification service that is configured, and Amazon's own in the region.
///
/// A message names the certificate that it is checked with, so that its sender would decide what is right if any host would do.
struct TrustedHosts: Sendable {
    let endpoint: HTTPURL
    let region: String

    /// Returns a URL of a trusted host; nil for every other text.
    func url(_ text: String) -> HTTPURL? {
        guard let url = HTTPURL(text), url.userInformation == nil, url.socketPath == nil else { return nil }
        let isOwn = url.isSecure == endpoint.isSecure && url.authority.lowercased() == endpoint.authority.lowercased()
        let isAmazon = url.isSecure && url.port == 443 && url.host.lowercased() == "sns.\(region).amazonaws.com"
        return isOwn || isAmazon ? url : nil
    }
}
