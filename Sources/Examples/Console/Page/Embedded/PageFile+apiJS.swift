// api.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let apiJS = PageFile(
        path: "/assets/api.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "8af3ab38be1111f5",
        text: #"""
            import { parse, written } from "./router.js";
            export class Refused extends Error {
            constructor(status, message, at) {
            super(message);
            this.status = status;
            this.at = at;
            }
            }
            export async function get(path, params = {}, signal) {
            for (let turn = 1; ; turn += 1) {
            try { return await once(path, params, signal); } catch (error) {
            if (turn === 3 || (error.status !== 0 && error.status !== 503)) throw error;
            await new Promise((done) => { setTimeout(done, turn * 400); });
            }
            }
            }
            export const send = (method, path, body) => once(path, {}, undefined, { method, body: body && JSON.stringify(body) });
            async function once(path, params, signal, options) {
            let response;
            try {
            response = await fetch(path + written(params), { signal, headers: { Accept: "application/json", ...(options?.body && { "Content-Type": "application/json" }) }, ...options });
            if (response.ok) return await (options ? response.text() : response.json());
            } catch {
            if (signal?.aborted) return new Promise(() => {});
            throw new Refused(0, "The console does not answer. Is its process still running?");
            }
            let body = {};
            try { body = await response.json(); } catch { /* Not every refusal has a body of JSON. */ }
            const error = typeof body === "string" ? body : body.error ?? body.message;
            throw new Refused(response.status, (typeof error === "object" ? error?.message : error) ?? `The server answered ${response.status}.`, error?.at ?? error?.column);
            }
            export const path = (...parts) => parts.map((part, index) => (index === 0 ? part : encodeURIComponent(part))).join("/");
            let ahead = 0n;
            export function noteTime(now) { ahead = BigInt(now) - localTime(); }
            const localTime = () => BigInt(Date.now()) * 1000000n;
            export const now = () => localTime() + ahead;
            const units = { s: 1n, m: 60n, h: 3600n, d: 86400n };
            export function time(text) {
            if (!text) return null;
            const relative = /^-(\d{1,6})([smhd])$/.exec(text);
            if (relative) return now() - BigInt(relative[1]) * units[relative[2]] * 1000000000n;
            return /^\d{1,19}$/.test(text) ? BigInt(text) : null;
            }
            export function span(defaultFrom = "", query = parse().query) {
            const from = query.get("from");
            return { from: time(from === "all" ? "" : from || defaultFrom)?.toString(), to: time(query.get("to"))?.toString() };
            }

            """#)
}
