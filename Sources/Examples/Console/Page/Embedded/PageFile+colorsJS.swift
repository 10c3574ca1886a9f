// colors.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let colorsJS = PageFile(
        path: "/assets/colors.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "e64f46a54e6bc18b",
        text: #"""
            const slots = 10;
            const taken = new Map();
            export function assign(names) {
            for (const name of names) slot(name);
            }
            function slot(name) {
            if (taken.has(name)) return taken.get(name);
            let hash = 2166136261;
            for (let index = 0; index < Math.min(name.length, 256); index += 1) hash = Math.imul(hash ^ name.charCodeAt(index), 16777619);
            let place = (hash >>> 0) % slots;
            const used = new Set(taken.values());
            for (let step = 0; step < slots && used.has(place) && used.size < slots; step += 1) place = (place + 1) % slots;
            if (taken.size < 4096) taken.set(name, place);
            return place;
            }
            export const colorClass = (name) => `s${slot(String(name))}`;
            export const lineClass = (index) => `s${index % slots}`;

            """#)
}
