// Form and randomness of UUIDs.

import ExampleSupport
import Testing

struct UUIDTests {
    @Test func randomUUIDHasVersion4AndVariant() {
        let ids = (0..<1_000).map { _ in UUID() }
        #expect(Set(ids).count == ids.count)
        for text in ids.map(\.description) {
            let digits = Array(text)
            #expect(digits.count == 36 && digits[14] == "4" && "89ab".contains(digits[19]), "\(text)")
            #expect(UUID(text)?.description == text)
        }
    }

    @Test func textIsReadInAnyCase() {
        #expect(UUID("00112233-4455-6677-8899-AABBCCDDEEFF")?.description == "00112233-4455-6677-8899-aabbccddeeff")
    }

    @Test(arguments: [
        "", "00112233445566778899aabbccddeeff", "00112233-4455-6677-8899-aabbccddeef", "00112233-4455-6677-8899-aabbccddeefg",
        "+0112233-4455-6677-8899-aabbccddeeff", "{00112233-4455-6677-8899-aabbccddeeff}", "00112233-4455-66778899-aabb-ccddeeff",
    ])
    func otherTextsAreRefused(text: String) {
        #expect(UUID(text) == nil)
    }
}
