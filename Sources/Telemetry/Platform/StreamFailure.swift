// The error of a write to a stream that did not complete.

/// Why a stream did not accept all bytes, and how many it accepted.
struct StreamFailure: Error, Equatable {
    enum Cause: Equatable {
        case error(FileError)
        /// The deadline passed first.
        case timedOut
    }

    let cause: Cause
    /// How many of the bytes were written before the failure.
    let writtenCount: Int

    var hasBegun: Bool { writtenCount > 0 }
}

extension StreamFailure: CustomStringConvertible {
    var description: String {
        switch cause {
        case .error(let error): error.description
        case .timedOut: "it took longer than its timeout"
        }
    }
}
