// The map of services: what calls what, how often, with which errors and how long it takes.

import { get, span } from "./api.js";
import { assign, colorClass } from "./colors.js";
import { focused, h, onWidth, put, s } from "./dom.js";
import { quoted } from "./filter.js";
import { compact, duration, line, number, percent, perSecond } from "./format.js";
import { listKeys } from "./keys.js";
import { onChange } from "./live.js";
import { groups, isBend, layers } from "./maplayout.js";
import { busy, errorCell, nothing, percentileColumns, percentiles, problem, refresher, serviceName, table } from "./parts.js";
import { rangeHead } from "./rangepicker.js";
import { address, range } from "./router.js";

const [cardWidth, cardHeight] = [186, 74];
const maximumNodes = 200;
/** The room for an edge that passes a layer. */
const bendSize = 34;

export function create({ signal, summary }) {
  let data = null;
  let drawn = "";
  const heading = rangeHead("Map", "-15m", summary.runs);
  const content = h("div", busy());
  const frame = h("div.map-frame");
  const calls = h("div");
  const stop = [onWidth(frame, () => draw(true)), onChange(refresher(load))];

  async function load() {
    try {
      data = await get("/data/map", span("-15m"), signal);
      assign(data.nodes.map((node) => node.name));
      draw();
    } catch (error) {
      if (!data) put(content, problem(error, load));
    }
  }

  function draw(isForced = false) {
    if (!data) return;
    const version = JSON.stringify(data);
    if (version === drawn && !isForced) return;
    drawn = version;
    if (data.nodes.length === 0) return void put(content, nothing("No service was called in this time", { from: "all", to: "" }));
    if (frame.parentNode !== content) put(content, frame, calls);
    drawMap(frame.clientWidth || 800);
    drawTable();
  }

  function drawMap(width) {
    const nodes = [...data.nodes].sort((a, b) => Number(b.spans) - Number(a.spans)).slice(0, maximumNodes);
    const byName = new Map(nodes.map((node) => [node.name, node]));
    const edges = data.edges.filter((edge) => byName.has(edge.from) && byName.has(edge.to));
    // What nothing connects is laid out by itself, and stands side by side or below as there is room.
    const laid = groups([...byName.keys()], edges).map((names) => layers(names, edges.filter((edge) => names.includes(edge.from))));
    // Layers stand side by side where there is room for them, else one below the other.
    const isAcross = width > 640 && laid.every(({ rows }) => rows.length * (cardWidth + 70) <= width);
    const sizeOf = (name) => (isBend(name) ? bendSize : isAcross ? cardHeight + 34 : cardWidth + 22);
    const place = new Map();
    const bends = new Map(laid.flatMap((one) => [...one.bends]));
    const boxes = laid.map(({ rows }) => {
      const along = isAcross ? Math.min(320, Math.max(cardWidth + 110, (width - 60 - cardWidth) / Math.max(1, rows.length - 1))) : cardHeight + 64;
      const sizes = rows.map((row) => row.reduce((sum, name) => sum + sizeOf(name), 0));
      const [far, aside] = [(rows.length - 1) * along + 48, Math.max(...sizes)];
      const places = rows.flatMap((row, index) => {
        let at = (aside - sizes[index]) / 2 + 24;
        return row.map((name) => { at += sizeOf(name); return [name, isAcross ? [index * along + 24, at - sizeOf(name)] : [at - sizeOf(name), index * along + 24]]; });
      });
      return isAcross ? { places, total: far + cardWidth, tall: aside + 14 } : { places, total: aside + 4, tall: far + cardHeight };
    }).sort((a, b) => b.tall - a.tall);
    const shelves = [];
    for (const box of boxes) {
      let shelf = shelves.find((one) => one.x + box.total + 22 <= width);
      if (!shelf) shelves.push((shelf = { x: 0, y: shelves.reduce((sum, one) => sum + one.tall, 0), tall: box.tall }));
      for (const [name, [left, top]] of box.places) place.set(name, [shelf.x + left, shelf.y + top]);
      shelf.x += box.total;
    }
    const [total, tall] = [Math.max(...shelves.map((one) => one.x)) + 22, shelves.reduce((sum, one) => sum + one.tall, 0)];
    const svg = s("svg.map", { width: total, height: tall, viewBox: `0 0 ${total} ${tall}`, role: "group", "aria-label": `Map of ${nodes.length} services` });
    const lines = edges.map((edge) => line_(edge, place, isAcross, bends.get(edge) ?? []));
    spread(lines);
    put(svg, lines.map((one) => one.path), lines.map((one) => one.label), nodes.map((node) => card(node, place.get(node.name), svg)));
    const refocus = focused(frame, "node");
    put(frame, svg);
    refocus();
  }

  function card(node, [x, y], svg) {
    const share = node.errorRate;
    const times = `p50 ${duration(node.p50)}, p95 ${duration(node.p95)}, p99 ${duration(node.p99)}`;
    const isService = node.kind === "service";
    const show = (isOn) => { for (const edge of svg.querySelectorAll(".edge")) edge.classList.toggle("faded", isOn && edge.dataset.from !== node.name && edge.dataset.to !== node.name); };
    return s("a", {
      class: `node ${colorClass(node.name)} ${share > 0 ? "error" : ""}`, href: isService ? address("services", [], { ...range(), name: node.name }) : address("traces", [], range()), "data-node": node.name,
      "aria-label": `${line(node.name, 80)}, ${node.kind}: ${perSecond(node.rate)}, errors ${percent(share)}, ${times}`,
      transform: `translate(${x} ${y})`, onmouseenter: () => show(true), onmouseleave: () => show(false), onfocus: () => show(true), onblur: () => show(false),
    }, s("title", times),
    s("rect.card", { width: cardWidth, height: cardHeight, rx: isService ? 9 : 20 }), s("rect.stripe", { x: 14, y: 16, width: 8, height: 8, rx: 2.5 }),
    s("text.title", { x: 29, y: 24.5 }, line(node.name.replace(/ \/.*\//, " …/"), 20)), s("text", { x: 14, y: 44 }, isService ? perSecond(node.rate) : node.kind), s("text", { class: share > 0 ? "bad" : null, x: cardWidth - 14, y: 44, "text-anchor": "end" }, share > 0 ? `${percent(share)} errors` : "no errors"),
    s("text", { x: 14, y: 61 }, `p50 ${duration(node.p50)}`), s("text", { x: cardWidth - 14, y: 61, "text-anchor": "end" }, `p95 ${duration(node.p95)}`));
  }

  function line_(edge, place, isAcross, bends) {
    const [a, b] = [place.get(edge.from), place.get(edge.to)];
    const isBack = isAcross ? b[0] <= a[0] : b[1] <= a[1];
    let d;
    let middle;
    const [w, e] = [cardWidth, cardHeight];
    if (edge.from === edge.to) {
      d = `M${a[0] + w - 30} ${a[1]}c0 -22 26 -22 26 0`;
      middle = [a[0] + w - 17, a[1] - 14];
    } else if (isBack) {
      const [x1, y1, x2, y2] = [a[0] + w / 2, a[1] + e, b[0] + w / 2, b[1] + e];
      const low = Math.max(y1, y2) + 20;
      d = `M${x1} ${y1}C${x1} ${low} ${x2} ${low} ${x2} ${y2 + 6}`;
      middle = [(x1 + x2) / 2, low - 8];
    } else {
      const [x1, y1, x2, y2] = isAcross ? [a[0] + w, a[1] + e / 2, b[0] - 7, b[1] + e / 2] : [a[0] + w / 2, a[1] + e, b[0] + w / 2, b[1] - 7];
      // It runs straight through the places between, and bends before and after them.
      const stops = bends.flatMap((bend) => { const [x, y] = place.get(bend); return isAcross ? [[x, y + bendSize / 2], [x + w, y + bendSize / 2]] : [[x + bendSize / 2, y], [x + bendSize / 2, y + e]]; });
      const points = [[x1, y1], ...stops, [x2, y2]];
      d = `M${x1} ${y1}`;
      for (let at = 1; at < points.length; at += 1) {
        const [[px, py], [qx, qy]] = [points[at - 1], points[at]];
        const [mx, my] = [(px + qx) / 2, (py + qy) / 2];
        d += isAcross ? `C${mx} ${py} ${mx} ${qy} ${qx} ${qy}` : `C${px} ${my} ${qx} ${my} ${qx} ${qy}`;
        if (at === 1) middle = [mx, my];
      }
    }
    const share = edge.errorRate;
    const text = `${perSecond(edge.rate)} · ${duration(edge.p95)}`;
    const size = text.length * 5.7 + 10;
    const end = isBack || edge.from === edge.to ? `M-4 7L0 0L4 7Z` : isAcross ? "M-7 -4L0 0L-7 4Z" : "M-4 -7L0 0L4 -7Z";
    const tip = edge.from === edge.to ? [a[0] + w - 4, a[1]] : isBack ? [b[0] + w / 2, b[1] + e] : isAcross ? [b[0], b[1] + e / 2] : [b[0] + w / 2, b[1]];
    const data_ = { class: `edge ${share > 0 ? "error" : ""}`, "data-from": edge.from, "data-to": edge.to };
    return {
      middle, size,
      path: s("g", data_, s("title", `${line(edge.from, 60)} calls ${line(edge.to, 60)}: ${number(edge.calls)} calls, ${percent(share)} errors, p50 ${duration(edge.p50)}, p99 ${duration(edge.p99)}`),
        s("path", { d, "stroke-width": Math.min(4, 1.2 + Math.log10(1 + Number(edge.rate))) }), s("path.arrow", { d: end, transform: `translate(${tip[0]} ${tip[1]})` })),
      label: s("g", { ...data_, class: `${data_.class} edge-label`, transform: `translate(${middle[0]} ${middle[1]})` }, s("rect", { x: -size / 2, y: -9, width: size, height: 17, rx: 4 }), s("text", { "text-anchor": "middle", y: 4, class: share > 0 ? "bad" : null }, text)),
    };
  }

  /** Moves labels that would lie upon each other apart. */
  function spread(lines) {
    const placed = [];
    for (const one of [...lines].sort((a, b) => a.middle[1] - b.middle[1])) {
      const overlaps = (other) => Math.abs(other.middle[0] - one.middle[0]) < (other.size + one.size) / 2 && Math.abs(other.middle[1] - one.middle[1]) < 18;
      for (let turn = 0; turn < 20 && placed.some(overlaps); turn += 1) one.middle[1] = Math.max(...placed.filter(overlaps).map((other) => other.middle[1])) + 18;
      placed.push(one);
      one.label.setAttribute("transform", `translate(${one.middle[0]} ${one.middle[1]})`);
    }
  }

  function drawTable() {
    put(calls, data.nodes.length > maximumNodes && h("p.soft", `The ${maximumNodes} busiest of ${number(data.nodes.length)} are drawn.`), data.edges.length > 0 && [h("h2.section-title", "Calls"),
      table("Calls between services", [["From"], ["To"], ["Calls", "end wide"], ["Errors", "end"], ...percentileColumns],
        [...data.edges].sort((a, b) => b.rate - a.rate).slice(0, 500).map((edge) => h("tr", h("td", h("a.row-link", { href: address("traces", [], { ...range(), q: `service=${quoted(edge.from)} kind=client` }) }, serviceName(edge.from))), h("td", serviceName(edge.to)),
          h("td.end.wide", compact(Number(edge.calls))), errorCell(edge.errorRate), percentiles(edge))))]);
  }

  return {
    element: h("div", heading.element, content), title: () => "Map", ready: load(),
    update: () => { heading.draw(); load(); return true; },
    keys: listKeys(() => content.querySelectorAll(".node, .row-link"), "service or call"),
    close: () => stop.forEach((end) => end()),
  };
}
