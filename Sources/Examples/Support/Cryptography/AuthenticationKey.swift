// A key under which many messages are signed and checked.

import Synchronization

/// A key for HMAC with SHA-256 that OpenSSL has taken in once: looking up the algorithm and taking in the key costs several times as much as
/// the code of a short message. (RFC 2104, section 4.)
package final class AuthenticationKey: Sendable {
    /// OpenSSL's state of the computation.
    private final class Context {
        private let functions: LibCrypto.KeyedHash
        private let handle: OpaquePointer

        init(_ key: [UInt8], _ functions: LibCrypto.KeyedHash) {
            precondition(!key.isEmpty && key.count <= Int(Int32.max), "OpenSSL takes a key of at least one byte, and counts with 32 bits.")
            guard let handle = functions.create(), functions.begin(handle, key, Int32(key.count), functions.algorithm(), nil) == 1
            else { preconditionFailure("OpenSSL takes in every key.") }
            self.functions = functions
            self.handle = handle
        }

        deinit { functions.free(handle) }

        func code(of message: [UInt8]) -> [UInt8] {
            [UInt8](unsafeUninitializedCapacity: 32) { code, count in
                var length: UInt32 = 0
                let isDone =
                    functions.begin(handle, nil, 0, nil, nil) == 1 && functions.add(handle, message, message.count) == 1
                    && functions.finish(handle, code.baseAddress, &length) == 1
                precondition(isDone && length == 32, "OpenSSL computes the code of every message.")
                count = Int(length)
            }
        }
    }

    private let context: Mutex<Context>

    init(_ key: [UInt8], _ functions: LibCrypto.KeyedHash) {
        context = Mutex(Context(key, functions))
    }

    /// Returns the code of a message: 32 bytes.
    package func code(of message: [UInt8]) -> [UInt8] { context.withLock { $0.code(of: message) } }
}
