// A trace as a tree: order, depth, skew, gaps, and the critical path. Knows no elements, so that it can be tested alone.

import { integer } from "./format.js";

/** Seven days in nanoseconds. */
const near = 604800000000000n;

/** Reads the answer of the server; times become nanoseconds since the trace's start. */
export function buildTrace(data) {
  const starts = data.spans.map((span) => integer(span.start) ?? 0n);
  // A clock that is years off must not press all other spans into one point: the scale is that of the spans near the middle one.
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
  // An open span is drawn up to the end of what is known.
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

/** Ties children to parents; a span whose ancestors lead back to it becomes a root, so that every span has its place once. */
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

/** Sets depths, sizes of subtrees, and whether an error lies below; without recursion, since a trace may be one long chain. */
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

/** How far a clock must be off: a child that starts before its parent, or a server that is still at work when its caller has the answer. */
function skewOf(span) {
  const { parent } = span;
  if (!parent || parent.raw.resource === span.raw.resource) return 0;
  if (span.start < parent.start) return span.start - parent.start;
  const isAnswer = span.kind === 2 && parent.kind === 3 && !span.isOpen && !parent.isOpen;
  return isAnswer && span.end > parent.end ? span.end - parent.end : 0;
}

/** The times within a span in which none of its children was at work, where they are long enough to matter. */
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

/** Marks the spans, and the parts of them, without which the trace would have been shorter: from the end back to the child that ended last. */
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
      // A child that outlives its parent was not waited for.
      if (child.start >= cursor || child.end > cursor || child.end <= span.start) continue;
      if (cursor > child.end) span.critical.push([child.end, cursor]);
      stack.push([child, child.end]);
      cursor = Math.max(child.start, span.start);
      if (cursor <= span.start) break;
    }
    if (cursor > span.start) span.critical.push([span.start, cursor]);
  }
}

/** The time that a span spent itself: without the times in which a child was at work. */
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

/** The spans that are shown, in order, without what is collapsed. */
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

/** Merges spans of one service and name that stand at the same place; widths are time that was worked, so that parallel work adds up. */
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

/** Lays two traces over each other: nodes by path of service and name, each with what either trace has of it. */
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

/** Whether a span matches what is looked for within the trace. */
export function matches(span, words, textOf) {
  const fold = (text) => text.toLowerCase().includes(words);
  return fold(span.name) || fold(span.service) || fold(span.id) || fold(span.raw.message ?? "")
    || (span.raw.attributes ?? []).some((item) => fold(item.key) || fold(textOf(item.value).slice(0, 10000)))
    || (span.raw.events ?? []).some((event) => fold(event.name ?? ""));
}
