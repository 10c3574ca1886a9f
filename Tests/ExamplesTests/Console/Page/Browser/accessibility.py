"""Checks a page's accessibility: with axe where it is installed, and always with the browser's own tree."""

import importlib.util
import json
import os
import pathlib

NAMED = {"button", "link", "textbox", "combobox", "checkbox", "searchbox", "listbox", "img", "meter", "treegrid", "dialog", "tab"}


def axe():
    """Returns the source of axe-core, of PyPI's axe-playwright-python or of the file that AXE names; None without either."""
    named = os.environ.get("AXE")
    if named:
        return pathlib.Path(named).read_text(encoding="utf-8")
    found = importlib.util.find_spec("axe_playwright_python")
    return (pathlib.Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8") if found else None


def themes(source):
    """Returns the themes in which there is something to check: without axe nothing looks at colours."""
    return ("light", "dark") if source else ("light",)


def problems(browser, source):
    """Returns what is wrong with the present view."""
    return tree_problems(browser) + (axe_problems(browser, source) if source else [])


def tree_problems(browser):
    found = []
    for node in browser.call("Accessibility.getFullAXTree")["nodes"]:
        role = node.get("role", {}).get("value")
        if not node.get("ignored") and role in NAMED and not str(node.get("name", {}).get("value", "")).strip():
            found.append(f"a {role} has no name")
    return found


def axe_problems(browser, source):
    if not browser.evaluate("typeof axe === 'object'"):
        browser.evaluate(source + "; 0")
    results = browser.evaluate("axe.run(document, { resultTypes: ['violations'] }).then(found => JSON.stringify(found.violations.map("
                               "one => [one.id, one.impact, one.help, one.nodes.slice(0, 3).map(node => node.html.slice(0, 200))])))")
    return [f"{name} ({impact}): {says}: {nodes}" for name, impact, says, nodes in json.loads(results) if impact in ("serious", "critical")]
