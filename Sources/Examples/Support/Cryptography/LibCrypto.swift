// The binding to OpenSSL's libcrypto, which is loaded at run time.

import Telemetry

/// The functions of OpenSSL that sign tokens and requests, and compare secrets. Versions 1.1.1 and 3 have all of them, with the same types.
package struct LibCrypto: Sendable {
    private let sha256: @convention(c) () -> OpaquePointer?
    private let hmac:
        @convention(c) (
            OpaquePointer?, UnsafeRawPointer?, Int32, UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<UInt8>?,
            UnsafeMutablePointer<UInt32>?
        ) -> UnsafeMutablePointer<UInt8>?
    private let digest:
        @convention(c) (
            UnsafeRawPointer?, Int, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt32>?, OpaquePointer?, OpaquePointer?
        ) -> Int32
    private let compare: @convention(c) (UnsafeRawPointer?, UnsafeRawPointer?, Int) -> Int32
    private let keyedHash: KeyedHash

    /// The functions of a hash with a key in several steps: `HMAC_CTX *`.
    struct KeyedHash: Sendable {
        let algorithm: @convention(c) () -> OpaquePointer?
        let create: @convention(c) () -> OpaquePointer?
        let free: @convention(c) (OpaquePointer?) -> Void
        /// Without a key it begins a new message under the last one.
        let begin: @convention(c) (OpaquePointer?, UnsafeRawPointer?, Int32, OpaquePointer?, OpaquePointer?) -> Int32
        let add: @convention(c) (OpaquePointer?, UnsafePointer<UInt8>?, Int) -> Int32
        let finish: @convention(c) (OpaquePointer?, UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<UInt32>?) -> Int32
    }

    /// Opens the system's library.
    package init() throws(StartFailure) {
        do throws(DynamicLibrary.Failure) {
            let library = try DynamicLibrary(anyOf: ["libcrypto.so.3", "libcrypto.so.1.1"])
            sha256 = try library.function("EVP_sha256")
            hmac = try library.function("HMAC")
            digest = try library.function("EVP_Digest")
            compare = try library.function("CRYPTO_memcmp")
            keyedHash = KeyedHash(
                algorithm: sha256, create: try library.function("HMAC_CTX_new"), free: try library.function("HMAC_CTX_free"),
                begin: try library.function("HMAC_Init_ex"), add: try library.function("HMAC_Update"),
                finish: try library.function("HMAC_Final"))
        } catch {
            throw StartFailure(.unavailable, "OpenSSL cannot be loaded (\(error)); on Debian the package libssl3 has it.")
        }
    }

    /// Returns the HMAC with SHA-256 of a message: 32 bytes. (RFC 2104; FIPS 180-4.)
    package func authenticationCode(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        precondition(!key.isEmpty && key.count <= Int(Int32.max), "OpenSSL takes a key of at least one byte, and counts with 32 bits.")
        return [UInt8](unsafeUninitializedCapacity: 32) { code, count in
            var length: UInt32 = 0
            let result = hmac(sha256(), key, Int32(key.count), message, message.count, code.baseAddress, &length)
            precondition(result != nil && length == 32, "OpenSSL computes the code of every message.")
            count = Int(length)
        }
    }

    /// Returns the key for the codes of many messages.
    package func authenticationKey(_ key: [UInt8]) -> AuthenticationKey { AuthenticationKey(key, keyedHash) }

    /// Returns the SHA-256 of bytes: 32 bytes. (FIPS 180-4.)
    package func sha256(of message: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 32) { code, count in
            var length: UInt32 = 0
            let result = digest(message, message.count, code.baseAddress, &length, sha256(), nil)
            precondition(result == 1 && length == 32, "OpenSSL computes the hash of every message.")
            count = Int(length)
        }
    }

    /// Returns whether bytes are equal, in a time that depends on their number alone.
    package func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        left.count == right.count && compare(left, right, left.count) == 0
    }
}
