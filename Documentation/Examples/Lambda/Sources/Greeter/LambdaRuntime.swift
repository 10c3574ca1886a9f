// The little of Lambda's Runtime API that a function needs. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html

import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

struct LambdaRuntime {
    struct Invocation {
        let id: String
        let event: Data
    }

    /// Thrown when Lambda's answer is not as its documentation says.
    struct UnexpectedAnswer: Error {}

    /// Host and port of the Runtime API, which Lambda gives to each function.
    private let host = ProcessInfo.processInfo.environment["AWS_LAMBDA_RUNTIME_API"] ?? "127.0.0.1:9001"

    /// Waits for the next invocation; Lambda may freeze the process meanwhile.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    func nextInvocation() async throws -> Invocation {
        do {
            let (event, response) = try await send("GET", "next")
            guard let id = response.value(forHTTPHeaderField: "Lambda-Runtime-Aws-Request-Id") else { throw UnexpectedAnswer() }
            return Invocation(id: id, event: event)
        } catch {
            try Task.checkCancellation()
            throw error
        }
    }

    func respond(to invocation: Invocation, with body: Data) async throws {
        _ = try await send("POST", "\(invocation.id)/response", body)
    }

    func fail(_ invocation: Invocation, with error: any Error) async throws {
        let body = ["errorType": "\(type(of: error))", "errorMessage": "\(error)"]
        _ = try await send("POST", "\(invocation.id)/error", JSONEncoder().encode(body))
    }

    private func send(_ method: String, _ path: String, _ body: Data? = nil) async throws -> (Data, HTTPURLResponse) {
        guard let url = URL(string: "http://\(host)/2018-06-01/runtime/invocation/\(path)") else { throw UnexpectedAnswer() }
        var request = URLRequest(url: url, timeoutInterval: 86_400)
        request.httpMethod = method
        request.httpBody = body
        let (answer, response) = try await URLSession.shared.data(for: request)
        guard let response = response as? HTTPURLResponse, response.statusCode < 300 else { throw UnexpectedAnswer() }
        return (answer, response)
    }
}
