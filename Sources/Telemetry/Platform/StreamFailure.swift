// The error of a write to a stream that did not complete.

/// Why a stream did not take all that was written to it, and how much it took.
struct StreamFailure: Error, Equatable {
    enum Cause: Equatable {
        case error(FileError)
        /// The deadline came first.
        case timedOut
    }

    let cause: Cause
    /// How many of the bytes were written before.
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
