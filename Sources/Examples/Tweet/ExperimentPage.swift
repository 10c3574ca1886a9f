// The report of the experiment as a page, without external scripts or styles.

import ExampleSupport

/// Writes the page of an ``ExperimentReport``.
enum ExperimentPage {
    static func html(
        _ experiment: LikeExperiment, _ variants: [(variant: LikeExperiment.Variant, figures: ExperimentReport.Figures)]
    ) -> String {
        let state =
            experiment.share.map { "\(percent($0)) of all users have likes (<b>on</b>); the others are the control group (<b>off</b>)." }
            ?? "No experiment runs: all users have likes. <code>LIKE_EXPERIMENT=0.5</code> starts one with half of the users."
        let rows: [(String, (ExperimentReport.Figures) -> String)] = [
            ("Requests", { "\($0.requests)" }), ("Refused (4xx)", { "\($0.refused)" }), ("Errors (5xx)", { "\($0.errors)" }),
            ("Error rate", { $0.errorRate.map(percent) ?? "–" }), ("Latency p50", { milliseconds($0.latency(0.5)) }),
            ("Latency p99", { milliseconds($0.latency(0.99)) }), ("Likes given", { "\($0.likes)" }),
        ]
        let heads = variants.map { "<th scope=\"col\">\($0.variant.rawValue)</th>" }.joined()
        let body = rows.map { name, text in
            "<tr><th scope=\"row\">\(name)</th>\(variants.map { "<td>\(text($0.figures))</td>" }.joined())</tr>"
        }
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Experiment: likes</title>
            <style>
            :root { color-scheme: light dark; --text: #1d2430; --quiet: #5a6472; --page: #fff; --line: #d9dee5; --link: #1f5fb0; }
            @media (prefers-color-scheme: dark) {
              :root { --text: #e6e9ee; --quiet: #a0a9b6; --page: #14181f; --line: #333b47; --link: #8ab8f5; }
            }
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 2rem auto; padding: 0 1rem;
              color: var(--text); background: var(--page); }
            table { border-collapse: collapse; width: 100%; margin: 1.5rem 0; }
            th, td { padding: .4rem .3rem; border-bottom: 1px solid var(--line); text-align: right; font-variant-numeric: tabular-nums; }
            td { white-space: nowrap; }
            th:first-child { text-align: left; font-weight: normal; color: var(--quiet); }
            p { overflow-wrap: anywhere; } .note { color: var(--quiet); font-size: .9rem; } a { color: var(--link); }
            </style>
            </head>
            <body>
            <h1>Experiment: likes</h1>
            <p>\(state)</p>
            <table>
            <thead><tr><th scope="col">Since the start of this replica</th>\(heads)</tr></thead>
            <tbody>
            \(body.joined(separator: "\n"))
            </tbody>
            </table>
            <p class="note">Counted are requests with a valid token that have a route; latencies are interpolated within the buckets of a histogram.
            <a href="?format=json">As JSON</a></p>
            </body>
            </html>

            """
    }

    private static func percent(_ share: Double) -> String { "\(rounded(share * 100)) %" }

    private static func milliseconds(_ seconds: Double?) -> String { seconds.map { "\(rounded($0 * 1000)) ms" } ?? "–" }

    /// Returns a number with at most two decimal places.
    private static func rounded(_ number: Double) -> String { JSONValue.number((number * 100).rounded() / 100).description }
}
