// welcome.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let welcomeJS = PageFile(
        path: "/assets/welcome.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "7c518af69bc1f010",
        text: #"""
            import { h } from "./dom.js";
            import { onChange } from "./live.js";
            import { copyButton } from "./parts.js";
            export function welcome(begin) {
            const endpoint = location.origin;
            const stop = onChange(begin);
            const block = (title, text) => h("div.panel", h("header", h("h2", title), copyButton(text, `Copy: ${title}`)), h("pre", { tabindex: "0", "aria-label": title }, text));
            return {
            element: h("div.steps",
            h("h1", "Nothing has arrived yet"),
            h("p.soft", `This console takes traces, metrics and logs by OTLP over HTTP at ${endpoint}. The page changes by itself as soon as something comes.`),
            block("Any program with an OpenTelemetry SDK", `export OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}\nexport OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\nexport OTEL_SERVICE_NAME=my-service`),
            block("A Swift program", `let telemetry = try TelemetrySystem.start(\n    resource: .service("my-service"),\n    spans: [.batch(.otlp(endpoint: "${endpoint}"))])`),
            block("One span by hand", [
            "now=$(date +%s%N) trace=$(openssl rand -hex 16) span=$(openssl rand -hex 8)",
            `curl ${endpoint}/v1/traces -H 'Content-Type: application/json' -d @- <<END`,
            "{\"resourceSpans\":[{",
            "  \"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"my-shell\"}}]},",
            "  \"scopeSpans\":[{\"spans\":[{\"traceId\":\"$trace\",\"spanId\":\"$span\",\"name\":\"hello\",\"kind\":1,",
            "    \"startTimeUnixNano\":\"$((now - 42000000))\",\"endTimeUnixNano\":\"$now\"}]}]}]}",
            "END"].join("\n")),
            h("p.soft", "Something was sent and is not here? ", h("a.linked", { href: "#/health" }, "Health"), " counts what was refused, and why.")),
            title: () => "Nothing yet",
            ready: begin(),
            close: stop,
            };
            }

            """#)
}
