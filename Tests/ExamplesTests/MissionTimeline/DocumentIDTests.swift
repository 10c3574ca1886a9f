// APO-07: identifiers of documents.

import Telemetry
import Testing

@testable import MissionTimeline

struct DocumentIDTests {
    @Test("APO-07: an identifier has 24 hexadecimal digits, of which the first eight are its second")
    func identifierHasItsSecond() {
        let ids = (0..<1000).map { _ in DocumentID(at: Timestamp(nanosecondsSinceEpoch: 0x6123_4567 * 1_000_000_000)).text }
        #expect(ids.allSatisfy { $0.count == 24 && $0.hasPrefix("61234567") && $0.allSatisfy(\.isHexDigit) })
        #expect(Set(ids).count == 1000 && Set(ids.map { $0.prefix(18) }).count == 1)
    }
}
