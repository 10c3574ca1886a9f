// Blocks that use objects which are not Sendable, in nonisolated code, actors, the main actor and child tasks.

import Telemetry

final class Parser {
    var count = 0

    func parse() async -> Int {
        count += 1
        return count
    }

    func parseAtOnce() -> Int {
        count += 1
        return count
    }
}

struct NotParsed: Error {}

func other() async {}

func nonisolatedCode(_ tracer: Tracer) async -> Int {
    let parser = Parser()
    let first = await tracer.withSpan("a") { @concurrent _ in await parser.parse() }
    return await tracer.withSpan("b", ["first": first]) { @concurrent span in
        span["first"] = first
        return await parser.parse()
    }
}

func throwing(_ tracer: Tracer) async throws {
    let parser = Parser()
    try await tracer.withSpan("a", kind: .client, ["id": 1]) { @concurrent _ in if await parser.parse() > 3 { throw NotParsed() } }
    try await Context.current.run { @concurrent in if await parser.parse() > 3 { throw NotParsed() } }
}

func withoutAsynchronousMethods(_ tracer: Tracer) async -> Int {
    let parser = Parser()
    return await tracer.withSpan("a") { _ in
        await other()
        return parser.parseAtOnce()
    }
}

func returning(_ tracer: Tracer) async -> Parser {
    await tracer.withSpan("a") { _ in
        await other()
        return Parser()
    }
}

actor Reader {
    var count = 0
    let parser = Parser()

    func step() async {}

    func read(_ tracer: Tracer) async {
        await tracer.withSpan("a") { _ in
            count += 1
            await step()
            count += parser.parseAtOnce()
        }
    }

    func returning(_ tracer: Tracer) async -> Parser {
        await tracer.withSpan("a") { _ in
            await step()
            return Parser()
        }
    }
}

@MainActor final class View {
    var count = 0

    func load(_ tracer: Tracer) async -> Int {
        let parser = Parser()
        return await tracer.withSpan("a") { _ in
            count += 1
            await other()
            return parser.parseAtOnce() + count
        }
    }
}

func childTasks(_ tracer: Tracer) async {
    await withTaskGroup(of: Int.self) { group in
        group.addTask {
            let parser = Parser()
            return await tracer.withSpan("a") { @concurrent _ in await parser.parse() }
        }
    }
}
