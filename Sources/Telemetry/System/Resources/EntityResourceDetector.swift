// Entities that the environment passes on.

/// Detects the entities that the process was started for, from `OTEL_ENTITIES`.
///
/// In development. The variable holds `type{key=value,…}[key=value,…]@schema` for each entity, separated by semicolons: what identifies it, what
/// only describes it, and the schema of its attributes; the latter two may be missing. What cannot be read is reported and left out.
/// (Specification: entities, "Entity Propagation".)
public struct EntityResourceDetector: SourcedResourceDetector {
    /// The most entities that are read.
    static let maximumCount = 64

    public init() {}

    public var name: String { "entities" }

    func detect(in sources: ResourceSources) -> Resource {
        guard let text = sources.environment.text("OTEL_ENTITIES") else { return .empty }
        var problems: [String] = []
        let entities = Self.entities(text, &problems)
        if !problems.isEmpty {
            sources.environment.report(
                "OTEL_ENTITIES", "…", expected: "type{key=value,…}[key=value,…]@schema, separated by ;",
                used: problems.prefix(5).joined(separator: "; "))
        }
        return Resource(entities: entities)
    }

    /// Returns the entities of the variable; adds what was left out to the problems, without values, which may be secrets.
    static func entities(_ text: String, _ problems: inout [String]) -> [ResourceEntity] {
        var entities: [ResourceEntity] = []
        for (number, part) in text.split(separator: ";").enumerated()
        where !part.trimmingWhiteSpace().isEmpty {
            guard let read = entity(part.trimmingWhiteSpace()) else {
                problems.append("entity \(number + 1) is left out")
                continue
            }
            guard number < maximumCount else {
                problems.append("entities after the \(maximumCount)th are left out")
                break
            }
            let (entity, hasSchema) = read
            if !hasSchema { problems.append("the schema of entity \(number + 1) is left out") }
            // The last one counts of those with the same identity, or with different values of it.
            let earlier = entities.filter { isReplaced($0, by: entity) }
            if !earlier.isEmpty { problems.append("the last entity of type \(entity.type) is used") }
            entities.removeAll { isReplaced($0, by: entity) }
            let keys = entity.details.map(\.key)
            if entities.contains(where: { other in keys.contains { conflicts(other, entity, $0) } }) {
                problems.append("details that two entities have are those of the last one")
            }
            entities = entities.map { other in
                other.removing(details: keys.filter { conflicts(other, entity, $0) })
            }
            entities.append(entity)
        }
        return entities
    }

    private static func isReplaced(_ entity: ResourceEntity, by other: ResourceEntity) -> Bool {
        guard entity.type == other.type else { return false }
        return entity.identity.hasSameValues(as: other.identity)
            || entity.identity.contains { attribute in
                other.identity[attribute.key].map { $0 != attribute.value } ?? false
            }
    }

    private static func conflicts(_ entity: ResourceEntity, _ other: ResourceEntity, _ key: String)
        -> Bool
    {
        entity.details[key].map { $0 != other.details[key] } ?? false
    }

    /// Returns one entity, and whether its schema could be used; nil for anything else.
    private static func entity(_ text: Substring) -> (ResourceEntity, hasSchema: Bool)? {
        guard let opening = text.firstIndex(of: "{"), let closing = text.firstIndex(of: "}"),
            opening < closing
        else { return nil }
        let type = text[..<opening]
        guard isName(type), let identity = attributes(text[text.index(after: opening)..<closing]),
            !identity.isEmpty
        else { return nil }
        var rest = text[text.index(after: closing)...]
        var details = Attributes()
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]"),
                let read = attributes(rest[rest.index(after: rest.startIndex)..<end])
            else { return nil }
            details = read
            rest = rest[rest.index(after: end)...]
        }
        var (schema, hasSchema) = ("", true)
        if rest.first == "@" {
            schema = String(rest.dropFirst())
            hasSchema = isURI(schema)
            rest = ""
        }
        guard rest.isEmpty else { return nil }
        let entity = ResourceEntity(
            type: String(type), identity: identity, details: details, schemaURL: hasSchema ? schema : "")
        return (entity, hasSchema)
    }

    /// Returns the attributes of a list; nil if it has anything else. An empty list has none.
    private static func attributes(_ text: Substring) -> Attributes? {
        var attributes = Attributes()
        for part in text.isEmpty ? [] : text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", omittingEmptySubsequences: false)
            guard sides.count == 2, isName(sides[0]), !sides[1].contains(where: { "{}[]@".contains($0) }),
                let value = PercentEncoding.decode(sides[1])
            else { return nil }
            attributes[String(sides[0])] = .string(value)
        }
        return attributes
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, isLetter(first) else { return false }
        return text.utf8.allSatisfy { byte in
            isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || byte == UInt8(ascii: ".")
                || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    /// Returns whether the text has a scheme and something behind it, without white space.
    private static func isURI(_ text: String) -> Bool {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return false }
        let scheme = text.utf8[..<colon]
        let isScheme = scheme.allSatisfy {
            isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || "+-.".utf8.contains($0)
        }
        return scheme.first.map(isLetter) ?? false && isScheme
            && text.utf8.index(after: colon) < text.utf8.endIndex
    }
}

extension ResourceDetector where Self == EntityResourceDetector {
    /// The entities of `OTEL_ENTITIES`. In development.
    public static var entities: Self { EntityResourceDetector() }
}
