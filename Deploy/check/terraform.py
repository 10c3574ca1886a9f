"""Checks resources of Terraform against the schemas of their providers, as `terraform validate` would where providers can be had.

terraform.py FOLDER WHEELS; needs python-hcl2. WHEELS is a folder with the packages cdktf-cdktf-provider-NAME of PyPI, which were generated from
the schemas: nothing of them is run. Names of arguments and blocks, and those that are needed, are checked; modules of registries are not.
"""

import ast
import pathlib
import re
import sys
import zipfile

import hcl2

META = {"count", "for_each", "depends_on", "provider", "lifecycle", "provisioner", "connection"}


class Provider:
    """The schemas of one provider, read from a wheel as they are asked for."""

    def __init__(self, path):
        self.archive = zipfile.ZipFile(path)
        self.package = next(name.split("/")[0] for name in self.archive.namelist() if name.endswith("/_jsii/__init__.py"))
        self.folders = {name.split("/")[1] for name in self.archive.namelist() if name.count("/") == 2 and name.endswith("/__init__.py")}
        self.version = None

    def classes(self, folder):
        """Returns the classes of a resource: for each its arguments, which have a type and may be needed."""
        text = self.archive.read(f"{self.package}/{folder}/__init__.py").decode()
        self.version = self.version or re.search(r"registry\.terraform\.io/providers/[^/]+/[^/]+/([\d.]+)/", text).group(1)
        found = {}
        for node in ast.parse(text).body:
            init = next((one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"), None) \
                if isinstance(node, ast.ClassDef) else None
            document = ast.get_docstring(init) if init else None
            if not document:
                continue
            # Names are written as Terraform has them in the links alone.
            names = dict(re.findall(r":param (\w+): .*?\{@link \S+#\S+ \w+#(\w+)\}", document))
            arguments = {}
            for argument, default in zip(init.args.kwonlyargs, init.args.kw_defaults):
                if argument.arg in names:
                    arguments[names[argument.arg]] = (ast.unparse(argument.annotation), default is None)
            found[node.name] = arguments
        return found


def plain(name):
    return name.strip('"')


class Check:
    def __init__(self, wheels):
        self.providers = {re.search(r"provider_(\w+?)-", path.name).group(1): Provider(path) for path in sorted(wheels.glob("cdktf_cdktf_provider_*.whl"))}
        self.problems, self.count, self.unknown = [], 0, set()

    def resource(self, place, kind, resource, body):
        provider = self.providers.get(kind.split("_")[0])
        if provider is None:
            self.unknown.add(kind.split("_")[0])
            return
        name = kind.removeprefix(kind.split("_")[0] + "_")
        folder = f"data_{kind}" if resource == "data" else next(
            (one for one in (name, f"{name}_resource") if one in provider.folders), name)
        if folder not in provider.folders:
            self.problems.append(f"{place}: the provider has no {resource} {kind}")
            return
        classes = provider.classes(folder)
        config = next(name for name in classes if name.endswith("Config") and name.lower() == f"{folder.replace('_', '')}config")
        self.count += 1
        self.block(place, classes, config, body, META)

    def block(self, place, classes, name, body, others=frozenset()):
        """Checks one block; what is made by `dynamic` counts as a block of that name."""
        arguments, given = classes[name], {}
        for key, value in body.items():
            if plain(key) == "dynamic":
                for dynamic in value:
                    for inner, what in dynamic.items():
                        if not inner.startswith("__"):
                            given.setdefault(plain(inner), []).extend(what["content"] if isinstance(what["content"], list) else [what["content"]])
            elif not key.startswith("__"):
                given[plain(key)] = value
        for key in given.keys() - arguments.keys() - others:
            self.problems.append(f"{place}: there is no {key}; there are {', '.join(sorted(arguments))[:300]}")
        for key, (_, isNeeded) in arguments.items():
            if isNeeded and key not in given:
                self.problems.append(f"{place}: {key} is missing")
        for key in given.keys() & arguments.keys():
            inner = next((one for one in re.findall(r"\w+", arguments[key][0]) if one in classes), None)
            values = given[key] if isinstance(given[key], list) else [given[key]]
            # Blocks are lists of mappings; what is written as a value is checked where it is one.
            for value in values:
                if inner and isinstance(value, dict):
                    self.block(f"{place}: {key}", classes, inner, value)


def main():
    folder, check = pathlib.Path(sys.argv[1]), Check(pathlib.Path(sys.argv[2]))
    for path in sorted(folder.glob("**/*.tf")):
        if ".terraform" in path.parts:
            continue
        with path.open() as file:
            document = hcl2.load(file)
        for resource in ("resource", "data"):
            for block in document.get(resource, []):
                for kind, named in block.items():
                    if kind.startswith("__"):
                        continue
                    for name, body in named.items():
                        if not name.startswith("__"):
                            place = f"{path.relative_to(folder)}: {resource} {plain(kind)}.{plain(name)}"
                            check.resource(place, plain(kind), resource, body)
    if check.unknown:
        check.problems.append(f"no schema of {', '.join(sorted(check.unknown))}")
    if check.problems:
        sys.exit("\n".join(check.problems))
    versions = ", ".join(f"{name} {one.version}" for name, one in sorted(check.providers.items()) if one.version)
    print(f"{check.count} resources: {versions}")


main()
