// rangepicker.js of the page, which Page/embed.py writes from Page/Files.
// swift-format-ignore-file

extension PageFile {
    static let rangepickerJS = PageFile(
        path: "/assets/rangepicker.js", contentType: "text/javascript; charset=utf-8",
        entityTag: "31bb7005a7f68f42",
        text: #"""
            import { h, put } from "./dom.js";
            import { clock, integer } from "./format.js";
            import { head } from "./parts.js";
            import { change, parse } from "./router.js";
            const choices = [["-5m", "Last 5 minutes"], ["-15m", "Last 15 minutes"], ["-1h", "Last hour"], ["-6h", "Last 6 hours"], ["-24h", "Last day"], ["all", "Everything kept"]];
            export function rangeHead(title, usual, runs, ...controls) {
            const place = h("div");
            const draw = () => put(place, rangePicker(usual, runs));
            draw();
            return { element: head(title, "", controls, place), draw };
            }
            function rangePicker(usual, runs = []) {
            const { query } = parse();
            const [from, to] = [query.get("from") ?? "", query.get("to") ?? ""];
            const isCustom = to !== "" || /^\d+$/.test(from);
            const options = choices.map(([value, says]) => [value === usual ? "" : value, says, (from || usual) === value && !isCustom]);
            if (runs.length > 1) {
            runs.forEach((run, index) => {
            const isShown = from === run.start && to === (run.end ?? "");
            options.push([`run ${index}`, `Run of ${clock(integer(run.start))}${run.end ? "" : ", this one"}`, isShown]);
            });
            }
            if (isCustom && !options.some((option) => option[2])) options.unshift(["custom", label(from, to), true]);
            return h("select.select", {
            "aria-label": "Time range",
            onchange: (event) => {
            const value = event.target.value;
            if (value.startsWith("run ")) {
            const run = runs[Number(value.slice(4))];
            change({ from: run.start, to: run.end ?? "" });
            } else if (value !== "custom") change({ from: value, to: "" });
            },
            }, options.map(([value, says, isSelected]) => h("option", { value, selected: isSelected }, says)));
            }
            function label(from, to) {
            const side = (text) => { const value = integer(/^\d+$/.test(text) ? text : null); return value === null ? text || "now" : clock(value).replace(/\.\d+$/, ""); };
            return `${side(from)} – ${side(to)}`;
            }

            """#)
}
