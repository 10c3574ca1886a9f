// live.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let liveJS = PageFile(
        path: "/assets/live.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "ab9ce4e01c3b1e0d",
        text: #"""
            const listeners = new Set();
            const watchers = new Set();
            let source;
            let totals = null;
            let seen = null;
            let state = "connecting";
            let isPaused = false;
            let timer = 0;
            let last = 0;
            const pace = 1000;
            export const status = () => ({ state, isPaused, missed: isPaused && totals && seen ? difference(seen, totals) : 0 });
            const difference = (from, to) => ["traces", "metrics", "logs"].reduce((sum, key) => sum + Number(to[key] ?? 0) - Number(from[key] ?? 0), 0);
            export function connect() {
            source?.close();
            source = new EventSource("/data/events");
            source.addEventListener("open", () => {
            if (state === "offline" && !isPaused) schedule();
            report("live");
            });
            source.addEventListener("error", () => {
            report("offline");
            if (source.readyState === EventSource.CLOSED) setTimeout(() => { if (!document.hidden) connect(); }, 5000);
            });
            source.addEventListener("change", (event) => {
            try { totals = JSON.parse(event.data); } catch { return; }
            report("live");
            if (!isPaused) schedule();
            });
            }
            function report(now) {
            state = now;
            for (const watcher of watchers) watcher();
            }
            function schedule() {
            if (timer || document.hidden) return;
            timer = setTimeout(() => {
            timer = 0;
            last = performance.now();
            seen = totals;
            for (const listener of [...listeners]) listener(totals);
            }, Math.max(0, pace - (performance.now() - last)));
            }
            addEventListener("pagehide", () => source?.close());
            addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
            document.addEventListener("visibilitychange", () => {
            if (document.hidden) return source?.close();
            connect();
            if (!isPaused && totals !== seen) schedule();
            });
            export function setPaused(value) {
            isPaused = value;
            if (value) seen ??= totals;
            else schedule();
            report(state);
            }
            export function onChange(call) {
            listeners.add(call);
            return () => listeners.delete(call);
            }
            export function onStatus(call) {
            watchers.add(call);
            call();
            return () => watchers.delete(call);
            }

            """#)
}
