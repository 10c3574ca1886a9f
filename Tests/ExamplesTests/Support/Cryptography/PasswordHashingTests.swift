// Hashes of passwords against those of other implementations. (TWT-01.)

import Testing

@testable import ExampleSupport

struct PasswordHashingTests {
    private let hashing: PasswordHashing

    init() throws { hashing = try PasswordHashing(LibCrypto()) }

    // The first four are vectors of jBCrypt, the others are from Python's bcrypt 5, which is written in Rust.
    @Test(arguments: [
        ("a", "$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe"),
        ("abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"),
        ("abcdefghijklmnopqrstuvwxyz", "$2a$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC"),
        ("~!@#$%^&*()      ~!@#$%^&*()PNBFRD", "$2a$06$fPIsBO8qRqkjj273rfaOI.HtSV9jLDpTbZn782DC6/t7qT67P6FfO"),
        ("correct horse battery staple", "$2b$10$tSOvQhDB3QbxPVYYIQKJQO5zSBvwyIFE60RGTz1pnr6pFpHV.5GMS"),
        ("pässwörd 🎺", "$2b$10$L1issg/FeFP7DsqKeMk2u.wjtXzz5OYFOunfhobe7Ph8W7HVk.7Pm"),
        (String(repeating: "x", count: 72), "$2b$10$gY192zFtZK6T6vOzQ9L4keImTfBI7GS4oMn36GI2ns0NhbYRnL3IK"),
    ])
    func hashOfAnotherImplementationMatches(password: String, hash: String) throws {
        #expect(try hashing.matches(password, hash: hash))
        #expect(try !hashing.matches(password.dropLast() + "?", hash: hash))
    }

    @Test func hashHasCost10AndASaltOfItsOwn() throws {
        let (one, other) = (try hashing.hash("secret"), try hashing.hash("secret"))
        #expect(one.hasPrefix("$2b$10$") && one.utf8.count == 60 && one != other)
        #expect(try hashing.matches("secret", hash: one) && hashing.matches("secret", hash: other))
    }

    @Test(arguments: [
        "", "*0", "*1", "$2b$10$", "$2b$10$tooshort", "$1$salt$hash", "$2b$99$tSOvQhDB3QbxPVYYIQKJQO5zSBvwyIFE60RGTz1pnr6pFpHV.5GMS",
    ])
    func storedTextThatIsNoHashIsAnError(hash: String) {
        #expect(throws: PasswordHashing.Failure.self) { try hashing.matches("secret", hash: hash) }
    }

    @Test func passwordThatWouldBeCutIsAnError() {
        for password in [String(repeating: "x", count: 73), "sec\0ret", "\0"] {
            #expect(PasswordHashing.problem(of: password) != nil)
            #expect(throws: PasswordHashing.Failure.self) { try hashing.hash(password) }
        }
        #expect(PasswordHashing.problem(of: String(repeating: "x", count: 72)) == nil)
    }

    @Test func missingHashMatchesNothing() throws {
        #expect(try !hashing.matches("decoy", hash: nil))
        #expect(try !hashing.matches("", hash: nil))
    }
}
