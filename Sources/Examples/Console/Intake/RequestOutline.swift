// Hot: the outline of a request, which all signals share: items in scopes in resources.

import ExampleSupport
import Telemetry

/// Walks over the items of a request in its bytes.
enum RequestOutline {
    /// Calls the closure with the place of each item in the request, and the number of its scope.
    static func forEachItem(
        of body: UnsafeRawBufferPointer, _ origins: inout OriginTable,
        _ take: (_ item: Range<Int>, _ scope: UInt32) throws(OTLPRequestError) -> Void
    ) throws(OTLPRequestError) {
        var walker = WireWalker(body)
        while try MessageCheck.next(&walker) {
            guard walker.number == OTLPSchema.AnySignal.resources.number, walker.hasContent else { continue }
            try forEachItem(ofResource: walker.contentStart, walker.contentCount, of: body, &origins, take)
        }
    }

    private static func forEachItem(
        ofResource start: Int, _ length: Int, of body: UnsafeRawBufferPointer, _ origins: inout OriginTable,
        _ take: (_ item: Range<Int>, _ scope: UInt32) throws(OTLPRequestError) -> Void
    ) throws(OTLPRequestError) {
        let message = body.part(start, length)
        // The resource may come after its scopes.
        let head = try head(
            of: message, OTLPSchema.AnySignal.resource.number, OTLPSchema.AnySignal.resourceSchemaURL.number,
            attributes: OTLPSchema.Resource.attributes.number)
        var resource: UInt32?
        var walker = WireWalker(message)
        while try MessageCheck.next(&walker) {
            guard walker.number == OTLPSchema.AnySignal.scopes.number, walker.hasContent else { continue }
            let scopeStart = start + walker.contentStart
            let scopeMessage = walker.content
            let scopeHead = try self.head(
                of: scopeMessage, OTLPSchema.AnySignal.scope.number, OTLPSchema.AnySignal.scopeSchemaURL.number,
                attributes: OTLPSchema.InstrumentationScope.attributes.number)
            var scope: UInt32?
            var items = WireWalker(scopeMessage)
            while try MessageCheck.next(&items) {
                guard items.number == OTLPSchema.AnySignal.items.number, items.hasContent else { continue }
                // Resources and scopes without items are not kept.
                let origin = resource ?? head.withMessage { origins.resource($0, schemaURL: head.schemaURL) }
                resource = origin
                let number = scope ?? scopeHead.withMessage { origins.scope($0, schemaURL: scopeHead.schemaURL, resource: origin) }
                scope = number
                let itemStart = scopeStart + items.contentStart
                try take(itemStart..<itemStart + items.contentCount, number)
            }
        }
    }

    /// A resource or scope: its message, in one piece or in several that are merged, and the address of its schema.
    private struct Head {
        var message = UnsafeRawBufferPointer(start: nil, count: 0)
        /// The pieces one after another, which is how protobuf merges them; nil unless there are several.
        var merged: [UInt8]?
        var schemaURL = UnsafeRawBufferPointer(start: nil, count: 0)

        func withMessage(_ body: (UnsafeRawBufferPointer) -> UInt32) -> UInt32 {
            merged?.withUnsafeBytes(body) ?? body(message)
        }
    }

    private static func head(of message: UnsafeRawBufferPointer, _ field: Int, _ schemaURL: Int, attributes: Int) throws(OTLPRequestError)
        -> Head
    {
        var head = Head()
        var isFound = false
        var walker = WireWalker(message)
        while try MessageCheck.next(&walker) {
            guard walker.hasContent else { continue }
            if walker.number == field {
                if isFound { head.merged = (head.merged ?? Array(head.message)) + Array(walker.content) }
                head.message = walker.content
                isFound = true
                try MessageCheck.attributes(attributes, of: walker.content)
            } else if walker.number == schemaURL {
                head.schemaURL = walker.content
            }
        }
        return head
    }
}
