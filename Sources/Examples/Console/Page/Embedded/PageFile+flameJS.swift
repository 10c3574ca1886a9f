// flame.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let flameJS = PageFile(
        path: "/assets/flame.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "e8013ae53b2016df",
        text: #"""
            import { colorClass } from "./colors.js";
            import { h, onWidth, put } from "./dom.js";
            import { duration, line, number, percent } from "./format.js";
            import { flameTree } from "./tracemodel.js";
            const step = 23;
            const maximumNodes = 3000;
            export function flame({ open }) {
            const says = h("p.flame-says", { role: "status" });
            const box = h("div.flame-box", { role: "group", "aria-label": "Flame graph" });
            const element = h("div.flame", says, box);
            let root = null;
            let focus = null;
            let width = 0;
            let drawn = [];
            const stop = onWidth(element, (now) => { width = now - 48; draw(); });
            function draw() {
            if (!root || width < 20) return;
            const base = focus ?? root;
            const placed = [];
            let left = 0;
            const stack = [{ node: base, x: 0, width }];
            for (let above = focus?.above; above && above.depth >= 0; above = above.above) placed.push({ node: above, x: 0, width });
            while (stack.length > 0) {
            const item = stack.pop();
            if (item.node.depth >= 0) placed.push(item);
            let x = item.x;
            for (const child of [...item.node.children.values()].sort((a, b) => b.total - a.total)) {
            const size = item.node.total > 0 ? (child.total / item.node.total) * item.width : 0;
            if (size >= 1.5) stack.push({ node: child, x, width: size });
            else left += 1;
            x += size;
            }
            }
            placed.splice(maximumNodes);
            placed.sort((a, b) => a.node.depth - b.node.depth || a.x - b.x);
            drawn = placed.map((item) => {
            const { node } = item;
            const element = h("button", {
            class: `flame-node ${colorClass(node.service)} ${node.errors ? "error" : ""} ${item.width < 30 ? "tiny" : ""}`, tabindex: "-1",
            style: { left: `${item.x}px`, top: `${node.depth * step}px`, width: `${item.width}px` }, "aria-label": describe(node),
            onclick: () => { if (node === focus) open(node.longest); else { focus = node; draw(); focusNode(node); } },
            onfocus: () => tell(node), onmouseenter: () => tell(node),
            }, item.width >= 30 ? line(node.name, 100) : "");
            return { ...item, element };
            });
            put(box, drawn.map((item) => item.element));
            if (drawn[0]) drawn[0].element.tabIndex = 0;
            box.style.height = `${(Math.max(0, ...drawn.map((item) => item.node.depth)) + 1) * step + 8}px`;
            put(says, `Width is time worked; what runs side by side adds up to ${duration(root.total)}. Choose a bar to enlarge it, once more to open its longest span.`, left > 0 && ` ${number(left)} parts are too narrow to draw.`);
            }
            const describe = (node) => `${line(node.service, 60)} ${line(node.name, 100)}: ${duration(node.total)} (${percent(root.total ? node.total / root.total : 0)}), itself ${duration(node.self)}${node.count > 1 ? `, ${number(node.count)} spans` : ""}${node.errors ? `, ${number(node.errors)} with an error` : ""}`;
            function tell(node) { says.textContent = describe(node); }
            function focusNode(node) {
            const found = drawn.find((item) => item.node === node);
            found?.element.focus();
            }
            function move(direction) {
            const now = drawn.find((item) => item.element === document.activeElement) ?? drawn[0];
            if (!now) return;
            if (now.element !== document.activeElement) { now.element.focus(); return; }
            const level = (by) => drawn.filter((item) => item.node.depth === now.node.depth + by);
            const overlaps = (item) => item.x < now.x + now.width && item.x + item.width > now.x;
            const row = level(0);
            const next = direction === "down" ? level(1).find(overlaps) : direction === "up" ? level(-1).find(overlaps) : row[row.indexOf(now) + (direction === "right" ? 1 : -1)];
            next?.element.focus();
            }
            return {
            element, move,
            set: (trace) => { root = flameTree(trace); focus = null; draw(); },
            back: () => { if (!focus) return false; focus = null; draw(); drawn[0]?.element.focus(); return true; },
            close: stop,
            };
            }

            """#)
}
