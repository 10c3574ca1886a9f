// The resources and scopes of an answer, each once.

import Telemetry

/// Numbers the resources and scopes of items from several blocks in the order in which they are first used.
struct OriginList {
    private struct Key: Hashable {
        let block: Int
        let number: UInt32
    }

    private var resourceNumbers: [Key: Int] = [:]
    private var scopeNumbers: [Key: Int] = [:]
    private var resourcesByBytes: [[UInt8]: Int] = [:]
    private var scopesByBytes: [[UInt8]: Int] = [:]
    private(set) var resources: [(bytes: [UInt8], service: String)] = []
    private(set) var scopes: [OriginTable.Scope] = []

    /// Returns the numbers of the resource and scope of an item.
    mutating func numbers(_ origins: OriginTable, block: Int, scope: UInt32) -> (resource: Int, scope: Int) {
        let known = origins.scopes[Int(scope)]
        let resourceKey = Key(block: block, number: known.resource)
        let resource: Int
        if let number = resourceNumbers[resourceKey] {
            resource = number
        } else {
            let entry = origins.resources[Int(known.resource)]
            resource = resourcesByBytes[entry.bytes] ?? resources.count
            if resource == resources.count {
                resources.append((entry.bytes, origins.services.texts[Int(entry.service)]))
                resourcesByBytes[entry.bytes] = resource
            }
            resourceNumbers[resourceKey] = resource
        }
        let scopeKey = Key(block: block, number: scope)
        if let number = scopeNumbers[scopeKey] { return (resource, number) }
        let number = scopesByBytes[known.bytes] ?? scopes.count
        if number == scopes.count {
            scopes.append(known)
            scopesByBytes[known.bytes] = number
        }
        scopeNumbers[scopeKey] = number
        return (resource, number)
    }

    func writeResources(to writer: inout JSONWriter) {
        writer.key("resources")
        writer.beginArray()
        for resource in resources {
            writer.beginObject()
            writer.member("service", resource.service)
            writer.key("attributes")
            resource.bytes.withUnsafeBytes { OTLPValueWriter.attributes(1, of: $0, to: &writer) }
            writer.endObject()
        }
        writer.endArray()
    }

    func writeScopes(to writer: inout JSONWriter) {
        writer.key("scopes")
        writer.beginArray()
        for scope in scopes {
            writer.beginObject()
            writer.member("name", scope.name)
            writer.member("version", Self.version(of: scope))
            writer.key("attributes")
            scope.bytes.withUnsafeBytes { OTLPValueWriter.attributes(3, of: $0, to: &writer) }
            writer.endObject()
        }
        writer.endArray()
    }

    private static func version(of scope: OriginTable.Scope) -> String {
        scope.bytes.withUnsafeBytes { message in
            var walker = WireWalker(message)
            var version = ""
            while (try? walker.next()) == true {
                if walker.number == OTLPSchema.InstrumentationScope.version.number { version = Untrusted.text(walker.content, limit: 256) }
            }
            return version
        }
    }
}
