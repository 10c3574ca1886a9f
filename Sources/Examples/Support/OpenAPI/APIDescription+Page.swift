// An interface as a page for browsers.

extension APIDescription {
    /// Returns a page that shows the document, without external scripts or styles.
    ///
    /// - Parameter address: where the document is, as seen from the page.
    package static func page(address: String = "openapi.json") -> String {
        let title = json["info"]?["title"]?.stringValue ?? "API"
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title)</title>
            <style>
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
            h2 { font-size: 1.05rem; margin: 2rem 0 .3rem; }
            .method { display: inline-block; min-width: 3.2rem; text-align: center; border-radius: .3rem; color: #fff; background: #2b6cb0;
              font: bold .8rem/1.7 ui-monospace, monospace; margin-right: .5rem; }
            .post { background: #2f855a; }
            code, pre { font-family: ui-monospace, monospace; }
            pre { background: #f4f4f4; padding: .8rem; overflow: auto; border-radius: .3rem; font-size: .85rem; }
            td { padding: .1rem 1rem .1rem 0; vertical-align: top; }
            </style>
            </head>
            <body>
            <h1>\(title)</h1>
            <p id="description"></p>
            <p>The whole document: <a href="\(address)">openapi.json</a> (OpenAPI \(json["openapi"]?.stringValue ?? ""))</p>
            <div id="operations"></div>
            <h1>Schemas</h1>
            <div id="schemas"></div>
            <script>
            const document_ = \(json);
            const add = (parent, tag, text, name) => {
              const element = parent.appendChild(document.createElement(tag));
              if (text) element.textContent = text;
              if (name) element.className = name;
              return element;
            };
            const schema = s => s.$ref ? s.$ref.split("/").pop() : s.oneOf ? s.oneOf.map(schema).join(" or ")
              : s.type === "array" ? "list of " + schema(s.items) : s.type;
            document.getElementById("description").textContent = document_.info.description;
            for (const [path, methods] of Object.entries(document_.paths)) {
              for (const [method, operation] of Object.entries(methods)) {
                const section = document.getElementById("operations");
                const heading = add(section, "h2");
                add(heading, "span", method.toUpperCase(), "method " + method);
                add(heading, "code", path);
                add(section, "div", operation.summary);
                const table = add(section, "table");
                for (const parameter of operation.parameters ?? []) {
                  const row = add(table, "tr");
                  add(add(row, "td"), "code", parameter.name);
                  add(row, "td", parameter.description);
                  add(add(row, "td"), "code", schema(parameter.schema));
                }
                for (const [code, response] of Object.entries(operation.responses)) {
                  const row = add(table, "tr");
                  add(add(row, "td"), "code", code);
                  add(row, "td", response.description);
                  add(add(row, "td"), "code", Object.values(response.content ?? {}).map(c => schema(c.schema)).join());
                }
              }
            }
            for (const [name, content] of Object.entries(document_.components.schemas)) {
              add(document.getElementById("schemas"), "h2", name);
              add(document.getElementById("schemas"), "pre", JSON.stringify(content, null, 2));
            }
            </script>
            </body>
            </html>

            """
    }
}
