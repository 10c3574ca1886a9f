// The script of the demo for the hello-world test bench.

extension DemoStep {
    private static let (hello, sns, auth, books) = ("app-hello-world", "infra-sns", "app-auth", "app-books")
    private static let ada = #"{"email":"ada@example.com","password":"correct horse","firstName":"Ada","lastName":"Lovelace"}"#
    private static let grace = #"{"email":"grace@example.com","password":"battery staple","firstName":"Grace","lastName":"Hopper"}"#
    /// A message that was signed with a certificate of another host, which is never asked for it.
    private static let forgery = """
        {"Type":"Notification","MessageId":"1","TopicArn":"arn:aws:sns:us-east-1:000000000000:hello-world-topic","Message":"Hello",\
        "Timestamp":"2026-01-17T09:30:00.000Z","SignatureVersion":"1","Signature":"AAAA","SigningCertURL":"http://example.com/cert.pem"}
        """

    /// - Parameter redis: host and port of the Redis that has the last message and open sessions; without one they are in the databases alone.
    static func helloWorld(redis: String?) -> [DemoStep] {
        [
            DemoStep(
                service: .helloWorld, title: "whether the webhook is subscribed and has confirmed that", path: "/ready", status: 200,
                trace: .server(hello, "GET /ready"), awaitedText: #""ready""#),
            DemoStep(
                service: .helloWorld, title: "a message, from its publication to the webhook", path: "/", status: 200,
                trace: publication(redis),
                note:
                    "One trace through the broker: the message carries its context as an attribute, and is processed below its publication."
            ),
            DemoStep(
                service: .helloWorld, title: "the last message, from \(redis == nil ? "the database" : "Redis")", path: "/messages/last",
                status: 200,
                trace: .server(hello, "GET /messages/last", .client(hello, redis.map { "GET \($0)" } ?? "SELECT hello_messages")),
                awaitedText: #""source":"\#(redis == nil ? "database" : "redis")""#),
            DemoStep(
                service: .helloWorld, title: "a message that somebody else has signed: refused", method: "POST", path: "/sns",
                body: forgery,
                status: 403, trace: .server(hello, "POST /sns"),
                note: "Its certificate is at another host, which is not even asked: the sender would decide what is right."),
            DemoStep(
                service: .accounts, title: "a new user", method: "POST", path: "/api/v1/auth/register", body: ada, status: 201,
                trace: registration(redis), keeps: ["accessToken": "ada"]),
            DemoStep(
                service: .accounts, title: "a wrong password", method: "POST", path: "/api/v1/auth/login",
                body: #"{"email":"ada@example.com","password":"wrong horse"}"#, status: 401,
                trace: .server(auth, "POST /api/v1/auth/login", .client(auth, "SELECT users"), .internal(auth, "check password"))),
            DemoStep(
                service: .books, title: "a book", method: "POST", path: "/api/v1/books",
                body: #"{"title":"Dune","year":"1965","author":"Frank Herbert"}"#, token: "ada", status: 201,
                trace: authenticated("POST /api/v1/books", redis, .client(books, "INSERT books")), keeps: ["id": "book"],
                note: "The books service has the session checked by the accounts service; while that is away, the token alone counts."),
            DemoStep(
                service: .accounts, title: "another user", method: "POST", path: "/api/v1/auth/register", body: grace, status: 201,
                trace: registration(redis), keeps: ["accessToken": "grace"]),
            DemoStep(
                service: .books, title: "another user reads the book: that is refused", path: "/api/v1/books/{book}", token: "grace",
                status: 403, trace: authenticated("GET /api/v1/books/:id", redis, .client(books, "SELECT books"))),
        ]
    }

    /// The trace of a message: publication, broker, delivery, and processing below the publication.
    private static func publication(_ redis: String?) -> ExpectedSpan {
        let delivery = ExpectedSpan.client(sns, "POST", .server(hello, "POST /sns"))
        let broker = ExpectedSpan.server(
            sns, "POST /", .client(sns, "SELECT sns_topics"), .client(sns, "INSERT sns_deliveries SELECT sns_subscriptions"), delivery)
        let process = ExpectedSpan(
            service: hello, name: "process hello-world-topic", kind: "consumer",
            children: [.client(hello, "INSERT hello_messages")] + (redis.map { [.client(hello, "SET \($0)")] } ?? []))
        let publish = ExpectedSpan(
            service: hello, name: "publish hello-world-topic", kind: "producer", children: [.client(hello, "POST", broker), process])
        return .server(hello, "GET /", publish)
    }

    private static func registration(_ redis: String?) -> ExpectedSpan {
        var registration = ExpectedSpan.server(
            auth, "POST /api/v1/auth/register", .client(auth, "SELECT users"), .internal(auth, "hash password"),
            .client(auth, "INSERT users"), .client(auth, "BEGIN"), .client(auth, "INSERT sessions"),
            .client(auth, "DELETE sessions SELECT sessions"), .client(auth, "COMMIT"))
        if let redis { registration.children.append(.client(auth, "SET \(redis)")) }
        return registration
    }

    /// Returns the trace of a request whose session is open: the check by the accounts service, then the statements.
    private static func authenticated(_ name: String, _ redis: String?, _ statement: ExpectedSpan) -> ExpectedSpan {
        .server(
            books, name,
            .internal(
                books, "check session",
                .client(
                    books, "GET /api/v1/auth/profile",
                    .server(auth, "GET /api/v1/auth/profile", .client(auth, redis.map { "GET \($0)" } ?? "SELECT sessions")))),
            statement)
    }
}
