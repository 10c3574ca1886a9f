// The JSON of keys and values.

import Telemetry

/// Writes the keys or values that items have, the most frequent first.
enum FacetAnswer {
    static func write(_ facets: Facets) -> [UInt8] {
        var writer = JSONWriter()
        let top = facets.top
        writer.beginObject()
        writer.key("values")
        writer.beginArray()
        for entry in top {
            writer.beginObject()
            writer.member("value", entry.name)
            writer.member("count", entry.count)
            writer.endObject()
        }
        writer.endArray()
        writer.member("distinct", facets.counts.count)
        writer.member("scanned", quoted: facets.scanned)
        writer.member("isPartial", facets.isPartial)
        writer.endObject()
        return writer.bytes
    }
}
