// router.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let routerJS = PageFile(
        path: "/assets/router.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "9828105579db867e",
        text: #"""
            export function parse(hash = location.hash) {
            const [path, ...rest] = hash.replace(/^#\/?/, "").split("?");
            const [name, ...parts] = path.split("/").map(decoded);
            return { name: name || "traces", parts, query: new URLSearchParams(rest.join("?")) };
            }
            export function decoded(text) {
            try { return decodeURIComponent(text); } catch { return text; }
            }
            export function written(params) {
            const query = new URLSearchParams();
            for (const [key, value] of Object.entries(params)) if (value !== undefined && value !== null && value !== "") query.set(key, value);
            return query.size ? `?${query}` : "";
            }
            export const address = (name, parts = [], params = {}) => `#/${[name, ...parts].map(encodeURIComponent).join("/")}${written(params)}`;
            export function go(hash) { location.hash = hash; }
            export function change(params, replaces = false) {
            const { name, parts, query } = parse();
            const hash = address(name, parts, { ...Object.fromEntries(query), ...params });
            if (replaces) history.replaceState(null, "", hash);
            else location.hash = hash;
            }
            export const select = (from, to) => change({ from: BigInt(Math.floor(from * 1e6)) * 1000n, to: BigInt(Math.ceil(to * 1e6)) * 1000n });
            export function range(query = parse().query) {
            return { from: query.get("from") ?? "", to: query.get("to") ?? "" };
            }

            """#)
}
