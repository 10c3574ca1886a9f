// tracemodel.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let tracemodelJS = PageFile(
        path: "/assets/tracemodel.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "d0ce1bda88d834d3",
        text: #"""
            import { integer } from "./format.js";
            const near = 604800000000000n;
            export function buildTrace(data) {
            const starts = data.spans.map((span) => integer(span.start) ?? 0n);
            const middle = [...starts].sort((a, b) => (a < b ? -1 : 1))[Math.floor(starts.length / 2)] ?? integer(data.start) ?? 0n;
            const isNear = (time) => time - middle < near && middle - time < near;
            const zero = starts.filter(isNear).reduce((least, start) => (start < least ? start : least), middle);
            const services = data.resources.map((resource) => resource.service || "unknown service");
            const spans = data.spans.map((raw, index) => {
            const start = Number(starts[index] - zero);
            const isOpen = raw.end === "0" || raw.end === "";
            return {
            raw, index, start, isFar: !isNear(starts[index]), end: isOpen ? start : Math.max(start, Number((integer(raw.end) ?? 0n) - zero)), isOpen, id: raw.spanId, name: raw.name, kind: raw.kind,
            service: services[raw.resource] ?? "unknown service", isError: raw.status === 2, isOrphan: false, isCycle: false, skew: 0,
            parent: null, children: [], depth: 0, size: 1, hasErrorBelow: false, isCollapsed: false, critical: [], gaps: [],
            };
            });
            const length = spans.reduce((most, span) => (span.isFar || span.end > 2 * Number(near) ? most : Math.max(most, span.end)), 1);
            for (const span of spans) if (span.isOpen) span.end = Math.max(span.start, length);
            const roots = connect(spans);
            const trace = { data, zero, spans, roots, length, services: [...new Set(spans.map((span) => span.service))] };
            measure(roots);
            for (const span of spans) {
            span.skew = skewOf(span);
            span.gaps = gapsOf(span, length);
            }
            if (roots.length > 0) criticalPath(roots.reduce((most, root) => (root.end - root.start > most.end - most.start ? root : most)));
            return trace;
            }
            function connect(spans) {
            const byID = new Map();
            for (const span of spans) if (!byID.has(span.id)) byID.set(span.id, span);
            const roots = [];
            for (const span of spans) {
            const wanted = span.raw.parentSpanId;
            const parent = wanted ? byID.get(wanted) : undefined;
            if (parent && parent !== span) span.parent = parent;
            else if (parent === span) span.isCycle = true;
            else span.isOrphan = Boolean(wanted);
            }
            const state = new Uint8Array(spans.length);
            for (const span of spans) {
            const path = [];
            let at = span;
            while (at && state[at.index] === 0) { state[at.index] = 1; path.push(at); at = at.parent; }
            if (at && state[at.index] === 1) {
            const circle = path.slice(path.indexOf(at));
            const first = circle.reduce((least, one) => (one.start < least.start ? one : least));
            first.parent = null;
            first.isCycle = true;
            }
            for (const one of path) state[one.index] = 2;
            }
            for (const span of spans) (span.parent ? span.parent.children : roots).push(span);
            const byStart = (a, b) => a.start - b.start || b.end - a.end || a.index - b.index;
            for (const span of spans) span.children.sort(byStart);
            return roots.sort(byStart);
            }
            function measure(roots) {
            const order = [];
            const stack = [...roots];
            while (stack.length > 0) {
            const span = stack.pop();
            order.push(span);
            for (const child of span.children) { child.depth = span.depth + 1; stack.push(child); }
            }
            for (const span of order.reverse()) {
            if (!span.parent) continue;
            span.parent.size += span.size;
            span.parent.hasErrorBelow ||= span.isError || span.hasErrorBelow;
            }
            }
            function skewOf(span) {
            const { parent } = span;
            if (!parent || parent.raw.resource === span.raw.resource) return 0;
            if (span.start < parent.start) return span.start - parent.start;
            const isAnswer = span.kind === 2 && parent.kind === 3 && !span.isOpen && !parent.isOpen;
            return isAnswer && span.end > parent.end ? span.end - parent.end : 0;
            }
            function gapsOf(span, length) {
            if (span.children.length === 0 || span.isOpen) return [];
            const least = Math.max((span.end - span.start) * 0.08, length * 0.01);
            const gaps = [];
            let at = span.start;
            for (const child of span.children) {
            if (child.start - at >= least) gaps.push([at, Math.min(child.start, span.end)]);
            at = Math.max(at, child.end);
            if (at >= span.end) break;
            }
            if (span.end - at >= least) gaps.push([at, span.end]);
            return gaps.filter(([from, to]) => to > from);
            }
            function criticalPath(root) {
            const stack = [[root, root.end]];
            const visited = new Set();
            while (stack.length > 0) {
            const [span, limit] = stack.pop();
            if (visited.has(span)) continue;
            visited.add(span);
            let cursor = Math.min(span.end, limit);
            const children = [...span.children].sort((a, b) => b.end - a.end);
            for (const child of children) {
            if (child.start >= cursor || child.end > cursor || child.end <= span.start) continue;
            if (cursor > child.end) span.critical.push([child.end, cursor]);
            stack.push([child, child.end]);
            cursor = Math.max(child.start, span.start);
            if (cursor <= span.start) break;
            }
            if (cursor > span.start) span.critical.push([span.start, cursor]);
            }
            }
            export function selfTime(span) {
            let busy = 0;
            let at = span.start;
            for (const child of span.children) {
            const from = Math.max(at, child.start);
            const to = Math.min(span.end, child.end);
            if (to > from) { busy += to - from; at = to; }
            }
            return Math.max(0, span.end - span.start - busy);
            }
            export function visibleSpans(trace) {
            const rows = [];
            const stack = [...trace.roots].reverse();
            while (stack.length > 0) {
            const span = stack.pop();
            rows.push(span);
            if (!span.isCollapsed) for (let index = span.children.length - 1; index >= 0; index -= 1) stack.push(span.children[index]);
            }
            return rows;
            }
            export function flameTree(trace) {
            const root = { name: "", service: "", total: 0, self: 0, count: 0, errors: 0, children: new Map(), depth: -1, longest: null };
            const nodes = new Map();
            const order = [];
            const stack = [...trace.roots].reverse();
            while (stack.length > 0) {
            const span = stack.pop();
            const above = nodes.get(span.parent) ?? root;
            const key = `${span.service}\u0000${span.name}`;
            let node = above.children.get(key);
            if (!node) {
            node = { name: span.name, service: span.service, total: 0, self: 0, count: 0, errors: 0, children: new Map(), depth: above.depth + 1, longest: span, above };
            above.children.set(key, node);
            order.push(node);
            }
            node.count += 1;
            node.errors += span.isError ? 1 : 0;
            node.self += selfTime(span);
            if (span.end - span.start > node.longest.end - node.longest.start) node.longest = span;
            nodes.set(span, node);
            for (let index = span.children.length - 1; index >= 0; index -= 1) stack.push(span.children[index]);
            }
            for (const node of order.reverse()) { node.total += node.self; node.above.total += node.total; }
            return root;
            }
            export function compareTraces(first, second) {
            const trees = [flameTree(first), flameTree(second)];
            const rows = [];
            const stack = [{ sides: trees, depth: -1 }];
            while (stack.length > 0) {
            const { sides, depth } = stack.pop();
            if (depth >= 0) {
            const some = sides[0] ?? sides[1];
            rows.push({ depth, name: some.name, service: some.service, a: sides[0], b: sides[1] });
            }
            const keys = new Set([...(sides[0]?.children.keys() ?? []), ...(sides[1]?.children.keys() ?? [])]);
            for (const key of [...keys].reverse()) stack.push({ sides: [sides[0]?.children.get(key) ?? null, sides[1]?.children.get(key) ?? null], depth: depth + 1 });
            }
            return rows;
            }
            export function matches(span, words, textOf) {
            const fold = (text) => text.toLowerCase().includes(words);
            return fold(span.name) || fold(span.service) || fold(span.id) || fold(span.raw.message ?? "")
            || (span.raw.attributes ?? []).some((item) => fold(item.key) || fold(textOf(item.value).slice(0, 10000)))
            || (span.raw.events ?? []).some((event) => fold(event.name ?? ""));
            }

            """#)
}
