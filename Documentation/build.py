#!/usr/bin/env python3
"""Builds the documentation as pages: the catalog of the module, the guides beside this file as its articles, and all public symbols.

    make docs                                                builds the module and runs this
    Documentation/build.py .build/debug/Modules              does the rest with a module that is there

The guides are not kept twice: they are copied into a catalog in `.build/docs`, with links between them rewritten as DocC wants them. It
fails when DocC warns about anything but a parameter without a description, and when the landing page leaves out a public symbol. DocC
comes with the toolchain; this program needs no Python package.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
CATALOG = ROOT / "Sources/Telemetry/Telemetry.docc"
GUIDES = ROOT / "Documentation"
# The C header that the module imports.
MACHINE = ROOT / "Sources/Telemetry/Platform/Machine/include"
BUILD = ROOT / ".build/docs"
STAGE = BUILD / "Telemetry.docc"
GRAPHS = BUILD / "symbols"
PAGES = BUILD / "pages"

# The order of the guides on the landing page. Conformance.md is a table for the tests and no guide.
ORDER = [
    "Tracing", "Metrics", "Logs", "Databases", "Messaging", "Exporters", "Testing", "Bridges", "Configuration", "Delivery", "Scale", "Performance", "Architecture",
]
LEFT_OUT = {"Conformance"}
MARKER = re.compile(r"<!-- `make docs`.*?-->\n")
TOLERATED = "is missing documentation"


def fail(message):
    sys.exit(f"make docs: {message}")


def lines_of_text(text):
    """Yields each line and whether it lies outside of blocks of code."""
    is_code = False
    for line in text.split("\n"):
        if line.startswith("```"):
            is_code = not is_code
            yield line, False
        else:
            yield line, not is_code


def slug(heading):
    """Returns the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def headings(text):
    """Returns the headings of a guide by their anchors."""
    found = (re.match(r"#+ (.*)", line) for line, is_text in lines_of_text(text) if is_text)
    return {slug(match[1]): match[1].strip() for match in found if match}


def article(name, guides):
    """Returns a guide as an article: its links lead to other articles, or are plain text where nothing of the catalog is meant."""

    def rewritten(match):
        text, target = match[1], match[2]
        if "://" in target:
            return match[0]
        if match[0].startswith("!"):
            if not (GUIDES / target).exists():
                fail(f"Documentation/{name}.md shows {target}, which is not there")
            return f"![{text}]({pathlib.PurePath(target).name})"
        path, _, anchor = target.partition("#")
        if path == "../README.md":
            return f"[{text}](doc:Telemetry)"
        page = name if not path else path.removesuffix(".md")
        if page not in guides:
            if not (GUIDES / path).exists():
                fail(f"Documentation/{name}.md links to {target}, which is not there")
            return text
        if not anchor:
            return f"[{text}](doc:{page})"
        heading = headings(guides[page]).get(anchor)
        if heading is None:
            fail(f"Documentation/{name}.md links to {target}, and there is no such heading")
        return f"[{text}](doc:{page}#{re.sub(r'[^A-Za-z0-9-]+', '-', heading).strip('-')})"

    link = re.compile(r"!?\[([^\]]*)\]\(([^)\s]+)\)")
    return "\n".join(link.sub(rewritten, line) if is_text else line for line, is_text in lines_of_text(guides[name]))


def stage():
    """Copies the catalog, and adds the guides to it."""
    shutil.copytree(CATALOG, STAGE)
    guides = {path.stem: path.read_text() for path in sorted(GUIDES.glob("*.md")) if path.stem not in LEFT_OUT}
    for name in guides:
        (STAGE / f"{name}.md").write_text(article(name, guides))
    # DocC finds images by their names, wherever in the catalog they are.
    for image in sorted((GUIDES / "Images").iterdir()):
        shutil.copy(image, STAGE)
    names = [name for name in ORDER if name in guides] + [name for name in guides if name not in ORDER]
    landing = STAGE / "Telemetry.md"
    group = "### Guides\n\n" + "".join(f"- <doc:{name}>\n" for name in names)
    text, count = MARKER.subn(group, landing.read_text())
    if count != 1:
        fail("the landing page has no place for the guides")
    landing.write_text(text)


def missing_symbols():
    """Returns the public symbols at the top of the module that no topic of the landing page names."""
    graph = json.loads((GRAPHS / "Telemetry.symbols.json").read_text())
    names = {symbol["names"]["title"] for symbol in graph["symbols"] if len(symbol["pathComponents"]) == 1}
    return sorted(names - set(re.findall(r"^- ``(.*?)``$", (CATALOG / "Telemetry.md").read_text(), re.MULTILINE)))


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


def toolchain():
    """Returns the folder of the toolchain's programs; `swift` itself may be a launcher that lies elsewhere."""
    info = run(os.environ.get("SWIFT") or "swift", "-print-target-info")
    if info.returncode != 0:
        fail(f"swift does not answer:\n{info.stderr}")
    return pathlib.Path(json.loads(info.stdout)["paths"]["runtimeResourcePath"]).parents[1] / "bin"


def main():
    if len(sys.argv) != 2:
        fail("one argument is needed, the folder of the module: .build/debug/Modules")
    tools = toolchain()
    shutil.rmtree(BUILD, ignore_errors=True)
    GRAPHS.mkdir(parents=True)

    extracted = run(
        tools / "swift-symbolgraph-extract", "-module-name", "Telemetry", "-I", sys.argv[1], "-I", MACHINE, "-output-dir", GRAPHS,
        "-minimum-access-level", "public", "-skip-synthesized-members", "-emit-extension-block-symbols")
    if extracted.returncode != 0:
        fail(f"the symbols could not be read:\n{extracted.stderr}")
    if missing := missing_symbols():
        fail(f"{CATALOG.relative_to(ROOT)}/Telemetry.md names no topic for {', '.join(missing)}")

    stage()
    report = BUILD / "diagnostics.json"
    converted = run(
        tools / "docc", "convert", STAGE, "--additional-symbol-graph-dir", GRAPHS, "--output-dir", PAGES,
        "--fallback-display-name", "Telemetry", "--fallback-bundle-identifier", "swift-telemetry",
        "--fallback-default-module-kind", "Library", "--diagnostics-file", report)
    found = json.loads(report.read_text())["diagnostics"] if report.exists() else []
    found = [entry for entry in found if TOLERATED not in entry["summary"]]
    for entry in found:
        place = (entry.get("source") or "").removeprefix("file://").replace(f"{ROOT}/", "")
        line = (entry.get("range") or {}).get("start", {}).get("line", "")
        print(f"{place}:{line}: {entry['severity']}: {entry['summary']}", file=sys.stderr)
    if converted.returncode != 0:
        fail(f"docc failed:\n{converted.stderr[-2000:]}")
    if found:
        fail(f"docc has {len(found)} complaints")

    pages = PAGES.relative_to(ROOT)
    print(f"The documentation lies in {pages}. To look at it:")
    print(f"  python3 -m http.server --bind 127.0.0.1 --directory {pages} 8000")
    print("  http://127.0.0.1:8000/documentation/telemetry · http://127.0.0.1:8000/tutorials/tutorials")


main()
