// Checks the generated names of the semantic conventions against their pinned data.

import Foundation
import Testing

@testable import Telemetry

struct SemanticConventionsTests {
    private static let folder = SourceTree.root.appending(path: "Documentation/Conventions")
    private static let python = ["/usr/bin/python3", "/usr/local/bin/python3"].first { FileManager.default.isExecutableFile(atPath: $0) }

    /// The pinned data, as far as it is read here.
    private struct Conventions: Decodable {
        struct Part: Decodable { let groups: [Group] }
        struct Group: Decodable { let entries: [Entry] }
        struct Entry: Decodable {
            let name: String
            let stability: String
        }

        let version: String
        let commit: String
        let attributes: [Part]
        let metrics: [Part]

        static func names(_ parts: [Part]) -> [String] { parts.flatMap(\.groups).flatMap(\.entries).map(\.name) }
    }

    private let conventions: Conventions

    init() throws {
        conventions = try JSONDecoder().decode(
            Conventions.self, from: Data(contentsOf: Self.folder.appending(path: "conventions.json")))
    }

    @Test(.enabled(if: python != nil, "Python 3 is not installed.")) func constantsAreWhatTheScriptWrites() throws {
        let script = Process()
        script.executableURL = URL(filePath: try #require(Self.python))
        script.arguments = [Self.folder.appending(path: "generate.py").path, "--check"]
        let errors = Pipe()
        script.standardError = errors
        try script.run()
        let report = errors.fileHandleForReading.readDataToEndOfFile()
        script.waitUntilExit()
        #expect(script.terminationStatus == 0, "\(String(decoding: report, as: UTF8.self))")
    }

    @Test(arguments: ["SemanticAttributes", "SemanticMetrics"])
    func everyConstantIsPinnedAndEveryPinnedNameIsAConstant(type: String) throws {
        var constants: [String] = []
        for file in SourceTree.files(in: ["Sources/Telemetry/Common/Conventions"]) where file.name.hasPrefix("\(type)+") {
            constants += file.text.matches(of: /\{ "([a-z0-9_.]+?)(\.\\\(key\))?" \}/).map { String($0.1) }
        }
        let pinned = Conventions.names(type == "SemanticMetrics" ? conventions.metrics : conventions.attributes)
        #expect(constants.count > 40, "The constants are where this test looks for them.")
        #expect(constants.sorted() == pinned.sorted())
        #expect(Set(constants).count == constants.count)
    }

    @Test func pinnedVersionIsThatOfTheSchema() {
        #expect(Resource.semanticConventions == "https://opentelemetry.io/schemas/\(conventions.version)")
        #expect(SemanticAttributes.HTTP.requestHeader("x-request-id") == "http.request.header.x-request-id")
    }

    /// What the console checks telemetry with, as far as it is read here.
    private struct Registry: Decodable {
        struct Entry: Decodable { let members: [Member]? }
        /// A value that an attribute has; nil for a number.
        struct Member: Decodable {
            let name: String?
            init(from decoder: any Decoder) throws { name = try? decoder.singleValueContainer().decode(String.self) }
        }

        let version: String
        let commit: String
        let attributes: [String: Entry]
        let metrics: [String: Entry]

        static func pinned() throws -> Registry {
            try JSONDecoder().decode(Registry.self, from: Data(contentsOf: folder.appending(path: "registry.json")))
        }
    }

    @Test func tableOfChecksIsOfTheSameVersionAndHasAllConstants() throws {
        let registry = try Registry.pinned()
        #expect(registry.version == conventions.version && registry.commit == conventions.commit)
        #expect(registry.attributes.count > 900 && registry.metrics.count > 450, "The table is not of a part of the registry.")
        #expect(Conventions.names(conventions.attributes).filter { registry.attributes[$0] == nil } == [])
        #expect(Conventions.names(conventions.metrics).filter { registry.metrics[$0] == nil } == [])
    }

    private static let kinds: [GenAIOperation.Kind] = [
        .chat, .generateContent, .textCompletion, .embeddings, .retrieval, .executeTool, .createAgent, .invokeAgent, .invokeWorkflow,
    ]
    private static let providers: [GenAIProvider] = [
        .anthropic, .awsBedrock, .azureInference, .azureOpenAI, .cohere, .deepSeek, .googleGenAI, .gemini, .groq, .mistral, .openAI,
        .perplexity, .vertexAI, .watsonx, .xAI,
    ]
    private static let systems: [RPCSystem] = [.grpc, .connect, .jsonRPC, .dubbo]

    @Test(arguments: [
        ("gen_ai.operation.name", kinds.map(\.rawValue)), ("gen_ai.provider.name", providers.map(\.rawValue)),
        ("rpc.system.name", systems.map(\.rawValue)),
    ])
    func membersOfTheRegistryAreOfferedByName(attribute: String, offered: [String]) throws {
        let members = try Registry.pinned().attributes[attribute]?.members?.compactMap(\.name)
        #expect(members?.sorted() == offered.sorted())
    }

    @Test func namesThatTheSDKWritesOutArePinned() {
        let pinned = Set(Conventions.names(conventions.attributes) + Conventions.names(conventions.metrics))
        let roots = Set(pinned.map { $0.prefix { $0 != "." } })
        // Neither is in the registry: the first is the SDK specification's, the second known from other exporters of process metrics.
        let others: Set = ["otel.metric.overflow", "process.start_time"]
        // Values of attributes, whose first words are those of names.
        let values: Set = [
            "aws.bedrock", "gcp.gemini", "gcp.gen_ai", "gcp.vertex_ai", "azure.ai.inference", "azure.ai.openai", "aws.sns",
            "azure.app_service", "azure.container_apps", "azure.functions", "azure.vm",
        ]
        var unknown: Set<String> = []
        for file in SourceTree.files(in: ["Sources/Telemetry"]) where !file.path.contains("/Conventions/") {
            let code = file.text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
            for match in code.matches(of: /"([a-z0-9_]+(\.[a-z0-9_]+)+)"/) where roots.contains(match.1.prefix { $0 != "." }) {
                unknown.insert(String(match.1))
            }
        }
        #expect(unknown.subtracting(pinned).subtracting(others).subtracting(values).sorted() == [])
    }
}
