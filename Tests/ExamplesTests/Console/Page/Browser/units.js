// Tests of the page's modules that know no elements, run in the browser itself: the value of this file is the list of what failed.
(async () => {
  const failures = [];
  let count = 0;
  const equal = (found, wanted, what) => {
    count += 1;
    const write = (value) => JSON.stringify(value, (_, item) => (typeof item === "bigint" ? `${item}n` : item));
    if (write(found) !== write(wanted)) failures.push(`${what}: ${write(found)}, not ${write(wanted)}`);
  };
  const from = (name) => import(`/assets/${name}.js`);
  const [format, values, router, filter, model, axis, layout, promql, api, alerts, panels] = await Promise.all(
    ["format", "values", "router", "filter", "tracemodel", "axis", "maplayout", "promql", "api", "alerts", "logpanels"].map(from));

  for (const [ns, text] of [[0, "0 ns"], [999, "999 ns"], [1240, "1.24 µs"], [999999, "1.00 ms"], [12345678, "12.3 ms"], [2.5e9, "2.50 s"], [61e9, "1 min 01 s"], [7260e9, "2 h 01 min"], [NaN, "–"]]) equal(format.duration(ns), text, `duration ${ns}`);
  for (const [n, text] of [[0, "0"], [1, "1"], [9999, "9999"], [12345, "12.3k"], [2.5e6, "2.5M"], [0.25, "0.25"], [Infinity, "∞"]]) equal(format.compact(n), text, `compact ${n}`);
  equal(format.number("9223372036854775807"), "9,223,372,036,854,775,807", "numbers of 64 bits keep their digits");
  equal(format.bytes("1536"), "1.50 KiB", "bytes");
  equal(["s", "ms", "By", "{item}"].map((unit) => format.inUnit(unit, 1536)), ["25 min 36 s", "1.54 s", "1.50 KiB", "1536"], "values in their units");
  equal([format.inUnit("s", 0), format.inUnit("By", 2048, "/s"), format.duration("1240")], ["0", "2.00 KiB/s", "1.24 µs"], "values of nothing, and per second");
  equal([format.plural(1, "span"), format.plural("12000", "span"), format.plural(0, "is", "are")], ["1 span", "12,000 spans", "0 are"], "counts with their nouns");
  equal(format.timestamp(1700000000123456789n), "2023-11-14T22:13:20.123456789Z", "timestamps have nine digits");
  equal(format.timestamp(18446744073709551615n), "2554-07-21T23:34:33.709551615Z", "the last time of 64 bits");
  equal(format.ago(0n, 90000000000n), "1 min ago", "times ago");
  equal(format.ago(100000000000n, 0n), "1 min ahead", "times ahead are named as such");
  equal(format.visible("a\u001b[31m\u202eb\u0000"), "a\u241b[31m\u27e8U+202E\u27e9b\u2400", "controls are made visible");
  equal(format.line("a\nb\tc", 3), "a b…", "lines are short and one");

  equal(values.text({ intValue: "9223372036854775807" }), "9223372036854775807", "integers of 64 bits keep their digits");
  equal(values.text({ arrayValue: { values: [{ intValue: "1" }, { boolValue: true }] } }), "[1, true]", "lists");
  equal(values.text({ kvlistValue: { values: [{ key: "a", value: { stringValue: "b" } }] } }), "{\n  \"a\": \"b\"\n}", "maps");
  equal(values.text({ doubleValue: "NaN" }), "NaN", "not a number");
  equal(values.text({}), "null", "an empty value");
  let deep = { stringValue: "x" };
  for (let index = 0; index < 5000; index += 1) deep = { arrayValue: { values: [deep] } };
  equal(values.text(deep).includes("…"), true, "values that are nested too deeply end in dots");

  equal(router.address("traces", [], { q: "a=b&c", from: "" }), "#/traces?q=a%3Db%26c", "addresses leave out what is empty");
  equal([router.parse("#/trace/ab%2Fc?span=1").parts, router.parse("").name, router.parse("#/x/%E0%A4%A").parts], [["ab/c"], "traces", ["%E0%A4%A"]], "addresses are read, wrong escapes too");
  equal(api.time("-15m") < api.now(), true, "relative times");
  equal([api.time("123"), api.time("soon"), api.time("")], [123n, null, null], "times");

  equal(filter.termAt("error http.ro", 13), { start: 6, before: "", key: "http.ro", operator: "", value: "" }, "a key at the caret");
  equal(filter.termAt("-(http.route=\"/a b", 18), { start: 0, before: "-(", key: "http.route", operator: "=", value: "/a b" }, "a value in quotes at the caret");
  equal([filter.quoted("/albums"), filter.quoted("a \"b\" \\"), filter.quoted("OR")], ["/albums", "\"a \\\"b\\\" \\\\\"", "\"OR\""], "quoting");

  const span = (spanId, parentSpanId, start, end, more = {}) => ({ spanId, parentSpanId, name: spanId, kind: 1, start: String(start), end: String(end), status: 0, attributes: [], events: [], links: [], resource: 0, scope: 0, ...more });
  const trace = (...spans) => model.buildTrace({ traceId: "t", start: "0", resources: [{ service: "a" }, { service: "b" }], scopes: [], spans });
  const shape = (of) => model.visibleSpans(of).map((one) => `${one.depth}${one.id}`);
  const tree = trace(span("c", "b", 30, 40), span("a", "", 0, 100), span("b", "a", 10, 60), span("d", "a", 50, 90));
  equal(shape(tree), ["0a", "1b", "2c", "1d"], "spans are nested whatever their order");
  equal(tree.spans.map((one) => one.critical), [[], [[90, 100], [0, 50]], [], [[50, 90]]], "the critical path goes back to the child that ended last, and past it only to what ended before it began");
  equal(model.selfTime(tree.spans[1]), 20, "self time leaves out children, each moment once");
  tree.spans[2].isCollapsed = true;
  equal(shape(tree), ["0a", "1b", "1d"], "collapsed spans hide what is below");
  const odd = trace(span("x", "y", 5, 6), span("y", "x", 4, 7), span("o", "missing", 1, 2), span("s", "s", 0, 1));
  equal([shape(odd), odd.spans.map((one) => one.isCycle), odd.spans.map((one) => one.isOrphan)], [["0s", "0o", "0y", "1x"], [false, true, false, true], [false, false, true, false]], "circles are opened at their earliest span, and orphans are marked");
  const skew = trace(span("p", "", 10, 50, { kind: 3 }), span("q", "p", 5, 20, { kind: 2, resource: 1 }), span("r", "p", 30, 70, { kind: 2, resource: 1 }), span("t", "p", 40, 80));
  equal(skew.spans.map((one) => one.skew), [0, -5, 20, 0], "skew is what a server is outside of its caller's time");
  const far = trace(span("a", "", 5e15, 5e15 + 100), span("b", "a", 5e15 + 10, 5e15 + 60), span("c", "a", 1e18, 1e18 + 5), span("d", "a", 0, 5));
  equal([far.length, far.zero, far.spans.map((one) => one.isFar)], [100, 5000000000000000n, [false, false, true, true]], "clocks that are years off do not stretch the scale");
  equal(trace(span("a", "", 0, 100), span("b", "a", 40, 60)).spans[0].gaps, [[0, 40], [60, 100]], "gaps are times without a child");
  equal(trace(span("a", "", 0, 0, { end: "0" }), span("b", "a", 40, 60)).spans[0].end, 60, "an open span lasts to the end of what is known");
  const chain = Array.from({ length: 20000 }, (_, index) => span(`n${index}`, index ? `n${index - 1}` : "", index, 40000 - index));
  equal(shape(trace(...chain)).length, 20000, "a chain of 20,000 spans needs no deep stack");
  equal(trace(...chain).roots[0].size, 20000, "sizes of subtrees");
  const flame = model.flameTree(trace(span("a", "", 0, 100), span("b", "a", 0, 30, { name: "n" }), span("c", "a", 40, 80, { name: "n" })));
  equal([flame.total, [...[...flame.children.values()][0].children.values()].map((node) => [node.count, node.total])], [100, [[2, 70]]], "equal siblings are one in the flame graph");
  const both = model.compareTraces(trace(span("a", "", 0, 10), span("b", "a", 0, 5)), trace(span("a", "", 0, 10), span("c", "a", 0, 5)));
  equal(both.map((row) => [row.depth, row.name, Boolean(row.a), Boolean(row.b)]), [[0, "a", true, true], [1, "b", true, false], [1, "c", false, true]], "comparison names what only one trace has");

  equal(axis.ticks(0, 10, 4), [0, 5, 10], "ticks are round");
  equal(axis.logTicks(2, 2000), [10, 100, 1000], "ticks of powers");
  equal(axis.scale([0, 10], [0, 100])(5), 50, "scales");
  const laid = (names, ...pairs) => layout.layers(names, pairs.map(([one, other]) => ({ from: one, to: other }))).rows.map((row) => row.filter((name) => !layout.isBend(name)).sort());
  equal(laid(["a", "b", "c", "d"], ["a", "b"], ["b", "c"], ["a", "c"], ["d", "c"], ["c", "c"], ["c", "unknown"]), [["a"], ["b", "d"], ["c"]], "callers stand right before what they call");
  equal(layout.groups(["a", "b", "c", "d", "e"], [{ from: "a", to: "c" }, { from: "d", to: "c" }, { from: "e", to: "e" }]), [["a", "c", "d"], ["b"], ["e"]], "what nothing connects is apart");
  equal(laid(["a", "b", "c"], ["a", "b"], ["b", "c"], ["a", "c"], ["c", "a"]), [["a"], ["b"], ["c"]], "circles are opened");
  equal(layout.layers(["a", "b", "c"], [{ from: "a", to: "b" }, { from: "b", to: "c" }, { from: "a", to: "c" }]).rows.map((row) => row.length), [1, 2, 1], "an edge over a layer has a place in it");

  const counter = { name: "a", promName: "a_total", type: "sum", isMonotonic: true };
  equal(promql.queries(counter, "", "http.route", 15), [{ name: "", query: "sum by (http_route) (rate(a_total[60s]))" }], "counters are drawn as rates");
  equal(promql.queries({ promName: "h", type: "histogram" }, "p99", "x", 60)[0].query, "histogram_quantile(0.99, sum by (le, x) (rate(h_bucket[240s])))", "percentiles of explicit buckets");
  equal(promql.queries({ promName: "h", type: "exponentialHistogram" }, "p50", "", 60)[0].query, "histogram_quantile(0.5, sum (rate(h[240s])))", "percentiles of exponential buckets");
  equal(promql.readSeries({ data: { result: [{ metric: { __name__: "a", b: "c" }, values: [[10, "1"], [30, "2"]] }] } }, "", 10, 30, 10), [{ name: "c", points: [[10, 1], [20, null], [30, 2]] }], "missing values are gaps");
  equal(alerts.matchers('a="x, \\"y\\"", b!=c,d=~"e.*", f!~g').map((one) => [one.name, one.value, one.isRegex, one.isEqual]), [["a", "x, \"y\"", false, true], ["b", "c", false, false], ["d", "e.*", true, true], ["f", "g", true, false]], "matchers of silences");
  for (const wrong of ["a", "a=\"b", "=b"]) { let refused = false; try { alerts.matchers(wrong); } catch { refused = true; } equal(refused, true, `no matcher: ${wrong}`); }
  for (const [by, value, term] of [["service", "a b", "service=\"a b\""], ["http.route", "/albums/:id", "http.route=/albums/:id"], ["two words", "x", "\"two words\"=x"], ["k", "a\"b", "\"k\"=\"a\\\"b\""], ["status", "200", "\"status\"=200"], ["Service", "a", "\"Service\"=a"], ["-a.b", "c", "\"-a.b\"=c"], ["duration_ms", "", "duration_ms=\"\""],
    ["k", "xxx… (400 bytes)", null], ["message", "order <number> failed after <number> ms", "\"order\" \"failed after\" \"ms\""], ["message", "worker<number> took <quoted>", "\"took\""], ["message", "<id>", null], ["message", "disk full", "\"disk full\""],
    ["message", "job-<number>s done", "\"job-\" \"done\""]]) equal(panels.narrower(by, value), term, `lines of ${by} ${value}`);
  equal(panels.beside("a OR b", "c=d"), "(a OR b) c=d", "a term beside alternatives");
  return { count, failures };
})()
