// What the helpers for HTTP, databases and models use where a caller gives them nothing else.

/// The settings of one system for its helpers: what code passes to a helper beats them.
///
/// An object, since each tracer and meter has it.
final class InstrumentationSettings: Sendable {
    let httpServer: HTTPConventions
    let httpClient: HTTPConventions
    /// The optional metrics of servers and clients: raw values of `HTTPServerMetrics.Extras` and `HTTPClientMetrics.Extras`.
    let httpServerExtras: Int
    let httpClientExtras: Int
    /// Whether metrics of databases count the rows that came back.
    let recordsReturnedRows: Bool
    /// Whether spans of models have messages; nil if the environment of the process says it.
    let recordsMessages: Bool?

    init(
        httpServer: HTTPConventions = .standard, httpClient: HTTPConventions = .standard, httpServerExtras: Int = 0,
        httpClientExtras: Int = 0, recordsReturnedRows: Bool = false, recordsMessages: Bool? = nil
    ) {
        self.httpServer = httpServer
        self.httpClient = httpClient
        self.httpServerExtras = httpServerExtras
        self.httpClientExtras = httpClientExtras
        self.recordsReturnedRows = recordsReturnedRows
        self.recordsMessages = recordsMessages
    }

    /// The defaults, with what the environment of the process says.
    static let standard = InstrumentationSettings()
}
