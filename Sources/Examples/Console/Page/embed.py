#!/usr/bin/env python3
"""Writes the files of the page into Swift, one source each, so that the binary has them: embed.py writes, --check compares, --weight tells the size."""

import gzip
import hashlib
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
TYPES = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
# What a browser loads in all, as it is and compressed as it is sent: twelve views, each some 17 KiB with its part of the styles.
PLAIN_LIMIT = 230 << 10
LIMIT = 100 << 10
# What of styles only those need who read them: the space beside punctuation.
BESIDE = re.compile(r" *([{};,>]) *")
# Lines that only those need who read the files.
COMMENT = re.compile(r"\s*(//|/\*.*\*/$|/\*\*$|\*( |$)|\*/$|$)")


def constant(name):
    """Returns the name of the constant in Swift: `tracemodel.js` is `tracemodelJS`."""
    stem, suffix = name.rsplit(".", 1)
    return stem + suffix.upper()


def compact(styles):
    """Returns styles without the space beside punctuation and the last semicolon of a rule; no text in them may have any of it."""
    for quoted in re.findall(r'"[^"\n]*"', styles):
        if re.search("[{};,>:]", quoted):
            sys.exit(f"The text {quoted} of the styles would lose its space.")
    return BESIDE.sub(r"\1", styles).replace(": ", ":").replace(";}", "}")


def served(file):
    """Returns the text of a file as browsers get it: without lines that are empty or comments, without the space that lines begin with, and styles compact."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    for number, line in enumerate(lines, start=1):
        if line.count("`") % 2 and not COMMENT.match(line):
            sys.exit(f"{file.name}:{number}: a text over several lines would lose the space that its lines begin with.")
    text = "".join(line.lstrip(" ") for line in lines if not COMMENT.match(line))
    return compact(text) if file.suffix == ".css" else text


def source(file):
    text = served(file)
    if not text.endswith("\n"):
        sys.exit(f"{file.name} must end with a line break.")
    hashes = "#"
    while '"""' + hashes in text or "\\" + hashes in text:
        hashes += "#"
    path = "/" if file.name == "index.html" else f"/assets/{file.name}"
    tag = hashlib.sha256(text.encode()).hexdigest()[:16]
    lines = "".join(f"            {line}\n" if line else "\n" for line in text.split("\n")[:-1])
    return (
        f"// {file.name} of the page, which Page/embed.py writes from Page/Files.\n// swift-format-ignore-file\n\n"
        f"extension PageFile {{\n    static let {constant(file.name)} = PageFile(\n        path: \"{path}\", contentType: \"{TYPES[file.suffix]}\",\n"
        f"        entityTag: \"{tag}\",\n        text: {hashes}\"\"\"\n{lines}\n            \"\"\"{hashes})\n}}\n"
    )


def listing(files):
    names = "".join(f"        .{constant(file.name)},\n" for file in files)
    return (
        "// The list of the page's files, which Page/embed.py writes.\n// swift-format-ignore-file\n\n"
        "/// The files of the page, as they are served.\nenum PageFiles {\n    static let all: [PageFile] = [\n" + names + "    ]\n}\n"
    )


def main():
    files = sorted(file for file in (HERE / "Files").iterdir() if file.suffix in TYPES)
    texts = [served(file).encode() for file in files]
    plain, weight = sum(map(len, texts)), sum(len(gzip.compress(text, 6)) for text in texts)
    if "--weight" in sys.argv:
        print(plain, "bytes,", weight, "compressed")
        return
    if plain > PLAIN_LIMIT or weight > LIMIT:
        sys.exit(f"The page has {plain} bytes, {weight} compressed; at most {PLAIN_LIMIT} and {LIMIT} are allowed.")
    wanted = {f"PageFile+{constant(file.name)}.swift": source(file) for file in files}
    wanted["PageFiles.swift"] = listing(files)
    folder = HERE / "Embedded"
    folder.mkdir(exist_ok=True)
    present = {file.name: file.read_text(encoding="utf-8") for file in folder.iterdir()}
    if "--check" in sys.argv:
        different = sorted(name for name in wanted.keys() | present.keys() if wanted.get(name) != present.get(name))
        if different:
            sys.exit(f"Run Page/embed.py; these are not as the files of the page are: {', '.join(different)}")
        return
    for name in present.keys() - wanted.keys():
        (folder / name).unlink()
    for name, text in wanted.items():
        if present.get(name) != text:
            (folder / name).write_text(text, encoding="utf-8")


main()
