// An operation that a client has a database do, and the attributes its span starts with.

/// An operation that a client has a database do: one statement, or several that are sent in one call.
///
/// Keep the value of one that is done often: what its spans and measurements have in common is made at its second use, and shared by copies.
public struct DatabaseOperation: Sendable, Hashable {
    public var endpoint: DatabaseEndpoint { didSet { memo = DatabaseSeriesMemo() } }
    /// The operation's name, if the caller knows it (`findAndModify`, `HMSET`); it is never taken from a statement's text.
    public var name: String? { didSet { memo = DatabaseSeriesMemo() } }
    /// The table or collection, if there is one and the caller knows it; it is never taken from a statement's text.
    public var collectionName: String? { didSet { memo = DatabaseSeriesMemo() } }
    public var storedProcedureName: String? { didSet { memo = DatabaseSeriesMemo() } }
    /// The text as telemetry may show it.
    public var queryText: String? { didSet { memo = DatabaseSeriesMemo() } }
    /// What the query does, with few values; it names the span.
    public var querySummary: String? { didSet { memo = DatabaseSeriesMemo() } }
    /// How many operations one call holds; nil for a single one.
    public var batchSize: Int? { didSet { memo = DatabaseSeriesMemo() } }

    /// What spans and metrics of equal operations share; a changed operation has another one.
    private var memo = DatabaseSeriesMemo()

    /// An operation by its name: that of a key-value store or of a document database.
    public init(
        _ name: String? = nil, collectionName: String? = nil, storedProcedureName: String? = nil, batchSize: Int? = nil,
        at endpoint: DatabaseEndpoint
    ) {
        self.endpoint = endpoint
        self.name = name
        self.collectionName = collectionName
        self.storedProcedureName = storedProcedureName
        self.batchSize = batchSize
    }

    /// An SQL statement.
    ///
    /// - Parameters:
    ///   - statement: one or several statements. Literals in it are replaced by `?` before anything sees the text.
    ///   - isParameterized: whether values come apart from the text. The text is then recorded as it is, as the conventions ask: what stands
    ///     in it was written by a developer.
    ///   - summary: what the statement does, if the caller knows it better than its text (`get user by id`).
    ///   - batchSize: how many times it is executed in one call, with different values.
    public init(
        sql statement: String, isParameterized: Bool = false, summary: String? = nil, batchSize: Int? = nil, at endpoint: DatabaseEndpoint
    ) {
        let known = SQLStatementCache.shared.statement(statement, dialect: endpoint.system.dialect)
        queryText = isParameterized ? statement : known.sanitizedText
        var summary = summary ?? known.summary
        if let batchSize, batchSize != 1 { summary = summary.map { "BATCH \($0)" } ?? "BATCH" }
        querySummary = summary.map { Self.cut($0) }
        self.endpoint = endpoint
        self.batchSize = batchSize
    }

    /// Returns what the operation shares with equal ones; nil at its first use, and for other instruments than those of the second.
    @inline(__always)
    func series(_ instruments: DatabaseInstruments?) -> DatabaseSeries? {
        guard let known = memo.known else { return newSeries(instruments) }
        return known.isOf(instruments) ? known : nil
    }

    // Without a closure, which would copy the operation, in 500 instructions.
    @inline(never)
    private func newSeries(_ instruments: DatabaseInstruments?) -> DatabaseSeries? {
        guard memo.isUsedAgain() else { return nil }
        let made = DatabaseSeries(spanName: spanName, attributes: attributes, common: Attributes(unique: commonEntries), instruments)
        memo.keep(made)
        return made
    }

    /// Cuts a summary at the end of a word.
    private static func cut(_ summary: String) -> String {
        guard summary.utf8.count > SQLSummarizer.maximumLength else { return summary }
        let head = String(decoding: summary.utf8.prefix(SQLSummarizer.maximumLength), as: UTF8.self)
        return head.lastIndex(of: " ").map { String(head[..<$0]) } ?? String(head.prefix { $0 != "\u{FFFD}" })
    }

    /// The name of the span: the summary, else operation and target, else the target, else the system.
    ///
    /// (Semantic conventions: database spans, "Name".)
    public var spanName: String {
        if let querySummary { return querySummary }
        let server = endpoint.serverAddress.map { address in endpoint.serverPort.map { "\(address):\($0)" } ?? address }
        // An index is no name that helps a reader.
        let namespace = endpoint.system == .redis ? nil : endpoint.namespace
        let target = collectionName ?? storedProcedureName ?? namespace ?? server
        return [shownName, target].compactMap { $0 }.joined(separator: " ").nilIfEmpty ?? endpoint.system.rawValue
    }

    /// What is known when the span starts, for samplers to see. (Semantic conventions: database spans, "Common attributes".)
    public var attributes: Attributes {
        var entries = commonEntries
        if let queryText { entries.append((SemanticAttributes.Database.queryText, .string(queryText))) }
        if let batchSize, batchSize != 1 { entries.append((SemanticAttributes.Database.operationBatchSize, AttributeValue(batchSize))) }
        return Attributes(unique: entries)
    }

    /// What spans and metrics share, in an array that has room for the rest.
    var commonEntries: [(String, AttributeValue)] {
        var entries: [(String, AttributeValue)] = []
        entries.reserveCapacity(14)
        entries.append((SemanticAttributes.Database.systemName, .string(endpoint.system.rawValue)))
        if let namespace = endpoint.namespace { entries.append((SemanticAttributes.Database.namespace, .string(namespace))) }
        if let collectionName { entries.append((SemanticAttributes.Database.collectionName, .string(collectionName))) }
        if let shownName { entries.append((SemanticAttributes.Database.operationName, .string(shownName))) }
        if let storedProcedureName { entries.append((SemanticAttributes.Database.storedProcedureName, .string(storedProcedureName))) }
        if let querySummary { entries.append((SemanticAttributes.Database.querySummary, .string(querySummary))) }
        if let address = endpoint.serverAddress { entries.append((SemanticAttributes.Server.address, .string(address))) }
        if let port = endpoint.shownPort { entries.append((SemanticAttributes.Server.port, AttributeValue(port))) }
        if let address = endpoint.peerAddress {
            entries.append((SemanticAttributes.Network.peerAddress, .string(address)))
            if let port = endpoint.peerPort { entries.append((SemanticAttributes.Network.peerPort, AttributeValue(port))) }
        }
        return entries
    }

    private var shownName: String? {
        guard let batchSize, batchSize != 1 else { return name }
        return name.map { "BATCH \($0)" }
    }
}

extension String {
    fileprivate var nilIfEmpty: String? { isEmpty ? nil : self }
}
