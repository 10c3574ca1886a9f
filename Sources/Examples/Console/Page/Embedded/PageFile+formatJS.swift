// format.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let formatJS = PageFile(
        path: "/assets/format.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "f332a67ff7d39e34",
        text: #"""
            const separated = new Intl.NumberFormat("en", { maximumFractionDigits: 3 });
            const two = (n) => String(n).padStart(2, "0");
            export function integer(text) {
            if (text === null || text === undefined || text === "") return null;
            try { return BigInt(text); } catch { return null; }
            }
            export function duration(value) {
            const ns = typeof value === "string" ? Number(value) : value;
            if (!Number.isFinite(ns)) return "–";
            const size = Math.abs(ns);
            if (size < 1e3) return `${Math.round(ns)} ns`;
            if (size < 999.5e3) return `${digits(ns / 1e3)} µs`;
            if (size < 999.5e6) return `${digits(ns / 1e6)} ms`;
            if (size < 60e9) return `${digits(ns / 1e9)} s`;
            const seconds = Math.round(ns / 1e9);
            if (size < 3600e9) return `${Math.trunc(seconds / 60)} min ${two(Math.abs(seconds % 60))} s`;
            if (size < 48 * 3600e9) return `${Math.trunc(seconds / 3600)} h ${two(Math.trunc(Math.abs(seconds % 3600) / 60))} min`;
            return `${number(Math.round(seconds / 86400))} days`;
            }
            function digits(value) {
            const size = Math.abs(value);
            return size >= 99.95 ? value.toFixed(0) : size >= 9.995 ? value.toFixed(1) : value.toFixed(2);
            }
            export const signed = (by, write = duration) => `${by < 0 ? "−" : "+"}${write(Math.abs(by))}`;
            export function number(value) {
            if (typeof value === "number") return Number.isFinite(value) ? separated.format(value) : String(value);
            const whole = integer(value);
            return whole === null ? "–" : separated.format(whole);
            }
            export const plural = (count, one, many = `${one}s`) => `${number(count)} ${Number(count) === 1 ? one : many}`;
            export function compact(value) {
            const size = Math.abs(value);
            if (!Number.isFinite(value)) return value > 0 ? "∞" : value < 0 ? "−∞" : "–";
            if (size === 0) return "0";
            if (size < 0.001 || size >= 1e15) return value.toExponential(1);
            for (const [limit, mark] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e4, "k"]]) {
            if (size >= limit * (mark === "k" ? 1 : 0.9995)) return trimmed(value / (mark === "k" ? 1e3 : limit)) + mark;
            }
            return trimmed(value);
            }
            const trimmed = (value) => String(Number(value.toPrecision(Math.abs(value) >= 100 ? Math.max(3, String(Math.trunc(Math.abs(value))).length) : 3)));
            export function bytes(value) {
            let size = Number(value);
            for (const unit of ["B", "KiB", "MiB", "GiB"]) {
            if (size < 1024 || unit === "GiB") return `${unit === "B" ? size : digits(size)} ${unit}`;
            size /= 1024;
            }
            }
            export const percent = (share) => (share === 0 ? "0 %" : share < 0.001 ? "< 0.1 %" : `${Number((share * 100).toPrecision(share >= 0.1 ? 3 : 2))} %`);
            export const perSecond = (rate) => `${compact(rate)}/s`;
            export function inUnit(unit, value, per = "") {
            const factor = { s: 1e9, ms: 1e6, us: 1e3, ns: 1 }[unit];
            return `${unit === "By" ? bytes(Math.round(value)) : factor && value !== 0 ? duration(value * factor) : compact(value)}${per}`;
            }
            const milliseconds = (ns) => Number(ns / 1000000n);
            const latest = 8.64e15;
            export function clock(ns, now = Date.now()) {
            const ms = milliseconds(ns);
            if (Math.abs(ms) > latest) return `${ns} ns`;
            const date = new Date(ms);
            const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`;
            return new Date(now).toDateString() === date.toDateString() ? time : `${day(date)} ${time}`;
            }
            const day = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
            export function timestamp(ns) {
            const ms = milliseconds(ns);
            if (Math.abs(ms) > latest) return `${ns} ns`;
            const fraction = String(((ns % 1000000000n) + 1000000000n) % 1000000000n).padStart(9, "0");
            return new Date(ms).toISOString().replace(/\.\d+Z$/, `.${fraction}Z`);
            }
            export const moment = (ns, characters = 19) => timestamp(ns).slice(0, characters).replace("T", " ");
            export function ago(ns, now = BigInt(Date.now()) * 1000000n) {
            const past = Number(now - ns) / 1e9;
            if (past < -2) return `${rough(-past)} ahead`;
            return past < 1 ? "now" : `${rough(past)} ago`;
            }
            function rough(seconds) {
            if (seconds < 60) return `${Math.floor(seconds)} s`;
            if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
            return seconds < 172800 ? `${Math.floor(seconds / 3600)} h` : `${number(Math.floor(seconds / 86400))} d`;
            }
            export function visible(text) {
            return String(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, (mark) => {
            const code = mark.charCodeAt(0);
            if (code < 0x20) return String.fromCharCode(0x2400 + code);
            return code === 0x7f ? "\u2421" : `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
            });
            }
            export function line(text, limit = 300) {
            const whole = String(text);
            const part = visible(whole.slice(0, limit)).replace(/[\t\n]+/g, " ");
            return whole.length > limit ? `${part}…` : part;
            }
            export const kinds = ["", "internal", "server", "client", "producer", "consumer"];
            export function level(severity) {
            return severity >= 21 ? "fatal" : severity >= 17 ? "error" : severity >= 13 ? "warn" : severity >= 9 ? "info" : severity >= 5 ? "debug" : "trace";
            }

            """#)
}
