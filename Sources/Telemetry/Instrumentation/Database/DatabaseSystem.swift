// The products that the conventions name.

/// A database management system, by the name that the semantic conventions give it.
///
/// Any name can be given; those that the conventions know are offered by name.
public struct DatabaseSystem: RawRepresentable, Sendable, Hashable {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public static let postgresql = DatabaseSystem(rawValue: "postgresql")
    public static let mysql = DatabaseSystem(rawValue: "mysql")
    public static let mariadb = DatabaseSystem(rawValue: "mariadb")
    public static let sqlite = DatabaseSystem(rawValue: "sqlite")
    public static let microsoftSQLServer = DatabaseSystem(rawValue: "microsoft.sql_server")
    public static let cockroachdb = DatabaseSystem(rawValue: "cockroachdb")
    public static let redis = DatabaseSystem(rawValue: "redis")
    public static let mongodb = DatabaseSystem(rawValue: "mongodb")
    public static let cassandra = DatabaseSystem(rawValue: "cassandra")
    /// SQL of a product that is not known.
    public static let otherSQL = DatabaseSystem(rawValue: "other_sql")

    /// The port that goes without saying; nil where there is none.
    var defaultPort: Int? {
        switch self {
        case .postgresql: 5432
        case .mysql, .mariadb: 3306
        case .microsoftSQLServer: 1433
        case .cockroachdb: 26257
        case .redis: 6379
        case .mongodb: 27017
        case .cassandra: 9042
        default: nil
        }
    }

    /// How it writes SQL.
    var dialect: SQLDialect {
        switch self {
        case .postgresql, .cockroachdb: .postgresql
        case .mysql, .mariadb: .mysql
        case .sqlite: .sqlite
        case .microsoftSQLServer: .sqlServer
        default: .unknown
        }
    }

    /// Whether an operation that was answered with a status code has failed.
    func isFailure(_ statusCode: String) -> Bool {
        // SQLSTATE: class 00 is success, 01 a warning.
        guard self == .postgresql || self == .cockroachdb else { return true }
        return !statusCode.hasPrefix("00") && !statusCode.hasPrefix("01")
    }
}
