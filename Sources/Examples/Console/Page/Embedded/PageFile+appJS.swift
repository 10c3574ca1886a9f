// app.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let appJS = PageFile(
        path: "/assets/app.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "34c172b6abe24d9c",
        text: #"""
            import { get, noteTime } from "./api.js";
            import { assign } from "./colors.js";
            import { h, icon, put } from "./dom.js";
            import { addKeys, setViewKeys, showKeys } from "./keys.js";
            import * as live from "./live.js";
            import { problem } from "./parts.js";
            import { address, go, parse, range } from "./router.js";
            import * as alerts from "./alerts.js";
            import * as compare from "./compare.js";
            import * as conventions from "./conventions.js";
            import * as errors from "./errors.js";
            import * as health from "./health.js";
            import * as logs from "./logs.js";
            import * as map from "./map.js";
            import * as metrics from "./metrics.js";
            import * as probes from "./probes.js";
            import * as runs from "./runs.js";
            import * as services from "./services.js";
            import * as trace from "./trace.js";
            import * as traces from "./traces.js";
            import { welcome } from "./welcome.js";
            const views = { traces, trace, compare, conventions, services, runs, map, metrics, logs, errors, alerts, probes, health };
            const sections = [
            ["traces", "Traces", "t"], ["services", "Services", "s"], ["map", "Map", "m"], ["metrics", "Metrics", "e"], ["logs", "Logs", "l"],
            ["errors", "Errors", "r"],  ["alerts", "Alerts", "a"],  ["probes", "Probes", "p"], ["health", "Health", "h"],
            ];
            const parents = { trace: "traces", compare: "traces", runs: "services", conventions: "services" };
            const main = h("main", { id: "main", tabindex: "-1" });
            const links = new Map();
            const liveButton = h("button.nav-action", { onclick: togglePause });
            let present = null;
            let summary = null;
            const scrolled = new Map();
            function frame() {
            const nav = h("nav", { "aria-label": "Views", class: "nav" },
            sections.map(([name, title]) => {
            const link = h("a", { href: `#/${name}`, class: "nav-link", "data-view": name }, icon(name), h("span", title));
            links.set(name, link);
            return link;
            }));
            const aside = h("header.side",
            h("a.brand", { href: "#/traces", "aria-label": "Telemetry, to the traces" }, h("span.mark", { "aria-hidden": "true" }), h("span", "Telemetry")),
            nav,
            h("div.side-end", liveButton,
            h("button.nav-action", { onclick: () => toggleTheme(), "aria-label": "Light or dark" }, icon("theme"), h("span", "Theme")),
            h("button.nav-action", { onclick: showKeys, "aria-label": "Show the keys" }, icon("keys"), h("span", "Keys"), h("kbd", "?"))));
            document.getElementById("app").replaceChildren(aside, main, h("div", { id: "announce", class: "unseen", role: "status" }));
            document.getElementById("skip").addEventListener("click", (event) => { event.preventDefault(); main.focus(); });
            }
            function togglePause() { live.setPaused(!live.status().isPaused); }
            function drawLive() {
            const { state, isPaused, missed } = live.status();
            const says = isPaused ? "Paused" : { live: "Live", connecting: "Connecting", offline: "Offline" }[state];
            liveButton.className = `nav-action live ${isPaused ? "paused" : state}`;
            liveButton.setAttribute("aria-pressed", !isPaused);
            liveButton.setAttribute("aria-label", isPaused ? `Live updates are paused, ${missed} new` : `Live updates: ${says}`);
            put(liveButton, h("i.pulse", { "aria-hidden": "true" }), h("span", says, missed > 0 && h("span.wide", `, ${missed} new`)), icon(isPaused ? "play" : "pause"));
            }
            async function readSummary() {
            summary = await get("/data/summary");
            noteTime(summary.now);
            assign(summary.services ?? []);
            return summary;
            }
            const hasNothing = () => ["traces", "metrics", "logs"].every((signal) => !Number(summary?.signals?.[signal]?.received) && !Number(summary?.signals?.[signal]?.kept));
            async function show() {
            const route = parse();
            const view = views[route.name];
            for (const [name, link] of links) {
            if (name === (parents[route.name] ?? route.name)) {
            link.setAttribute("aria-current", "page");
            link.scrollIntoView({ block: "nearest", inline: "nearest" });
            }
            else link.removeAttribute("aria-current");
            link.setAttribute("href", address(name, [], range(route.query)));
            }
            if (present && present.name === route.name && present.view.update?.(route)) return title(present.view);
            if (present) scrolled.set(present.hash, main.scrollTop);
            present?.view.close?.();
            const abort = new AbortController();
            const mine = { name: route.name, hash: location.hash, view: {} };
            present = mine;
            setViewKeys([]);
            try {
            if (!summary) await readSummary();
            if (present !== mine) return;
            if (!view) throw new Error(`There is no view named “${route.name}”.`);
            mine.view = hasNothing() && route.name !== "health" && route.name !== "alerts" ? welcome(begin) : view.create({ route, signal: abort.signal, summary });
            const close = mine.view.close;
            mine.view.close = () => { abort.abort(); close?.(); };
            setViewKeys(mine.view.keys ?? []);
            main.className = `view ${mine.view.isFixed ? "fixed" : ""}`;
            put(main, mine.view.element);
            main.scrollTop = 0;
            title(mine.view);
            await mine.view.ready;
            if (present === mine) main.scrollTop = scrolled.get(mine.hash) ?? 0;
            } catch (error) {
            if (present === mine) put(main, problem(error, () => { present = null; show(); }));
            }
            }
            function title(view) {
            const says = view.title?.() ?? "Telemetry";
            document.title = `${says} · Telemetry`;
            document.getElementById("announce").textContent = says;
            }
            async function begin() {
            await readSummary();
            if (hasNothing()) return;
            present?.view.close?.();
            present = null;
            show();
            }
            addKeys(
            ["?", "Show these keys", showKeys],
            ["/", "Search", () => main.querySelector("[data-search]")?.focus()],
            ...sections.map(([name, title, key]) => ([`g ${key}`, title, () => go(address(name, [], range()))])),
            ["p", "Pause or resume live updates", togglePause],
            ["D", "Light or dark", () => { toggleTheme(); }],
            ["Escape", "Back, or close what is open", () => present?.view.back?.() ?? false]);
            if (location.search) history.replaceState(null, "", location.pathname + location.hash);
            frame();
            live.onStatus(drawLive);
            addEventListener("hashchange", () => { show(); });
            show();
            live.connect();

            """#)
}
