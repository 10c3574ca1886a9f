// Writes pages to a folder for the parsers of other projects.

import Foundation
import Testing

@testable import Telemetry

/// Enabled by `TELEMETRY_PROMETHEUS_PAGES`, the folder that the pages go to.
struct PrometheusJudgesTests {
    private static let folder = ProcessInfo.processInfo.environment["TELEMETRY_PROMETHEUS_PAGES"]

    @Test(.enabled(if: folder != nil)) func pagesOfAllFormatsAreWritten() throws {
        let folder = URL(filePath: try #require(Self.folder))
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for strategy in PrometheusTranslationStrategy.allCases {
            for syntax in PrometheusFormat.Syntax.allCases {
                for escaping in PrometheusEscaping.allCases {
                    var options = PrometheusOptions()
                    options.translationStrategy = strategy
                    let format = PrometheusFormat(syntax, escaping: escaping)
                    guard format.escaping == escaping else { continue }
                    let page = PrometheusRenderer(options: options).page(of: PrometheusSamples.hostile, format: format, isCompressed: false)
                    try Data(page.bytes).write(to: folder.appending(path: "\(strategy).\(syntax).\(escaping.rawValue).page"))
                }
            }
        }
    }
}
