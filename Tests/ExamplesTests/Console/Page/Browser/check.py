#!/usr/bin/env python3
"""Tests the page of a running console in a headless Chromium: `check.py http://127.0.0.1:4318 [URL-OF-RUNS] [NAME]`.

The second console is one whose store has an earlier run too; with NAME only the checks with that word in their names run. SPANS=100000 makes the largest trace larger. Sends telemetry of its own, goes through the views by keyboard alone, and looks at hostile telemetry, accessibility and narrow screens.
Ends with 0 if all is well, 1 if not, and 77 where there is no browser.
"""

import os
import pathlib
import sys
import time
import urllib.request

import accessibility
import measures
from chromium import Browser, Unavailable, Unresponsive
from telemetry import EVIL, MS, Source

# Spans of a trace that is too large to show: 20,000 are shown.
GIANT = int(os.environ.get("SPANS", 21_000))
HERE = pathlib.Path(__file__).resolve().parent
# True while nothing of telemetry has run or become a part of the page.
UNHARMED = "window.ran === undefined && document.querySelectorAll('script').length === 2 && !document.querySelector('img')"
VIEWS = ("traces", "services", "map", "metrics", "logs", "logs?show=panels", "errors", "alerts", "alerts?show=rules", "alerts?show=silences", "probes", "health", "conventions", "conventions?level=improvement")


class Checks:
    def __init__(self, browser, url, runs):
        self.browser = browser
        self.url = url
        self.runs = runs
        self.source = Source(url, seed=time.time_ns())

    def view(self, hash_, ready="!document.querySelector('.busy')", url=None):
        """Opens a view anew and waits until it is drawn."""
        self.browser.open("about:blank")
        self.browser.open(f"{url or self.url}/{hash_}")
        self.browser.until(f"document.readyState === 'complete' && document.querySelector('main')?.childElementCount > 0 && ({ready})")

    def text(self, selector):
        return self.browser.evaluate(f"document.querySelector({selector!r})?.textContent ?? ''")

    def search(self, words):
        self.browser.press("/")
        self.browser.until("document.activeElement.matches('[data-search]')")
        self.browser.evaluate("document.activeElement.select()")
        self.browser.type(words)
        self.browser.press("Enter", "Escape")

    def open_first(self, trace):
        self.browser.until(f"document.querySelector('.row-link')?.getAttribute('href') === '#/trace/{trace}'")
        self.browser.press("j", "Enter")
        self.browser.until(f"location.hash.startsWith('#/trace/{trace}') && document.querySelector('.span-row')")

    def find_a_failed_request_and_read_its_log_line(self):
        self.view("", "document.querySelector('.row-link')")
        self.search("error service=proxy http.response.status_code=500")
        self.open_first(self.failed)
        self.browser.press("j", "j", "j", "Enter")
        self.browser.until("!document.querySelector('.detail').hidden")
        assert "GET /albums/:id" in self.text(".detail h2"), self.text(".detail h2")
        assert "album-store" in self.text(".detail header")
        assert "Album [666] not found" in self.text(".detail .log-line"), self.text(".detail")
        assert "exception" in self.text(".detail .event")
        self.browser.press("Escape")
        self.browser.until("document.querySelector('.detail').hidden")
        self.browser.press("l")
        self.browser.until("document.querySelector('.log-row')")

    def find_the_slow_request_and_follow_its_link(self):
        self.view("#/traces", "document.querySelector('.row-link')")
        self.search("duration>500ms service=proxy kind=server duration<5s")
        self.open_first(self.slow)
        self.browser.press("j", "Enter")
        self.browser.until("document.querySelector('.detail [data-link]')")
        self.browser.press("o")
        self.browser.until(f"location.hash.startsWith('#/trace/{self.target}')")
        self.browser.until("document.querySelectorAll('.span-row').length === 4")

    def fold_zoom_and_find_in_the_waterfall(self):
        self.view(f"#/trace/{self.slow}", "document.querySelectorAll('.span-row').length === 4")
        self.browser.press("j", "h")
        self.browser.until("document.querySelectorAll('.span-row').length === 1")
        self.browser.press("ArrowRight")
        self.browser.until("document.querySelectorAll('.span-row').length === 4")
        assert self.browser.evaluate("document.querySelectorAll('.critical').length") >= 4
        self.browser.press("c")
        self.browser.until("document.querySelectorAll('.critical').length === 0")
        self.search("SELECT")
        self.browser.until("document.querySelectorAll('.span-row.found').length === 1")
        self.browser.press("f")
        self.browser.until("document.querySelectorAll('.flame-node').length === 4")
        self.browser.press("j", "j")
        assert self.browser.evaluate("document.activeElement.className").startswith("flame-node")

    def open_an_exemplar(self):
        self.view("#/traces", "document.querySelector('.row-link')")
        self.browser.press_at_once("g", "e")
        self.browser.until("document.querySelector('.metric-list a')")
        self.search("http.server.request.duration")
        self.browser.until("document.querySelector('.metric-main h2')?.textContent === 'http.server.request.duration'")
        self.browser.until("document.querySelector('svg .exemplar') && document.querySelector('.heat rect')")
        assert self.browser.evaluate("document.querySelectorAll('.chart .series').length") == 3
        self.browser.press("x")
        self.browser.until("document.activeElement.matches('[data-exemplar]')")
        self.browser.press("Enter")
        self.browser.until("location.hash.startsWith('#/trace/') && document.querySelector('.span-row')")

    def counters_are_rates_and_split_by_attributes(self):
        self.view("#/metrics?name=requests.accepted&by=limit", "document.querySelector('.chart .series')")
        assert "rate(" in self.browser.evaluate("document.querySelector('.promql input').value")
        assert self.browser.evaluate("document.querySelector('.metric-main .bad').textContent") == ""

    def map_and_services(self):
        self.view("#/traces", "document.querySelector('.row-link')")
        self.browser.press_at_once("g", "m")
        self.browser.until("document.querySelectorAll('.map .node').length >= 2 && document.querySelector('.map .edge')")
        names = self.browser.evaluate("[...document.querySelectorAll('.map .title')].map(one => one.textContent)")
        assert {"proxy", "album-store"} <= set(names), names
        for _ in names:
            self.browser.press("j")
            if self.browser.evaluate("document.activeElement.dataset.node === 'proxy'"):
                break
        self.browser.press("Enter")
        self.browser.until("location.hash.startsWith('#/services') && document.querySelector('.charts .series')")
        assert "GET /albums/:id" in self.text("main")

    def compare_two_traces(self):
        self.view("#/traces", "document.querySelectorAll('.row-link').length > 3")
        self.search("service=album-store kind=server")
        self.browser.until("document.querySelectorAll('.row-link').length > 3")
        self.browser.press("j", "x", "j", "x", "c")
        self.browser.until("location.hash.startsWith('#/compare/') && document.querySelectorAll('.compare tbody tr').length >= 4")

    def compare_two_runs(self):
        if self.runs is None:
            self.says = "without a console that has several runs"
            return
        source = Source(self.runs, seed=3)
        for index in range(20):
            source.call(time.time_ns() - index * 100 * MS, 5 * MS)
        self.view("#/traces", "document.querySelector('.row-link')", self.runs)
        self.browser.press_at_once("g", "s")
        self.browser.until("document.querySelector('[data-service=\"album-store\"]')")
        self.browser.press("v")
        self.browser.until("location.hash.startsWith('#/runs') && document.querySelector('.compare .delta.faster')")
        rows = self.browser.evaluate("Object.fromEntries([...document.querySelectorAll('.compare tbody tr')].map(row => [row.querySelector('.span-service').textContent + ' ' + row.querySelector('a').textContent, row.textContent]))")
        assert "\u2212" in rows["album-store server GET /albums/:id"] and "ms" in rows["album-store server GET /albums/:id"], rows
        assert "gone" in rows["old server GET /retired"] and "new" in rows["proxy server GET /albums/:id"], rows
        self.browser.press("d")
        self.browser.until("document.querySelectorAll('.compare tbody tr').length === 1 && document.querySelector('.compare tbody .only-a')")
        self.browser.press("d", "l")
        self.browser.until("document.querySelector('.compare tbody tr')?.textContent.includes('was 1')")
        self.browser.press("m")
        self.browser.until("document.querySelector('.compare tbody .only-a')?.textContent.includes('albums.retired')")
        self.browser.press("o", "b")
        self.browser.until("document.querySelector('.compare tbody .row-link')?.textContent === 'GET /albums/:id'")
        self.browser.press("s")
        self.browser.until("document.querySelector('.compare .delta.slower')?.textContent.includes('+') && !document.querySelector('.compare .delta.faster')")
        self.browser.press("w")
        self.browser.until("document.querySelector('[aria-label=Show] [aria-pressed=true]')?.textContent.startsWith('Worse')")
        self.browser.press("j", "Enter")
        self.browser.until("location.hash.startsWith('#/traces') && document.querySelector('.row-link')")
        for theme, part in (("light", ""), ("dark", ""), ("light", "logs"), ("dark", "metrics")):
            self.browser.prefer(prefers_color_scheme=theme)
            self.view(f"#/runs?part={part}", "document.querySelector('.compare tbody tr')", self.runs)
            found = accessibility.problems(self.browser, accessibility.axe())
            assert not found, f"{theme} {part}: {found}"
            self.browser.resize(390, 844)
            width = self.browser.evaluate("document.querySelector('main').scrollWidth")
            self.browser.resize(1440, 900)
            assert width <= 390, f"{part} is {width} wide"
        self.browser.prefer(prefers_color_scheme="light")

    def logs_lead_to_traces(self):
        self.view("#/logs?q=severity>=warn", "document.querySelector('.log-row')")
        assert self.browser.evaluate("[...document.querySelectorAll('.log-level')].every(one => /warn|error|fatal/.test(one.textContent))")
        assert self.browser.evaluate("document.querySelectorAll('.bars rect').length") > 0
        self.browser.press("j", "Enter")
        self.browser.until("document.querySelector('.log-more:not([hidden])')")
        self.browser.press("t")
        self.browser.until("location.hash.startsWith('#/trace/')")

    def dragging_over_a_chart_selects_its_time(self):
        self.view("#/logs", "document.querySelector('.bars rect')")
        self.browser.drag(".bars", 0.25, 0.75)
        self.browser.until("/from=\\d+&to=\\d+/.test(location.hash)")
        start, end = (int(self.browser.evaluate(f"new URLSearchParams(location.hash.split('?')[1]).get('{name}')")) for name in ("from", "to"))
        assert end - start > MS, (start, end)

    def log_panels_lead_to_lines_and_stay_in_the_address(self):
        self.view("#/logs", "document.querySelector('.log-row')")
        self.browser.press("v")
        self.browser.until("document.querySelectorAll('.log-panels .bars rect').length > 3 && document.querySelectorAll('.log-panels table').length >= 3")
        titles = self.browser.evaluate("[...document.querySelectorAll('.log-panels h2')].map(one => one.textContent)")
        assert titles[:2] == ["Services", "Messages"] and titles[-1] == "Severities", titles
        add = "document.querySelector('select[aria-label^=\"Add a panel\"]')"
        self.browser.evaluate(f"{add}.value = 'scope'; {add}.dispatchEvent(new Event('change'))")
        self.browser.until("location.hash.includes('scope') && [...document.querySelectorAll('.log-panels h2')].at(-1).textContent === 'Scopes'")
        self.view(self.browser.evaluate("location.hash"), "document.querySelectorAll('.log-panels table').length > 3")
        order = "document.querySelector('select[aria-label=\"Order of Services\"]')"
        assert self.browser.evaluate(f"{order}.value") == "errors"
        self.browser.evaluate(f"{order}.value = ''; {order}.dispatchEvent(new Event('change'))")
        self.browser.until(f"{order}.value === '' && location.hash.includes('panels=service%2C')")
        before = self.browser.evaluate("document.querySelectorAll('.log-panels .panel').length")
        self.browser.evaluate("document.querySelector('button[aria-label=\"Remove Scopes\"]').click()")
        self.browser.until(f"document.querySelectorAll('.log-panels .panel').length === {before - 1} && document.querySelectorAll('.log-panels table').length === {before - 1}")
        self.browser.press("j")
        self.browser.until("document.activeElement.matches('.log-panels .row-link')")
        name = self.browser.evaluate("document.activeElement.textContent")
        self.browser.press("Enter")
        self.browser.until("location.hash.includes('service') && !location.hash.includes('panels') && document.querySelector('.log-row')")
        services = self.browser.evaluate("[...document.querySelectorAll('.log-row .service-name')].map(one => one.textContent)")
        assert set(services) == {name}, (name, services)
        # A bar leads to the lines of its value in its time.
        self.view("#/logs?show=panels&panels=severity", "document.querySelector('.log-panels .bars rect')")
        self.browser.evaluate("document.querySelector('.log-panels .bars rect').dispatchEvent(new MouseEvent('click', { bubbles: true }))")
        self.browser.until("/from=\\d+&to=\\d+/.test(location.hash) && location.hash.includes('severity') && document.querySelector('.log-row')")
        # The lines of a pattern have its words.
        self.view("#/logs?show=panels&panels=message", "document.querySelector('.log-panels .row-link:not([disabled])')")
        self.browser.evaluate("document.querySelector('.log-panels .row-link:not([disabled])').click()")
        self.browser.until("!location.hash.includes('show') && document.querySelector('.log-row')")
        self.view("#/logs?show=panels&panels=severity", "document.querySelector('.log-panels .panel')")
        self.browser.evaluate("document.querySelector('button[aria-label=\"Remove Severities\"]').click()")
        self.browser.until("!document.querySelector('.log-panels .panel')")
        self.view(self.browser.evaluate("location.hash"), "document.querySelector('select[aria-label^=\"Add a panel\"]')")
        assert not self.browser.evaluate("document.querySelector('.log-panels .panel')?.outerHTML"), "no panel is one"
        self.view("#/logs?show=panels&panels=no.such.key", "document.querySelector('.log-panels .empty-title')")
        assert "No line has no.such.key" in self.text(".log-panels"), self.text(".log-panels")

    def lists_are_tables_to_download(self):
        for name, query, first in (("logs", "severity>=warn", "time,severity,"), ("traces", "error", "start,duration_ms,")):
            self.view(f"#/{name}?q={query}", "document.querySelector('.log-row, .row-link')")
            table = self.browser.evaluate("fetch(document.querySelector('.head a[download]').href).then(answer => answer.text())")
            matched = self.browser.evaluate(f"fetch('/data/{name}?q=' + encodeURIComponent({query!r})).then(answer => answer.json()).then(answer => answer.matched)")
            assert table.startswith(first) and table.count("\r\n") >= min(1000, int(matched)) + 1 > 1, (table[:200], matched)
            self.search("no-such-word-anywhere")
            self.browser.until("document.querySelector('.empty') && document.querySelector('.head a[download]').href.includes('q=no-such-word-anywhere&')")

    def errors_are_resolved(self):
        self.view("#/errors", "document.querySelector('.row-link')")
        self.browser.press("j", "Enter")
        self.browser.until("location.hash.startsWith('#/errors/') && document.querySelector('.big')")
        # An answer of before the change comes after it.
        self.browser.evaluate(
            "(() => { const own = window.fetch; window.late = 0; window.fetch = async (address, options) => { const answer = await own(address, options); "
            "if ((options?.method ?? 'GET') === 'GET') { window.late += 1; await new Promise(done => setTimeout(done, 500)); window.late -= 1; } return answer; }; })()")
        self.source.call(time.time_ns(), 5_000_000)
        self.browser.until("window.late > 0")
        self.browser.press("r")
        self.browser.until("document.querySelector('.head .chip').textContent === 'resolved'")
        self.browser.until("window.late === 0")
        self.browser.settle()
        assert self.text(".head .chip") == "resolved", "the status of before is shown again"
        self.browser.press("r")
        self.browser.until("document.querySelector('.head .chip').textContent === 'unresolved'")
        self.browser.press("Escape")
        self.browser.until("document.querySelector('.error-title')")

    def alerts_are_silenced(self):
        self.view("#/alerts")
        if "No rules" in self.text("main"):
            self.says = "without rules"
            return
        self.browser.until("document.querySelector('.alert-row .chip.error')")
        self.browser.press("j", "Enter")
        self.browser.until("document.querySelector('.log-more')")
        name = self.text(".alert-row b")
        self.browser.press("n")
        self.browser.until("document.querySelector('dialog[open]') && document.activeElement.matches('input')")
        self.browser.type(f'alertname="{name}"')
        self.browser.press("Enter")
        self.browser.until("!document.querySelector('dialog') && /silenced/.test(document.querySelector('.alert-labels').textContent)")
        self.browser.press("i")
        self.browser.until("/active/.test(document.querySelector('td .chip.accent')?.textContent)")
        self.browser.press("j")
        # The table is drawn anew every two seconds, and keeps the focus.
        self.browser.evaluate("window.drawn = document.querySelector('tbody')")
        self.browser.until("document.querySelector('tbody') !== window.drawn")
        self.browser.until("document.activeElement.matches('button[data-row]')")
        self.browser.press("Enter")
        self.browser.until("/expired/.test(document.querySelector('tbody').textContent)")
        self.browser.press("r")
        self.browser.until("document.querySelector('.section-title')")

    def search_completes_and_shows_errors_at_their_column(self):
        self.view("#/traces", "document.querySelector('.row-link')")
        self.browser.press("/")
        self.browser.type("http.rou")
        self.browser.evaluate("document.activeElement.dispatchEvent(new Event('input'))")
        self.browser.until("document.querySelector('.menu li')?.textContent.includes('http.route')")
        self.browser.press("ArrowDown", "Enter")
        self.browser.until("document.querySelector('.menu li')?.textContent.includes('/albums/:id')")
        self.browser.press("ArrowDown", "Enter")
        assert self.browser.evaluate("document.activeElement.value").strip() in ('http.route="/albums/:id"', "http.route=/albums/:id")
        self.view("#/traces?q=(error", "document.querySelector('.search-error mark')")
        self.ignored = ("400",)

    def keys_theme_and_pause(self):
        self.view("#/traces", "document.querySelector('.row-link')")
        self.browser.press("?")
        self.browser.until("document.querySelector('dialog[open]')")
        self.browser.press("Escape")
        self.browser.until("!document.querySelector('dialog')")
        theme = self.browser.evaluate("document.documentElement.dataset.theme")
        self.browser.press("D")
        self.browser.until(f"document.documentElement.dataset.theme !== '{theme}'")
        self.browser.press("D", "p")
        self.browser.until("document.querySelector('.live.paused')")
        self.source.call(time.time_ns(), 5_000_000)
        self.browser.until("/new/.test(document.querySelector('.live').textContent)")
        self.browser.press("p")
        self.browser.until("!document.querySelector('.live.paused')")

    def new_traces_show_by_themselves(self):
        self.view("#/traces", "document.querySelector('.row-link') && document.querySelector('.nav-action.live')")
        trace, _ = self.source.call(time.time_ns(), 5_000_000)
        self.browser.until(f"document.querySelector('.row-link[href=\"#/trace/{trace}\"]')")

    def hostile_telemetry_is_text(self):
        self.view(f"#/trace/{self.hostile}", "document.querySelectorAll('.span-row').length === 9")
        row = self.browser.evaluate(f"[...document.querySelectorAll('.span-row')].findIndex(row => row.textContent.includes({EVIL!r}.slice(0, 30)))")
        self.browser.evaluate(f"document.querySelectorAll('.span-row')[{row}].click()")
        self.browser.until("!document.querySelector('.detail').hidden")
        detail = self.text(".detail")
        for wanted in (EVIL, "9223372036854775807", "-9223372036854775808", "\u241b[31mred", "abc\u27e8U+202E\u27e9def", "Show all 65,"):
            assert wanted in detail, wanted
        page = self.text(".waterfall")
        for wanted in ("clock −8.00 ms", "parent missing", "circle", "clock far off"):
            assert wanted in page, wanted
        self.browser.evaluate("[...document.querySelectorAll('.text-button')].find(one => one.textContent.startsWith('Show all')).click()")
        self.browser.until("document.querySelector('.value.whole').textContent.length > 65000")
        assert self.browser.evaluate(UNHARMED)

    def views_show_hostile_text_fit_a_telephone_and_are_accessible(self):
        source = accessibility.axe()
        self.says = "with axe" if source else "without axe, which is not installed"
        traces = (f"trace/{self.failed}", f"trace/{self.slow}", f"trace/{self.slow}?view=flame", f"compare/{self.slow}/{self.failed}")
        hostile = (f"trace/{self.hostile}?view=flame", f"trace/{self.hostile}?view=logs", f"compare/{self.hostile}/{self.slow}")
        found = []
        try:
            for theme in accessibility.themes(source):
                self.browser.prefer(prefers_color_scheme=theme, prefers_reduced_motion="reduce")
                for view in (*VIEWS, *traces, *hostile):
                    # It is opened once: as narrow as a telephone, and then made wide.
                    self.browser.resize(390, 844)
                    self.view(f"#/{view}")
                    self.browser.settle()
                    if not self.browser.evaluate(UNHARMED):
                        found.append(f"{view}: text of telemetry has become a part of the page")
                    width = self.browser.evaluate("Math.max(document.documentElement.scrollWidth, document.querySelector('main').scrollWidth)")
                    if width > 390 and view not in hostile:
                        found.append(f"{view} is {width} wide")
                    self.browser.resize(1440, 900)
                    self.browser.press("j")
                    if view.startswith(("trace/", "logs")):
                        self.browser.press("Enter")
                    self.browser.settle()
                    if not self.browser.evaluate(UNHARMED):
                        found.append(f"{view}, wide: text of telemetry has become a part of the page")
                    if view not in hostile:
                        found += [f"{theme} {view}: {problem}" for problem in accessibility.problems(self.browser, source)]
        finally:
            self.browser.resize(1440, 900)
            self.browser.prefer(prefers_color_scheme="light")
        assert not found, "\n".join(sorted(set(found)))

    def page_is_light(self):
        self.view("#/traces", "document.querySelector('.row-link')")
        weight = self.browser.evaluate("performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).filter(one => !one.name.includes('/data/')).reduce((sum, one) => sum + one.transferSize, 0)")
        paint = self.browser.until("performance.getEntriesByName('first-contentful-paint')[0]?.startTime")
        self.says = f"{weight / 1024:.0f} KiB, first paint after {paint:.0f} ms"
        assert 0 < weight < 200 << 10, self.says

    def modules_do_what_their_units_say(self):
        self.view("#/health")
        result = self.browser.evaluate((HERE / "units.js").read_text(encoding="utf-8"))
        self.says = f"{result['count']} units"
        assert result["count"] > 50 and not result["failures"], "\n".join(result["failures"])

    # The last ones, since all that other views show is more with what these send.

    def large_trace_has_rows_for_what_is_seen(self):
        large = self.source.send_large()
        self.view("#/traces", "document.querySelector('.row-link')")
        spent, frames = measures.draw(self.browser, large), measures.scroll(self.browser, 500)
        self.says = f"10,000 spans in {spent:.0f} ms, {frames:.0f} frames/s"
        assert self.browser.evaluate("document.querySelectorAll('.span-row').length") < 150, "rows are drawn that nobody sees"
        self.browser.evaluate("document.querySelector('.waterfall').scrollTop = 1e9")
        self.browser.until("document.querySelector('.span-row[data-row=\"9999\"]')")

    def trace_that_is_too_large_opens_with_what_fits_and_says_so(self):
        giant = self.source.send_large(GIANT)
        start = time.monotonic()
        self.view(f"#/trace/{giant}", "document.querySelectorAll('.span-row').length > 20")
        self.says = f"{GIANT:,} spans in {(time.monotonic() - start) * 1000:.0f} ms"
        assert f"the first 20,000 of {GIANT:,} spans" in self.text(".trace-head"), self.text(".trace-head")
        self.browser.evaluate("document.querySelector('.waterfall').scrollTop = 1e9")
        self.browser.until("document.querySelector('.span-row[data-row=\"19999\"]')")

    def run(self, only):
        self.slow, self.failed, self.target = self.source.send_usual()
        self.hostile = self.source.send_hostile()
        self.browser.prefer(prefers_color_scheme="light")
        passed = failed = 0
        for name, check in [(name, check) for name, check in vars(Checks).items() if not name.startswith("_") and name not in HELPERS]:
            if only and only not in name:
                continue
            self.says, self.ignored = "", ()
            self.browser.events.clear()
            try:
                check(self)
                messages = [text for text in self.browser.messages() if not any(part in text for part in self.ignored)]
                assert not messages, "The page reported: " + "; ".join(messages)
            except (AssertionError, RuntimeError) as error:
                failed += 1
                print(f"FAILED {name}: {error}\n    at {self.browser.evaluate('location.href')}", flush=True)
            else:
                passed += 1
                print(f"ok {name.replace('_', ' ')}{': ' + self.says if self.says else ''}", flush=True)
        print(f"{passed} passed, {failed} failed", flush=True)
        return 1 if failed or not passed else 0


HELPERS = {"view", "text", "search", "open_first", "run"}


def first_run(browser, url):
    """An empty console says what to set, and shows the traces as soon as there are some."""
    browser.open(url)
    browser.until("document.querySelector('.steps')")
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in browser.evaluate("document.querySelector('.steps').textContent")
    Source(url, seed=1).call(time.time_ns(), 5_000_000)
    browser.until("document.querySelector('.row-link')")
    print("ok an empty console says what to set", flush=True)


def starts():
    """Returns 0 if the browser starts here, else 77."""
    try:
        with Browser():
            return 0
    except Unavailable as reason:
        print(f"skipped: {reason}")
        return 77


def main():
    if sys.argv[1] == "--start":
        return starts()
    url = sys.argv[1].rstrip("/")
    with urllib.request.urlopen(f"{url}/data/summary", timeout=120) as response:
        is_empty = b'"received":"0"' in response.read().split(b'"metrics"')[0]
    try:
        with Browser() as browser:
            if is_empty:
                first_run(browser, url)
            more = sys.argv[2:]
            runs = more.pop(0).rstrip("/") if more and more[0].startswith("http") else None
            return Checks(browser, url, runs).run(more[0] if more else "")
    except Unavailable as reason:
        print(f"skipped: {reason}")
        return 77
    except Unresponsive as reason:
        print(f"FAILED: {reason}")
        return 1


if __name__ == "__main__":
    sys.exit(main())
