"""Archives of a network edited to do harm to whoever loads them, or runs what was loaded.

Harm is a file in the working directory that has the attack's name.
"""

import io
import json
import pickle
import warnings
import zipfile

import torch
from exports import CONSTANTS, MODEL, WEIGHTS, edited, members, zipped

__all__ = ["IMPORTED", "hostile"]

IMPORTED = "hostile_import"
"""A module that leaves its mark when it is imported."""


class Opened:
    """Leaves its mark when it is unpickled."""

    def __init__(self, name):
        self.name = name

    def __reduce__(self):
        return open, (self.name, "w")


def saved(value):
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def node(target, *words, outputs=()):
    """A call with words only."""
    inputs = [{"name": name, "arg": {kind: word}, "kind": 1} for name, kind, word in words]
    return {
        "target": target,
        "inputs": inputs,
        "outputs": list(outputs),
        "metadata": {},
        "is_hop_single_tensor_return": None,
        "name": "harm",
    }


def calling(archive, *arguments, **keywords):
    """With one more call, of all the last."""

    def edit(program):
        graph = program["graph_module"]["graph"]
        graph["nodes"].append(node(*arguments, **keywords))
        graph["tensor_values"]["harm"] = graph["tensor_values"]["images"]

    return edited(archive, MODEL, edit)


def with_constant(archive, file, content, **said):
    """With one more constant."""
    meta = {"path_name": file, "is_param": False, "use_pickle": True, "tensor_meta": None, **said}
    more = zipped({**members(archive), f"data/constants/{file}": content})
    return edited(more, CONSTANTS, lambda config: config["config"].update(more=meta))


def with_files(archive, **files):
    return zipped({**members(archive), **files})


def sized(archive, expression):
    """With another size of the images."""

    def edit(program):
        size = program["graph_module"]["graph"]["tensor_values"]["images"]["sizes"][0]
        size["as_expr"]["expr_str"] = expression

    return edited(archive, MODEL, edit)


def structured(archive, kind, context):
    """With another structure of the results."""
    spec = {"type": kind, "context": context, "children_spec": []}

    def edit(program):
        call = program["graph_module"]["module_call_graph"][0]["signature"]
        call["out_spec"] = json.dumps([1, spec])

    return edited(archive, MODEL, edit)


def quiet(archive):
    """With a constant that says it is a tensor; the name of its file says more."""
    weights = json.loads(members(archive)[WEIGHTS])["config"]
    meta = weights["mean"]["tensor_meta"]
    content = pickle.dumps(Opened("quiet"))
    whole = content.ljust(-(-len(content) // 4) * 4)  # what follows a pickle is not read
    return with_constant(archive, "opaque_obj_0", whole, use_pickle=False, tensor_meta=meta)


def pickled_weights(archive):
    def edit(config):
        for meta in config["config"].values():
            meta["use_pickle"] = True

    contents = members(archive)
    pickled = {
        name: saved(Opened("weight")) for name in contents if name.startswith("data/weights/weight")
    }
    return edited(zipped({**contents, **pickled}), WEIGHTS, edit)


def renamed(archive, was, now):
    contents = members(archive)
    text = contents[MODEL].decode().replace(json.dumps(was), json.dumps(now))
    return zipped({**contents, MODEL: text.encode()})


def doubled(archive):
    buffer = io.BytesIO(archive)
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(buffer, "a") as opened:
        opened.writestr("archive/data/sample_inputs/model.pt", saved(Opened("doubled")))
    return buffer.getvalue()


def old(archive):
    """As PyTorch 2.7 laid it out."""
    parts = ("state_dict", "constants", "example_inputs")
    files = {f"serialized_{name}.pt": saved(Opened("old")) for name in parts}
    program = members(archive)[MODEL]
    version = json.loads(program)["schema_version"]
    files["version"] = f"{version['major']}.{version['minor']}".encode()
    return zipped({"serialized_exported_program.json": program, **files}, root="")


def hostile(archive):
    """Attacks by name: those whose harm is to be seen, and others."""
    word = "as_string"
    enum = json.dumps({"__enum__": True, "fqn": f"{IMPORTED}:X", "name": "x"})
    tensor = {"as_tensor": {"name": "harm"}}
    harmful = {
        "opaque": with_constant(archive, "opaque_obj_0", pickle.dumps(Opened("opaque"))),
        "quiet": quiet(archive),
        "constant": with_constant(archive, "tensor_0", saved(Opened("constant"))),
        "weight": pickled_weights(archive),
        "samples": with_files(archive, **{"data/sample_inputs/model.pt": saved(Opened("samples"))}),
        "weights": with_files(archive, **{"data/weights/model.pt": saved(Opened("weights"))}),
        "constants": with_files(archive, **{"data/constants/model.pt": saved(Opened("constants"))}),
        "doubled": doubled(archive),
        "old": old(archive),
        "size": sized(archive, "open('size', 'w')"),
        "structure": structured(archive, "builtins.list", enum),
        "name": renamed(archive, "images", "images=open('name', 'w')"),
        "mapping": calling(
            archive,
            "torch.ops.aten.from_file.default",
            *(("filename", word, "mapping"), ("shared", "as_bool", True), ("size", "as_int", 8)),
            outputs=[tensor],
        ),
    }
    others = {
        "saving": calling(
            archive,
            "torch.ops.aten.save.default",
            ("item", word, "x"),
            ("filename", word, "saving"),
        ),
        "system": calling(archive, "torch.os.system", ("", word, "touch system"), outputs=[tensor]),
        "torchbind": with_constant(archive, "custom_obj_0", b""),
        "native": with_files(archive, **{"data/aotinductor/model/x.so": b"\x7fELF"}),
        "extra": with_files(archive, **{"extra/x": b"x"}),
        "second model": with_files(archive, **{"models/other.json": members(archive)[MODEL]}),
        "guards": edited(archive, MODEL, lambda said: said.update(guards_code=["open('x', 'w')"])),
        "verifier": edited(archive, MODEL, lambda said: said.update(verifiers=["OTHER"])),
        "defaultdict": structured(
            archive,
            "collections.defaultdict",
            json.dumps({"default_factory_module": "os", "default_factory_name": "system"}),
        ),
        "huge": sized(archive, "Pow(Integer(9), Pow(Integer(9), Integer(9)))"),
        "higher order": calling(archive, "torch.ops.higher_order.cond", outputs=[tensor]),
        "other root": zipped(members(archive), root="archive/../../"),
        "no root": zipped(members(archive), root=""),
    }
    return harmful, others
