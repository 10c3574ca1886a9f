// The resources and scopes of a block, each kept once however often it was received.

import Telemetry

/// Resources and scopes by number, as OTLP bytes.
struct OriginTable: Sendable {
    /// A resource: its message and the name of its service, which is what most queries ask for.
    struct Resource: Sendable {
        let bytes: [UInt8]
        let schemaURL: String
        /// The number of the service's name in ``OriginTable/services``.
        let service: UInt32
    }

    /// A scope with the resource that it belongs to.
    struct Scope: Sendable {
        let bytes: [UInt8]
        let schemaURL: String
        let name: String
        let resource: UInt32
    }

    /// The bytes that an entry takes beside its message.
    private static let entryBytes = 160

    private(set) var resources: [Resource] = []
    private(set) var scopes: [Scope] = []
    private(set) var services = TextTable()
    private var ownByteCount = 0
    private var resourceNumbers: [UInt64: [UInt32]] = [:]
    private var scopeNumbers: [UInt64: [UInt32]] = [:]

    var byteCount: Int { ownByteCount + services.byteCount }

    mutating func resource(_ message: UnsafeRawBufferPointer, schemaURL: UnsafeRawBufferPointer) -> UInt32 {
        let key = ByteHash.hash(message)
        for number in resourceNumbers[key] ?? [] {
            let known = resources[Int(number)]
            if known.bytes.withUnsafeBytes({ ByteEquality.holds($0, message) }), known.schemaURL.utf8.elementsEqual(schemaURL) {
                return number
            }
        }
        let name = Self.serviceName(of: message)
        let service = name.withUnsafeBytes { services.number(of: $0) }
        let number = UInt32(resources.count)
        resources.append(Resource(bytes: Array(message), schemaURL: String(decoding: schemaURL, as: UTF8.self), service: service))
        resourceNumbers[key, default: []].append(number)
        ownByteCount += message.count + schemaURL.count + Self.entryBytes
        return number
    }

    mutating func scope(_ message: UnsafeRawBufferPointer, schemaURL: UnsafeRawBufferPointer, resource: UInt32) -> UInt32 {
        let key = ByteHash.hash(message) ^ ByteHash.hash(UInt64(resource))
        for number in scopeNumbers[key] ?? [] {
            let known = scopes[Int(number)]
            if known.resource == resource, known.bytes.withUnsafeBytes({ ByteEquality.holds($0, message) }),
                known.schemaURL.utf8.elementsEqual(schemaURL)
            {
                return number
            }
        }
        let number = UInt32(scopes.count)
        scopes.append(
            Scope(
                bytes: Array(message), schemaURL: String(decoding: schemaURL, as: UTF8.self), name: Self.scopeName(of: message),
                resource: resource))
        scopeNumbers[key, default: []].append(number)
        ownByteCount += message.count + schemaURL.count + Self.entryBytes
        return number
    }

    /// The name of the service of a scope.
    func serviceName(ofScope scope: UInt32) -> String { services.texts[Int(serviceNumber(ofScope: scope))] }

    func serviceNumber(ofScope scope: UInt32) -> UInt32 { resources[Int(scopes[Int(scope)].resource)].service }

    private static func serviceName(of message: UnsafeRawBufferPointer) -> [UInt8] {
        var name: [UInt8] = []
        AttributeWalk.forEach(OTLPSchema.Resource.attributes.number, of: message) { key, value in
            if key.elementsEqual("service.name".utf8), case .text(let text) = AttributeWalk.value(value) { name = Array(text) }
            return true
        }
        return name
    }

    private static func scopeName(of message: UnsafeRawBufferPointer) -> String {
        var walker = WireWalker(message)
        var name = ""
        while (try? walker.next()) == true {
            if walker.number == OTLPSchema.InstrumentationScope.name.number { name = Untrusted.text(walker.content, limit: 256) }
        }
        return name
    }
}
