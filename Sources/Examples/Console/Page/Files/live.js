// Tells views that telemetry has arrived, unless the reader has paused that.

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

/** Connects; the browser connects again by itself after a break. */
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

/** Views are told at most once a second, and not while the page is hidden. */
function schedule() {
  if (timer || document.hidden) return;
  timer = setTimeout(() => {
    timer = 0;
    last = performance.now();
    seen = totals;
    for (const listener of [...listeners]) listener(totals);
  }, Math.max(0, pace - (performance.now() - last)));
}

// A browser opens six connections to a server and keeps those of pages that it may come back to: pages out of sight give theirs up.
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

/** Calls back when telemetry has arrived; returns what ends this. */
export function onChange(call) {
  listeners.add(call);
  return () => listeners.delete(call);
}

/** Calls back when the connection or the pause changes. */
export function onStatus(call) {
  watchers.add(call);
  call();
  return () => watchers.delete(call);
}
