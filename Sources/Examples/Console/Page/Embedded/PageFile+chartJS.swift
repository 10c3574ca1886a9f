// chart.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let chartJS = PageFile(
        path: "/assets/chart.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "1169fc1cc0300bdd",
        text: #"""
            import { brush, placeTip, scale, ticks, timeAxis, valueAxis } from "./axis.js";
            import { lineClass } from "./colors.js";
            import { h, onWidth, put, s } from "./dom.js";
            import { clock, compact, line } from "./format.js";
            export function chart({ label, height = 220, select = null }) {
            const svg = s("svg.chart", { height, role: "img", "aria-label": label });
            const tip = h("div.tip", { hidden: true });
            const legend = h("div.legend");
            const frame = h("div.chart-frame", svg, tip);
            const element = h("div", frame, legend);
            const hidden = new Set();
            const edges = [0, 0];
            let data = null;
            let x = null;
            const stop = onWidth(frame, draw);
            const bottom = 22;
            const top = 8;
            function draw(width = frame.clientWidth) {
            if (!data || width < 60) return;
            const shown = data.series.filter((series) => !hidden.has(series.name));
            const write = data.write ?? compact;
            let [low, high] = [0, 0];
            for (const series of shown) for (const [, value] of series.points) if (Number.isFinite(value)) { low = Math.min(low, value); high = Math.max(high, value); }
            for (const dot of data.dots ?? []) if (dot.value < high * 4 || high === 0) high = Math.max(high, dot.value);
            if (high === low) high = low + 1;
            const marks = ticks(low, high, height > 120 ? 4 : 2);
            const texts = marks.map(write);
            const left = Math.min(120, Math.max(...texts.map((text) => text.length)) * 6.4 + 14);
            x = scale([data.from, data.to], [left, width - 6]);
            const y = scale([low, high * 1.04], [height - bottom, top]);
            [edges[0], edges[1]] = [left, width - 6];
            svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
            put(svg, valueAxis(marks, y, left, width - 6, write), timeAxis(x, data.from, data.to, height, width / 80),
            shown.map((series) => {
            const { d, lone } = curve(series.points, x, y);
            return s("g", { class: series.className ?? lineClass(data.series.indexOf(series)) },
            data.series.length === 1 && d && s("path.area", { d: area(series.points, x, y, y(0)) }), s("path.series", { d }), lone.map(([a, b]) => s("circle.lone", { cx: a, cy: b, r: 2.5 })));
            }),
            s("line.cursor", { y1: top, y2: height - bottom, visibility: "hidden" }),
            (data.dots ?? []).filter((dot) => dot.at >= data.from && dot.at <= data.to).map((dot) => s("a", { href: dot.href, "aria-label": dot.title, "data-exemplar": true },
            s("title", dot.title), s("circle.exemplar", { cx: x(dot.at), cy: y(Math.max(low, Math.min(high, dot.value))), r: 4.5 }))));
            put(legend, data.series.length > 1 && data.series.map((series, index) => h("button", {
            class: series.className ?? lineClass(index), "aria-pressed": String(!hidden.has(series.name)), title: line(series.name, 300),
            onclick: () => { if (!hidden.delete(series.name)) hidden.add(series.name); draw(); },
            }, h("i.dot"), h("span.cut", line(series.name, 120)))));
            const last = shown.slice(0, 12).map((series) => `${line(series.name, 60)} ${write(series.points.findLast?.(([, value]) => Number.isFinite(value))?.[1] ?? NaN)}`);
            svg.setAttribute("role", data.dots?.length ? "group" : "img");
            svg.setAttribute("aria-label", `${label}. Last values: ${last.join("; ") || "none"}`);
            }
            svg.addEventListener("pointermove", (event) => {
            if (!data || !x) return;
            const box = svg.getBoundingClientRect();
            const at = x.invert(event.clientX - box.left);
            const cursor = svg.querySelector(".cursor");
            const inside = at >= data.from && at <= data.to;
            tip.hidden = !inside;
            cursor?.setAttribute("visibility", inside ? "visible" : "hidden");
            if (!inside) return;
            const rows = data.series.map((series, index) => ({ series, index, point: nearest(series.points, at) })).filter((row) => row.point && !hidden.has(row.series.name));
            if (rows.length === 0) { tip.hidden = true; return; }
            const time = rows[0].point[0];
            for (const name of ["x1", "x2"]) cursor?.setAttribute(name, x(time));
            const sorted = rows.sort((a, b) => b.point[1] - a.point[1]);
            put(tip, h("b", clock(BigInt(Math.round(time * 1000)) * 1000000n).replace(/\.\d+$/, "")), sorted.slice(0, 12).map(({ series, index, point }) =>
            h("div", { class: series.className ?? lineClass(index) }, h("i.dot"), h("span.cut", line(series.name, 60)), h("span", (data.write ?? compact)(point[1])))),
            sorted.length > 12 && h("div.faint", `${sorted.length - 12} more`));
            placeTip(tip, x(time), box.width);
            });
            svg.addEventListener("pointerleave", () => { tip.hidden = true; svg.querySelector(".cursor")?.setAttribute("visibility", "hidden"); });
            if (select) brush(svg, edges, [top, height - bottom], (a, b) => select(x.invert(a), x.invert(b)));
            return { element, set: (next) => { data = next; draw(); }, close: stop };
            }
            function nearest(points, at) {
            let best = null;
            for (const point of points) if (Number.isFinite(point[1]) && (!best || Math.abs(point[0] - at) < Math.abs(best[0] - at))) best = point;
            return best;
            }
            function curve(points, x, y) {
            let d = "";
            const lone = [];
            points.forEach(([at, value], index) => {
            if (!Number.isFinite(value)) return;
            const hasBefore = index > 0 && Number.isFinite(points[index - 1][1]);
            const hasAfter = index + 1 < points.length && Number.isFinite(points[index + 1][1]);
            if (!hasBefore && !hasAfter) lone.push([x(at), y(value)]);
            else d += `${hasBefore ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
            });
            return { d, lone };
            }
            function area(points, x, y, base) {
            let d = "";
            let part = [];
            const end = () => {
            if (part.length > 1) d += `M${part[0][0]} ${base}L${part.map((place) => place.join(" ")).join("L")}L${part[part.length - 1][0]} ${base}Z`;
            part = [];
            };
            for (const [at, value] of points) if (Number.isFinite(value)) part.push([x(at).toFixed(1), y(value).toFixed(1)]); else end();
            end();
            return d;
            }
            export function spark(values) {
            const high = Math.max(...values.filter(Number.isFinite), 0) || 1;
            const points = values.map((value, index) => [index, value]);
            const [x, y] = [scale([0, Math.max(1, values.length - 1)], [1, 109]), scale([0, high], [24, 2])];
            return s("svg.spark", { viewBox: "0 0 110 26", "aria-hidden": "true" }, s("path.area", { d: area(points, x, y, 24) }), s("path", { d: curve(points, x, y).d }));
            }

            """#)
}
