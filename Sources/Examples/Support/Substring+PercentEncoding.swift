// Decodes paths and queries; the router and requests share it.

import Telemetry

extension Substring {
    /// The text with `%XX` decoded; the text itself if it is malformed or not UTF-8.
    package var percentDecoded: String {
        guard utf8.contains(UInt8(ascii: "%")) else { return String(self) }
        return PercentEncoding.decode(self) ?? String(self)
    }
}
