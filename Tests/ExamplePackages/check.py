#!/usr/bin/env python3
"""Builds the packages in Documentation/Examples, runs their programs, and checks what arrives at a receiver.

All programs are built as targets of one generated package, so that the SDK and its dependencies are compiled once. Each target has there
the products that its own manifest declares, and no others: an import that the manifest does not declare is an error, as is a warning. Each
manifest is resolved by itself as well: it finds its packages, and their products. With --apart each package is also built from it, which
compiles the SDK four times.

It needs Python 3.9 or newer, without packages. All traffic stays on loopback.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

import programs

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "Documentation" / "Examples"
SCRATCH = ROOT / ".build-examples"
SWIFT = os.environ.get("SWIFT", "swift")

# The trait that a target needs beside the product whose types the bridge takes.
TRAITS = {"Logging": "SwiftLog", "Metrics": "SwiftMetrics", "Tracing": "SwiftTracing", "ServiceLifecycle": "ServiceLifecycle"}


def swift(*arguments, capture=False):
    """Runs the package manager; a failure ends the check."""
    result = subprocess.run([SWIFT, *map(str, arguments)], stdout=subprocess.PIPE if capture else None, text=True)
    if result.returncode != 0:
        sys.exit(f"swift {' '.join(map(str, arguments))} failed.")
    return result.stdout


class Package:
    """One example, as its own manifest describes it."""

    def __init__(self, folder):
        self.folder = folder
        manifest = json.loads(swift("package", "--package-path", folder, "dump-package", capture=True))
        self.name = manifest["name"]
        self.remotes = {}
        self.traits = set()
        for dependency in manifest["dependencies"]:
            for remote in dependency.get("sourceControl", []):
                url = remote["location"]["remote"][0]["urlString"]
                self.remotes[remote["identity"]] = (url, remote["requirement"]["range"][0]["lowerBound"])
            for local in dependency.get("fileSystem", []):
                if pathlib.Path(local["path"]).resolve() != ROOT:
                    sys.exit(f"{folder.name}: the path of swift-telemetry is {local['path']}.")
                # "default" stands for the traits of a dependency that names none.
                self.traits = {trait["name"] for trait in local.get("traits") or []} - {"default"}
        self.targets = {}
        for target in manifest["targets"]:
            self.targets[target["name"]] = [tuple(each["product"][:2]) for each in target["dependencies"]]
        needed = {TRAITS[product] for products in self.targets.values() for product, _ in products if product in TRAITS}
        if self.traits != needed:
            sys.exit(f"{folder.name}: the traits are {sorted(self.traits)}, and {sorted(needed)} fit the products.")
        swift("package", "--package-path", folder, "--scratch-path", SCRATCH / folder.name, "show-dependencies", capture=True)


def generated(packages):
    """Writes a package with the targets of all examples and returns its folder."""
    folder = SCRATCH / "package"
    (folder / "Sources").mkdir(parents=True, exist_ok=True)
    traits = sorted({trait for package in packages for trait in package.traits})
    dependencies = [f'.package(name: "swift-telemetry", path: "{ROOT}", traits: {json.dumps(traits)})']
    remotes = {}
    for package in packages:
        for identity, (url, version) in package.remotes.items():
            if remotes.setdefault(identity, (url, version)) != (url, version):
                sys.exit(f"{package.name}: asks for another version of {identity} than the other examples.")
    dependencies += [f'.package(url: "{url}", from: "{version}")' for url, version in remotes.values()]
    targets = []
    for package in packages:
        for name, products in package.targets.items():
            link = folder / "Sources" / name
            link.unlink(missing_ok=True)
            link.symlink_to(package.folder / "Sources" / name, target_is_directory=True)
            listed = ", ".join(f'.product(name: "{product}", package: "{owner}")' for product, owner in products)
            targets.append(
                f'.executableTarget(name: "{name}", dependencies: [{listed}], swiftSettings: [.treatAllWarnings(as: .error)])')
    separator = ",\n        "
    text = f"""// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "examples",
    dependencies: [
        {separator.join(dependencies)}
    ],
    targets: [
        {separator.join(targets)}
    ]
)
"""
    manifest = folder / "Package.swift"
    if not manifest.exists() or manifest.read_text() != text:
        manifest.write_text(text)
    return folder


def build(packages, apart, jobs):
    """Builds all programs and returns where each one is."""
    options = ["-j", jobs] if jobs else []
    found = {}
    for package in packages if apart else [None]:
        folder = package.folder if apart else generated(packages)
        scratch = SCRATCH / (package.folder.name if apart else "build")
        where = ["--package-path", folder, "--scratch-path", scratch]
        swift("build", *where, *options, "--explicit-target-dependency-import-check", "error")
        binaries = pathlib.Path(swift("build", *where, "--show-bin-path", capture=True).strip())
        for each in [package] if apart else packages:
            found.update({name: binaries / name for name in each.targets})
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--apart", action="store_true", help="build each package from its own manifest")
    parser.add_argument("--jobs", help="compile at most so many files at a time")
    options = parser.parse_args()
    folders = sorted(path.parent for path in EXAMPLES.glob("*/Package.swift"))
    packages = [Package(folder) for folder in folders]
    found = build(packages, options.apart, options.jobs)
    sys.exit(programs.check(found))


main()
