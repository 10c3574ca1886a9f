// The instruments of a client's database operations.

/// The instruments that operations are recorded with.
///
/// An object, since each operation keeps a copy, and by which its series know whose they are.
final class DatabaseInstruments: Sendable {
    let duration: Histogram<Double>
    let returnedRows: Histogram<Int>?

    init(duration: Histogram<Double>, returnedRows: Histogram<Int>?) {
        self.duration = duration
        self.returnedRows = returnedRows
    }

    /// Whether anything is kept of operations.
    var areEnabled: Bool { duration.isEnabled || returnedRows?.isEnabled == true }
}
