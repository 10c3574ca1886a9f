// dom.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let domJS = PageFile(
        path: "/assets/dom.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "d95909150d44811b",
        text: #"""
            const SVG = "http://www.w3.org/2000/svg";
            export const h = (tag, ...parts) => made((name) => document.createElement(name), tag, parts);
            export const s = (tag, ...parts) => made((name) => document.createElementNS(SVG, name), tag, parts);
            function made(create, tag, parts) {
            const [name, ...classes] = tag.split(".");
            const element = create(name);
            if (classes.length > 0) element.setAttribute("class", classes.join(" "));
            const [props, ...children] = parts;
            const hasProps = props?.constructor === Object;
            if (hasProps) for (const [key, value] of Object.entries(props)) set(element, key, value);
            append(element, hasProps ? children : parts);
            return element;
            }
            function set(element, name, value) {
            if (value === undefined || value === null || value === false) return;
            if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
            else if (name === "style") for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
            else if (name === "value") element.value = value;
            else if (name === "href") element.setAttribute("href", local(value));
            else element.setAttribute(name, value === true ? "" : String(value));
            }
            const local = (href) => (/^(#|\/(?!\/))/.test(href) ? href : "#");
            function append(element, children) {
            for (const child of children) {
            if (Array.isArray(child)) append(element, child);
            else if (child instanceof Node) element.append(child);
            else if (child !== undefined && child !== null && child !== false) element.append(document.createTextNode(String(child)));
            }
            }
            export function put(element, ...children) {
            element.replaceChildren();
            append(element, children);
            return element;
            }
            export function focused(element, name) {
            const key = element.contains(document.activeElement) ? document.activeElement.dataset[name] : undefined;
            return () => { if (key !== undefined) element.querySelector(`[data-${name}="${CSS.escape(key)}"]`)?.focus({ preventScroll: true }); };
            }
            export function keyed(parent, items, keyOf, make) {
            const old = parent.rowsByKey ?? new Map();
            const rows = new Map();
            let next = parent.firstChild;
            for (const item of items) {
            const key = keyOf(item);
            if (rows.has(key)) continue;
            const version = item.version ?? "";
            let row = old.get(key);
            if (row && row.version !== version) {
            const fresh = make(item);
            const isFocused = row.contains(document.activeElement);
            if (next === row) next = fresh;
            row.replaceWith(fresh);
            if (isFocused) (fresh.querySelector("a,button") ?? fresh).focus({ preventScroll: true });
            row = fresh;
            }
            row ??= make(item);
            row.version = version;
            rows.set(key, row);
            if (row === next) next = row.nextSibling;
            else parent.insertBefore(row, next);
            }
            while (next) { const gone = next; next = next.nextSibling; gone.remove(); }
            parent.rowsByKey = rows;
            }
            export function onWidth(element, call) {
            let width = 0;
            const observer = new ResizeObserver(() => {
            const now = Math.floor(element.clientWidth);
            if (now > 0 && now !== width) call((width = now));
            });
            observer.observe(element);
            return () => observer.disconnect();
            }
            const paths = {
            traces: "M2 4h7M5 8h8M4 12h5", services: "M2.5 3h11v4h-11zM2.5 9.5h11v4h-11zM5 5h.01M5 11.5h.01",
            map: "M4 6a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM12 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM4 6v3a3 3 0 0 0 3 3h3",
            metrics: "M2 13.5h12M3 11l3.5-4 3 2.5L13.5 4", logs: "M3 3.5h10M3 6.5h7M3 9.5h10M3 12.5h5",
            alerts: "M8 2a4 4 0 0 1 4 4v3l1.5 2.5h-11L4 9V6a4 4 0 0 1 4-4zM6.5 13.5h3",
            errors: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 5v3.5M8 11h.01",
            probes: "M8 8l4-4M8 8h.01M4 12a5.7 5.7 0 0 1 0-8M6 10a2.8 2.8 0 0 1 0-4M13 7a5.7 5.7 0 0 1-1 5",
            health: "M1.5 8.5H4l2-5 3.5 9 2-4h3", search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM11 11l3 3",
            theme: "M8 2v12M8 2a6 6 0 1 1 0 12A6 6 0 1 1 8 2zM8 5l3-2M8 8h6M8 11l4 1", keys: "M6 6a2 2 0 1 1 2.7 1.9c-.5.2-.7.6-.7 1.1v.5M8 12h.01",
            pause: "M5.5 3.5v9M10.5 3.5v9", play: "M5 3.5l7 4.5-7 4.5z", close: "M4 4l8 8M12 4l-8 8", copy: "M6 6h7v7H6zM10 6V3H3v7h3",
            right: "M6.5 4l4 4-4 4", download: "M8 2.5v8M4.5 7.5L8 11l3.5-3.5M3 13.5h10", warn: "M8 2.5l6 11H2zM8 7v3M8 12h.01",
            plus: "M8 3.5v9M3.5 8h9", check: "M3 8.5l3.5 3.5L13 4.5",
            };
            export const icon = (name) =>
            s("svg", { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true" }, s("path", { d: paths[name] }));

            """#)
}
