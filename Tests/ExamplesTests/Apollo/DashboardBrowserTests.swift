// The dashboard in a real browser, where there is one.

import ExampleSupport
import Glibc
import Telemetry
import Testing

@testable import MissionDashboard

struct DashboardBrowserTests {
    private static let programs: [String] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
    private static let browser = programs.first { program in access(program, X_OK) == 0 }

    /// Shows a page for some seconds of its own time, which passes as fast as its requests are answered; returns the page after them.
    private static func show(_ url: String, seconds: Int) async throws -> String {
        var template = Array("/tmp/apollo-browser-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { for name in ["page", "rest"] { unlink("\(folder)/\(name)") } }
        let script = """
            HOME="$0" timeout 100 "$1" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$0/profile" \
            --virtual-time-budget=\(seconds * 1000) --dump-dom "$2" > "$0/page" 2> "$0/rest" < /dev/null
            status=$?
            rm -rf "$0/profile" "$0/.cache" "$0/.config" "$0/.pki"
            exit $status
            """
        let words = ["sh", "-c", script, folder, browser ?? "", url]
        let status: Int32 = await withCheckedContinuation { continuation in
            let isStarted = WorkerThread.start(named: "browser") {
                var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
                var variables: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), nil]
                defer { for text in arguments + variables { free(text) } }
                var child = pid_t()
                var status: Int32 = -1
                if posix_spawn(&child, "/bin/sh", nil, nil, &arguments, &variables) == 0 { waitpid(child, &status, 0) }
                continuation.resume(returning: status)
            }
            if !isStarted { continuation.resume(returning: -1) }
        }
        defer { rmdir(folder) }
        #expect(status == 0)
        let file = try #require(fopen("\(folder)/page", "r"))
        defer { fclose(file) }
        var (page, buffer) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { page += buffer[..<count] }
        return String(decoding: page, as: UTF8.self)
    }

    @Test("APO-04: the page refreshes again and again, and runs under its policy", .enabled(if: browser != nil, "no browser is installed"))
    func pageRefreshes() async throws {
        try await ApolloHarness.system { apollo in
            #expect(await eventually { apollo.telemetry.spans("POST /input").count == 1 })
            apollo.dashboard.service.memory.reset()
            let page = try await Self.show(apollo.dashboard.url + "/", seconds: 21)
            // The clock was set and no element is marked as stale: the script ran, and all that it asked for was answered.
            #expect(page.contains(" UTC</time>") && !page.contains("class=\"stale\""))
            #expect(page.contains("<span class=\"badge good\">OK</span>") && page.contains("Splashdown"))
            for (path, least) in [("/telemetry", 3), ("/events", 2), ("/commands", 8), ("/systems", 3)] {
                #expect(apollo.dashboard.spans("GET \(path)").count >= least, "\(path)")
            }
            for name in ["dashboard.js", "dashboard.css"] { #expect(apollo.dashboard.spans("GET /static/\(name)").count == 1) }
        }
    }
}
