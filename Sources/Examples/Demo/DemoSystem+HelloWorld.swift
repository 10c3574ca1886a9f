// The hello-world test bench as a system of the demo.

extension DemoSystem {
    static let helloWorld = DemoSystem(
        name: "hello-world", title: "the notification service, hello-world, accounts and books",
        roles: [.notifications, .helloWorld, .accounts, .books], steps: { DemoStep.helloWorld(redis: $0) },
        variables: { role, setup in
            // A variable of this process must not lead to another database.
            let common = [
                "DATABASE_URL": "sqlite:\(setup.folder)/\(role).db", "REDIS_URL": setup.redis?.url ?? "", "JWT_SECRET": setup.secret,
            ]
            switch role {
            case .helloWorld:
                return common.merging(["SNS_ENDPOINT": setup.url(.notifications), "SNS_WEBHOOK_URL": setup.url(role) + "/sns"]) { $1 }
            case .books: return common.merging(["AUTH_SERVICE_URL": setup.url(.accounts)]) { $1 }
            default: return common
            }
        },
        suggestions: { setup in
            [
                "curl \(setup.url(.helloWorld))/", "curl \(setup.url(.helloWorld))/messages",
                "curl \(setup.url(.accounts))/api/v1/auth/login --json \\\n  '{\"email\":\"ada@example.com\",\"password\":\"correct horse\"}'",
                "curl \(setup.url(.books))/api/v1/books -H \"Authorization: Bearer TOKEN\"",
            ]
        })
}
