// Hashes of passwords, by the system's libcrypt.

import Glibc
import Telemetry

/// Computes and checks bcrypt hashes, `$2b$10$…`. Each takes a processor for some fifty milliseconds, which is their point.
package struct PasswordHashing: Sendable {
    /// The reason why there is no hash.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    /// The bytes of a password that bcrypt reads; the library ignores what is beyond them without a word.
    package static let maximumBytes = 72
    /// Two to this power is the number of rounds.
    package static let usualCost: UInt = 10
    /// Room for libcrypt's `struct crypt_data` in all its versions, of which glibc's own had the largest.
    private static let dataSize = 131_232

    private typealias Crypt =
        @convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeMutableRawPointer) -> UnsafeMutablePointer<CChar>?
    private typealias MakeSetting =
        @convention(c) (UnsafePointer<CChar>, UInt, UnsafePointer<CChar>?, Int32, UnsafeMutablePointer<CChar>, Int32) ->
        UnsafeMutablePointer<CChar>?

    private let crypt: Crypt
    private let makeSetting: MakeSetting
    private let library: LibCrypto
    private let cost: UInt
    /// The hash that passwords of unknown users are checked against.
    private let decoy: String

    /// Opens the system's libraries; fails if libcrypt has no bcrypt.
    ///
    /// - Parameter cost: that of new hashes, from 4 on; less than usual is for tests of other things.
    package init(_ library: LibCrypto, cost: UInt = usualCost) throws(StartFailure) {
        (self.library, self.cost) = (library, cost)
        do throws(DynamicLibrary.Failure) {
            let crypt = try DynamicLibrary(anyOf: ["libcrypt.so.1", "libcrypt.so.2"])
            self.crypt = try crypt.function("crypt_r")
            makeSetting = try crypt.function("crypt_gensalt_rn")
        } catch {
            throw StartFailure(.unavailable, "libcrypt cannot be loaded (\(error)); on Debian the package libcrypt1 has it.")
        }
        do throws(Failure) {
            decoy = try Self.hash("decoy", with: Self.setting(makeSetting, cost), crypt)
        } catch {
            throw StartFailure(.unavailable, "The system's libcrypt does not compute bcrypt: \(error).")
        }
    }

    /// Returns the reason why a text cannot be a password; nil if it can.
    package static func problem(of password: String) -> String? {
        // C takes a NUL for the end.
        if password.utf8.contains(0) { return "Password must not contain a NUL character" }
        return password.utf8.count > maximumBytes ? "Password must have at most \(maximumBytes) bytes" : nil
    }

    /// Returns the hash of a password, with a salt of the system's random bytes.
    package func hash(_ password: String) throws(Failure) -> String {
        try Self.hash(password, with: Self.setting(makeSetting, cost), crypt)
    }

    /// Returns whether the hash is that of the password. Without a hash it is false, after the same time.
    package func matches(_ password: String, hash: String?) throws(Failure) -> Bool {
        let computed = try Self.hash(password, with: hash ?? decoy, crypt)
        return library.areEqual(Array(computed.utf8), Array((hash ?? decoy).utf8)) && hash != nil
    }

    /// Returns a setting with a new salt.
    private static func setting(_ makeSetting: MakeSetting, _ cost: UInt) throws(Failure) -> String {
        var buffer = [CChar](repeating: 0, count: 192)
        // Without bytes of ours the library takes the system's random ones.
        guard let setting = makeSetting("$2b$", cost, nil, 0, &buffer, Int32(buffer.count)) else {
            throw Failure(description: "no salt (\(String(cString: strerror(errno))))")
        }
        return String(cString: setting)
    }

    private static func hash(_ password: String, with setting: String, _ crypt: Crypt) throws(Failure) -> String {
        if let problem = problem(of: password) { throw Failure(description: problem) }
        let data = UnsafeMutableRawPointer.allocate(byteCount: dataSize, alignment: 16)
        data.initializeMemory(as: UInt8.self, repeating: 0, count: dataSize)
        defer {
            explicit_bzero(data, dataSize)
            data.deallocate()
        }
        // Errors are results too: no hash, or one that begins with an asterisk.
        guard let result = crypt(password, setting, data).map({ String(cString: $0) }), result.hasPrefix("$2"), result.utf8.count == 60
        else { throw Failure(description: "libcrypt refuses the setting or the password") }
        return result
    }
}
