// The codes that ships have asked for and not used.

import ExampleSupport

/// The latest code of each ship; of very many ships, those that have asked last.
struct PendingCodes: Sendable {
    /// Any caller can ask for any number of ships, so that codes that are never used must not fill the memory.
    static let maximumCount = 10_000

    private var codes: [String: (code: String, number: Int)] = [:]
    /// Ships in the order in which they have asked, those included that have asked again or used their code since.
    private var asked: [(ship: String, number: Int)] = []
    private var oldest = 0
    private var number = 0

    subscript(ship: String) -> String? { codes[ship]?.code }

    /// The ships with a code, in the order in which they have asked for it.
    var ships: [String] { asked[oldest...].filter { codes[$0.ship]?.number == $0.number }.map(\.ship) }

    /// Issues a code to a ship, in place of an earlier one.
    mutating func issue(to ship: String) -> String {
        let code = UUID().description
        number += 1
        codes[ship] = (code, number)
        asked.append((ship, number))
        while codes.count > Self.maximumCount {
            let (ship, number) = asked[oldest]
            oldest += 1
            if codes[ship]?.number == number { codes[ship] = nil }
        }
        if asked.count >= 2 * Self.maximumCount {
            asked = asked[oldest...].filter { codes[$0.ship]?.number == $0.number }
            oldest = 0
        }
        return code
    }

    mutating func remove(_ ship: String) { codes[ship] = nil }
}
