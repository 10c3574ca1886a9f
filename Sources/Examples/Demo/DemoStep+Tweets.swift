// The script of the demo for users and their tweets.

extension DemoStep {
    private static let ada = #"{"name":"Ada","email":"ada@example.com","password":"correct horse"}"#
    private static let grace = #"{"name":"Grace","email":"grace@example.com","password":"battery staple"}"#

    static let tweets: [DemoStep] = [
        DemoStep(
            service: .auth, title: "a new user", method: "POST", path: "/auth/register", body: ada, status: 201, trace: registration,
            keeps: ["token": "ada"], note: "The password is hashed beside the event loop, in a span of its own."),
        DemoStep(
            service: .auth, title: "an address that is taken", method: "POST", path: "/auth/register", body: ada, status: 400,
            trace: .server("auth-service", "POST /auth/register", statement("auth-service", #"SELECT "User""#))),
        DemoStep(
            service: .auth, title: "the right password", method: "POST", path: "/auth/login",
            body: #"{"email":"ada@example.com","password":"correct horse"}"#, status: 200, trace: logIn),
        DemoStep(
            service: .auth, title: "a wrong password", method: "POST", path: "/auth/login",
            body: #"{"email":"ada@example.com","password":"wrong horse"}"#, status: 400, trace: logIn),
        DemoStep(
            service: .tweet, title: "a tweet", method: "POST", path: "/tweet", body: #"{"text":"Hello from the demo"}"#, token: "ada",
            status: 201, trace: authenticated("POST /tweet", statement("tweet-service", #"INSERT "Tweet""#)), keeps: ["id": "tweet"],
            note: "One trace over both services: the tweet service asks the auth service whose token it is."),
        DemoStep(
            service: .tweet, title: "the same tweet", path: "/tweet/{tweet}", token: "ada", status: 200,
            trace: authenticated("GET /tweet/:id", statement("tweet-service", likesOfTweet))),
        DemoStep(
            service: .auth, title: "another user", method: "POST", path: "/auth/register", body: grace, status: 201, trace: registration,
            keeps: ["token": "grace"]),
        DemoStep(
            service: .tweet, title: "another user likes the tweet", method: "POST", path: "/tweet/{tweet}/like", token: "grace",
            status: 200,
            trace: authenticated(
                "POST /tweet/:id/like", statement("tweet-service", #"INSERT "Like""#), statement("tweet-service", likesOfTweet))),
        DemoStep(
            service: .tweet, title: "another user deletes the tweet: that is refused", method: "DELETE", path: "/tweet/{tweet}",
            token: "grace", status: 403, trace: authenticated("DELETE /tweet/:id", statement("tweet-service", likesOfTweet))),
        DemoStep(
            service: .tweet, title: "a token that nobody has signed", path: "/tweet/{tweet}", token: "nobody", status: 401,
            trace: .server("tweet-service", "GET /tweet/:id", tokenCheck),
            note: "Where the token was refused is one look: the error is in the auth service's span."),
        DemoStep(
            service: .tweet, title: "no token at all", path: "/tweet/{tweet}", status: 401,
            trace: .server(
                "tweet-service", "GET /tweet/:id",
                .internal(
                    "tweet-service", "check token",
                    .client("tweet-service", "POST /auth/token", .server("auth-service", "POST /auth/token"))))),
    ]

    private static let registration = ExpectedSpan.server(
        "auth-service", "POST /auth/register", statement("auth-service", #"SELECT "User""#), .internal("auth-service", "hash password"),
        statement("auth-service", #"INSERT "User""#))

    private static let logIn = ExpectedSpan.server(
        "auth-service", "POST /auth/login", statement("auth-service", #"SELECT "User""#), .internal("auth-service", "check password"))

    /// The check of a token by the auth service.
    private static let tokenCheck = ExpectedSpan.internal(
        "tweet-service", "check token",
        .client(
            "tweet-service", "POST /auth/token",
            .server("auth-service", "POST /auth/token", .internal("auth-service", "check token"))))

    /// The summary of the statement that reads a tweet with the number of its likes.
    private static let likesOfTweet = #"SELECT SELECT "Like" "Tweet""#

    private static func statement(_ service: String, _ summary: String) -> ExpectedSpan { .client(service, summary) }

    /// Returns the trace of a request whose token is valid: the check by the auth service, then the statements.
    private static func authenticated(_ name: String, _ statements: ExpectedSpan...) -> ExpectedSpan {
        ExpectedSpan(service: "tweet-service", name: name, kind: "server", children: [tokenCheck] + statements)
    }
}
