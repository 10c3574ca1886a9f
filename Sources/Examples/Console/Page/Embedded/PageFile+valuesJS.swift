// values.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let valuesJS = PageFile(
        path: "/assets/values.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "57f644011ca9219f",
        text: #"""
            import { number } from "./format.js";
            const maximumDepth = 32;
            export function plain(value, depth = 0) {
            if (!value || typeof value !== "object") return null;
            if (depth > maximumDepth) return "…";
            if ("stringValue" in value) return value.stringValue;
            if ("boolValue" in value) return value.boolValue;
            if ("intValue" in value) { try { return BigInt(value.intValue); } catch { return value.intValue; } }
            if ("doubleValue" in value) return typeof value.doubleValue === "string" ? Number(value.doubleValue) : value.doubleValue;
            if ("bytesValue" in value) return { bytes: value.bytesValue };
            if ("arrayValue" in value) return (value.arrayValue?.values ?? []).map((item) => plain(item, depth + 1));
            if ("kvlistValue" in value) return new Map((value.kvlistValue?.values ?? []).map((pair) => [pair.key, plain(pair.value, depth + 1)]));
            return null;
            }
            export function text(value) {
            const content = plain(value);
            return typeof content === "string" ? content : json(content);
            }
            export function json(content, indent = "") {
            const deeper = `${indent}  `;
            if (typeof content === "bigint") return String(content);
            if (typeof content === "number") return Number.isFinite(content) ? JSON.stringify(content) : String(content);
            if (Array.isArray(content)) {
            return content.length === 0 ? "[]" : content.every((item) => item === null || typeof item !== "object")
            ? `[${content.map((item) => json(item)).join(", ")}]`
            : `[\n${content.map((item) => deeper + json(item, deeper)).join(",\n")}\n${indent}]`;
            }
            if (content instanceof Map) {
            if (content.size === 0) return "{}";
            return `{\n${[...content].map(([key, item]) => `${deeper}${JSON.stringify(key)}: ${json(item, deeper)}`).join(",\n")}\n${indent}}`;
            }
            if (content && typeof content === "object" && "bytes" in content) return `base64 ${content.bytes}`;
            return JSON.stringify(content) ?? "null";
            }
            export function typeName(value) {
            if (!value) return "empty";
            if ("stringValue" in value) return value.stringValue.length > 200 ? `string, ${number(value.stringValue.length)} characters` : "string";
            if ("arrayValue" in value) return `list of ${number(value.arrayValue?.values?.length ?? 0)}`;
            return { boolValue: "boolean", intValue: "integer", doubleValue: "double", bytesValue: "bytes", kvlistValue: "map" }[Object.keys(value)[0]] ?? "empty";
            }
            export function attribute(list, key) {
            const found = (list ?? []).find((item) => item.key === key);
            return found ? text(found.value) : "";
            }

            """#)
}
