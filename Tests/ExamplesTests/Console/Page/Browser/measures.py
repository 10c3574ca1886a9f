"""Measures the page in a browser: how soon it paints, how soon it draws a trace, how smoothly that scrolls."""


def first_paint(browser, url):
    """Opens the page with nothing in the browser's cache; returns after how many milliseconds something was painted."""
    browser.call("Network.clearBrowserCache")
    browser.open("about:blank")
    browser.open(url)
    return browser.until("performance.getEntriesByName('first-contentful-paint')[0]?.startTime")


def draw(browser, trace):
    """Goes from the list of traces to a trace; returns after how many milliseconds its rows are there."""
    return browser.evaluate(
        f"new Promise(done => {{ const start = performance.now(); location.hash = '#/trace/{trace}'; const look = () => document.querySelectorAll('.span-row').length > 20 "
        "? requestAnimationFrame(() => done(performance.now() - start)) : requestAnimationFrame(look); look(); })")


def scroll(browser, milliseconds=1500):
    """Scrolls the waterfall; returns the frames a second."""
    return browser.evaluate(
        "new Promise(done => { const box = document.querySelector('.waterfall'); const start = performance.now(); let count = 0; const step = () => { count += 1; box.scrollTop += 500; "
        f"performance.now() - start > {milliseconds} ? done(count / (performance.now() - start) * 1000) : requestAnimationFrame(step); }}; step(); }})")
