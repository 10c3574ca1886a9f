// The events that spaceports send to the ledger: their names and attributes, which both services know.

package import Telemetry

/// Something that happened to a ship at a spaceport.
package struct SpaceportEvent: Sendable, Hashable {
    package enum Outcome: String, Sendable, CaseIterable {
        case docked, separated, refused
    }

    package enum Action: String, Sendable {
        case dock, separate
    }

    /// Tells this event from all others, however often it is sent.
    package var id: String
    package var outcome: Outcome
    package var action: Action
    package var ship: String
    package var port: String
    /// The passengers of a ship that has docked or separated; those that a refused ship says it has.
    package var passengers: Int
    /// Why a ship was refused.
    package var reason: String?

    package init(
        id: String = UUID().description, _ outcome: Outcome, _ action: Action, ship: String, port: String, passengers: Int,
        reason: String? = nil
    ) {
        self.id = id
        self.outcome = outcome
        self.action = action
        self.ship = ship
        self.port = port
        self.passengers = passengers
        self.reason = reason
    }

    private static let namePrefix = "spaceport."

    /// Reads the event of a received record; nil if the record is something else.
    ///
    /// - Throws: if the record has the name of an event but lacks an attribute, or has one that is too long.
    package init?(_ record: ReadableLogRecord) throws(Invalid) {
        guard let name = record.eventName, name.hasPrefix(Self.namePrefix),
            let outcome = Outcome(rawValue: String(name.dropFirst(Self.namePrefix.count)))
        else {
            return nil
        }
        let attributes = record.attributes
        func text(_ key: String) throws(Invalid) -> String {
            guard case .string(let text)? = attributes[key], !text.isEmpty, text.utf8.count <= Self.longestText, !text.utf8.contains(0)
            else { throw Invalid(description: "\(key) must be a text of 1 to \(Self.longestText) bytes") }
            return text
        }
        guard let action = Action(rawValue: try text("spa.action")) else {
            throw Invalid(description: "spa.action must be dock or separate")
        }
        guard case .int(let passengers)? = attributes["spa.passengers"] else {
            throw Invalid(description: "spa.passengers must be a whole number")
        }
        self.init(
            id: try text("log.record.uid"), outcome, action, ship: try text("ship.id"), port: try text("spaceport.name"),
            passengers: Int(passengers), reason: outcome == .refused ? try text("spa.refusal.reason") : nil)
    }

    package static let longestText = 256

    /// Why a record is no event although it has the name of one.
    package struct Invalid: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) {
            self.description = description
        }
    }

    /// The event as a log record, in the context of the caller.
    package var record: LogRecord {
        var attributes: Attributes = [
            "log.record.uid": .string(id), "spa.action": .string(action.rawValue), "ship.id": .string(ship),
            "spaceport.name": .string(port), "spa.passengers": AttributeValue(passengers),
        ]
        attributes["spa.refusal.reason"] = reason.map { .string($0) }
        return LogRecord(
            severity: outcome == .refused ? .warn : .info, attributes: attributes, eventName: Self.namePrefix + outcome.rawValue)
    }
}
