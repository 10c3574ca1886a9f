// Places the nodes of the map in layers, callers before what they call. Knows no elements.

/** Whether a name in a layer is the place of an edge that passes it. */
export const isBend = (name) => name.startsWith("\u0000");

/** Parts the nodes into groups that nothing connects, in the order of their first nodes. */
export function groups(names, edges) {
  const root = new Map(names.map((name) => [name, name]));
  const of = (name) => {
    let at = name;
    while (root.get(at) !== at) at = root.get(at);
    root.set(name, at);
    return at;
  };
  for (const { from, to } of edges) root.set(of(to), of(from));
  const found = new Map();
  for (const name of names) found.set(of(name), [...(found.get(of(name)) ?? []), name]);
  return [...found.values()];
}

/**
 * Gives each node a layer and a place in it, and edges over several layers a place in each between.
 *
 * Circles are broken where a walk from the callers comes back to its own path; the order within layers is the mean of the neighbours', swept to and fro.
 */
export function layers(names, edges) {
  const known = new Set(names);
  const out = new Map(names.map((name) => [name, []]));
  const calls = edges.filter((edge) => edge.from !== edge.to && known.has(edge.from) && known.has(edge.to));
  for (const edge of calls) out.get(edge.from).push(edge.to);
  const incoming = new Map(names.map((name) => [name, 0]));
  for (const edge of calls) incoming.set(edge.to, incoming.get(edge.to) + 1);

  const back = new Set();
  const state = new Map();
  const order = [];
  const starts = [...names].sort((a, b) => incoming.get(a) - incoming.get(b) || (a < b ? -1 : 1));
  for (const start of starts) {
    if (state.has(start)) continue;
    const stack = [[start, 0]];
    state.set(start, 1);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const next = out.get(top[0])[top[1]];
      top[1] += 1;
      if (next === undefined) { state.set(top[0], 2); order.push(top[0]); stack.pop(); } else if (!state.has(next)) { state.set(next, 1); stack.push([next, 0]); } else if (state.get(next) === 1) back.add(`${top[0]}\u0000${next}`);
    }
  }

  const layer = new Map(names.map((name) => [name, 0]));
  for (const name of order.reverse()) {
    for (const next of out.get(name)) if (!back.has(`${name}\u0000${next}`)) layer.set(next, Math.max(layer.get(next), layer.get(name) + 1));
  }
  // A node without callers stands right before what it calls, not at the far edge.
  for (const name of [...order].reverse()) {
    const ahead = out.get(name).filter((next) => !back.has(`${name}\u0000${next}`)).map((next) => layer.get(next));
    if (incoming.get(name) === 0 && ahead.length > 0) layer.set(name, Math.min(...ahead) - 1);
  }
  const count = Math.max(0, ...layer.values()) + 1;
  const rows = Array.from({ length: count }, () => []);
  for (const name of [...names].sort()) rows[layer.get(name)].push(name);
  // An edge over several layers gets a place of its own in each between, so that it passes no card.
  const parts = [];
  const bends = new Map();
  for (const edge of calls) {
    const [first, last] = [layer.get(edge.from), layer.get(edge.to)];
    let before = edge.from;
    const list = [];
    for (let at = first + 1; at < last; at += 1) {
      const bend = `\u0000${at}\u0000${edge.from}\u0000${edge.to}`;
      rows[at].push(bend);
      list.push(bend);
      parts.push({ from: before, to: bend });
      before = bend;
    }
    parts.push({ from: before, to: edge.to });
    bends.set(edge, list);
  }
  for (let sweep = 0; sweep < 8; sweep += 1) {
    const isDown = sweep % 2 === 0;
    for (let at = isDown ? 1 : count - 2; isDown ? at < count : at >= 0; at += isDown ? 1 : -1) {
      const place = new Map(rows.flatMap((row) => row.map((name, index) => [name, (index + 0.5) / row.length])));
      const mean = (name) => {
        const near = parts.filter((edge) => (isDown ? edge.to : edge.from) === name).map((edge) => place.get(isDown ? edge.from : edge.to));
        return near.length ? near.reduce((sum, value) => sum + value, 0) / near.length : place.get(name);
      };
      const means = new Map(rows[at].map((name) => [name, mean(name)]));
      rows[at].sort((a, b) => means.get(a) - means.get(b) || (a < b ? -1 : 1));
    }
  }
  return { rows: rows.filter((row) => row.length > 0), bends };
}
