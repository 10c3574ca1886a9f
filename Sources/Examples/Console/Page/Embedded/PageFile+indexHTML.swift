// index.html of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let indexHTML = PageFile(
        path: "/", contentType: "text/html; charset=utf-8",
        entityTag: "7f2ddb5ca05cffa9",
        text: #"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>Telemetry</title>
            <link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
            <link rel="stylesheet" href="/assets/base.css">
            <link rel="stylesheet" href="/assets/parts.css">
            <link rel="stylesheet" href="/assets/trace.css">
            <link rel="stylesheet" href="/assets/charts.css">
            <script src="/assets/theme.js"></script>
            <script type="module" src="/assets/app.js"></script>
            </head>
            <body>
            <a class="skip" href="#main" id="skip">Skip to content</a>
            <div id="app"><header class="side"><span class="brand"><span class="mark"></span><span>Telemetry</span></span></header><main></main></div>
            <noscript><p class="empty">The console is drawn by JavaScript, which is switched off in this browser. Its data is at <code>/data/summary</code>.</p></noscript>
            </body>
            </html>

            """#)
}
