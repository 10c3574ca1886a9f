// theme.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let themeJS = PageFile(
        path: "/assets/theme.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "0b19025617a9f5ea",
        text: #"""
            (() => {
            const key = "telemetry.theme";
            const read = () => { try { return localStorage.getItem(key); } catch { return null; } };
            const dark = matchMedia("(prefers-color-scheme: dark)");
            function apply() {
            document.documentElement.dataset.theme = read() ?? (dark.matches ? "dark" : "light");
            }
            dark.addEventListener("change", apply);
            apply();
            globalThis.toggleTheme = () => {
            const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
            try { localStorage.setItem(key, next); } catch { /* Without storage the choice lasts until the page is left. */ }
            document.documentElement.dataset.theme = next;
            return next;
            };
            })();

            """#)
}
