// Tests how the page is served, and that what is embedded is what the folder has.

import ExampleSupport
import Foundation
import Telemetry
import Testing

@testable import TelemetryConsole

struct PageRoutesTests {
    private let routes = PageRoutes()

    private func answer(_ target: String, method: String = "GET", headers: HTTPHeaders = [:]) -> ServiceResponse? {
        routes.respond(to: ServiceRequest(method: method, target: target, headers: headers))
    }

    @Test func rootIsThePageInHTML() throws {
        let response = try #require(answer("/?token=1"))
        #expect(response.status == 200)
        #expect(response.headers["Content-Type"] == "text/html; charset=utf-8")
        #expect(response.text.hasPrefix("<!doctype html>"))
    }

    @Test func everyFileThatThePageNamesIsServed() throws {
        let texts = PageFiles.all.map(\.text)
        let page = try #require(answer("/")).text
        let named = page.matches(of: /(?:href|src)="(\/assets\/[^"]+)"/).map { String($0.1) }
        let imported = texts.flatMap { $0.matches(of: /from "\.\/([\w.]+)";/).map { "/assets/\($0.1)" } }
        #expect(named.count > 4 && imported.count > 50)
        for path in Set(named + imported) { #expect(answer(path)?.status == 200, "\(path)") }
    }

    @Test func otherPathsAreLeftToOtherRoutes() {
        #expect(answer("/data/summary") == nil)
        #expect(answer("/v1/traces", method: "POST") == nil)
        #expect(answer("/assets/nothing.js")?.status == 404)
        #expect(answer("/assets/../api.js")?.status == 404)
    }

    @Test func otherMethodsAreRefusedWithThoseAllowed() {
        let response = answer("/", method: "POST")
        #expect(response?.status == 405)
        #expect(response?.headers["Allow"] == "GET, HEAD")
    }

    @Test func knownEntityTagIsAnsweredWithoutTheFile() throws {
        let tag = try #require(answer("/assets/app.js")?.headers["ETag"])
        #expect(tag.hasPrefix("W/\""))
        for field in [tag, "\"other\", \(tag)", String(tag.dropFirst(2)), "*"] {
            let response = answer("/assets/app.js", headers: ["If-None-Match": field])
            #expect(response?.status == 304)
            #expect(response?.body.isEmpty == true)
            #expect(response?.headers["ETag"] == tag)
        }
        #expect(answer("/assets/app.js", headers: ["If-None-Match": "\"other\""])?.status == 200)
    }

    @Test func browserThatTakesGzipGetsTheSameTextCompressed() throws {
        let plain = try #require(answer("/assets/trace.js", headers: ["Accept-Encoding": "br, gzip;q=0"]))
        let compressed = try #require(answer("/assets/trace.js", headers: ["Accept-Encoding": "br, gzip;q=0.5"]))
        #expect(plain.headers["Content-Encoding"] == nil)
        #expect(compressed.headers["Content-Encoding"] == "gzip")
        #expect(compressed.body.count < plain.body.count / 2)
        #expect(try Gzip.decompressed(compressed.body, maximumBytes: 1 << 20) == plain.body)
    }

    @Test func nothingOfThePageBreaksItsOwnPolicy() {
        for file in PageFiles.all {
            #expect(!file.text.contains("innerHTML") && !file.text.contains("insertAdjacentHTML"), "\(file.path)")
            #expect(!file.text.contains("eval(") && !file.text.contains("document.write"), "\(file.path)")
            #expect(file.text.firstMatch(of: /<[^>]*\s(?:style|on\w+)=/) == nil, "\(file.path)")
        }
    }

    @Test func embeddedFilesAreThoseOfTheFolder() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../../Sources/Examples/Console/Page/Files")
            .standardizedFileURL
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names.count == PageFiles.all.count, "Run Page/embed.py.")
        for name in names {
            let path = name == "index.html" ? "/" : "/assets/\(name)"
            let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            var served = text.split(separator: "\n").filter { !Self.isComment($0) }.map { $0.drop { $0 == " " } + "\n" }.joined()
            if name.hasSuffix(".css") {
                served = served.replacing(#/ *([{};,>]) */#) { $0.output.1 }.replacing(": ", with: ":").replacing(";}", with: "}")
            }
            #expect(PageFiles.all.first { $0.path == path }?.text == served, "Run Page/embed.py; \(name) differs.")
        }
    }

    /// Lines that are comments and nothing else are for readers of the files, as is the space before lines and beside the punctuation of styles.
    private static func isComment(_ line: Substring) -> Bool {
        let text = line.drop { $0 == " " }
        return text.isEmpty || text.hasPrefix("//") || text.hasPrefix("* ") || text == "*" || text == "/**" || text == "*/"
            || text.hasPrefix("/*") && text.hasSuffix("*/")
    }

    @Test func pageWeighsLessThanTheLimit() {
        #expect(PageFiles.all.reduce(0) { $0 + $1.text.utf8.count } <= 230 << 10)
        let sizes = PageFiles.all.map { answer($0.path, headers: ["Accept-Encoding": "gzip"])?.body.count ?? 0 }
        #expect(sizes.reduce(0, +) < 100 << 10)
    }
}
