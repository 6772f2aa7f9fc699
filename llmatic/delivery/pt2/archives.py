"""Archives of exported PyTorch programs (pt2) that a stranger wrote, made safe to load.

``torch.export.load`` unpickles, imports, evaluates and calls what an archive tells it to.
What is on our lists is written into a new archive, and an archive that holds anything else
is refused. The new one is all ours: no two readers of zip or JSON can take it for two
things. Knows no PyTorch, and not what the program computes.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from llmatic.delivery.pt2.graphs import PROGRAM, payloads
from llmatic.delivery.pt2.rules import RefusedError, Rule, shown

__all__ = ["RefusedError", "rewritten"]

ROOT = "archive/"
MODEL = "models/model.json"
SAMPLES = "data/sample_inputs/model.pt"
CONFIGS = {
    "weight": ("data/weights/", "model_weights_config.json"),
    "tensor": ("data/constants/", "model_constants_config.json"),
}
CONSTANT = {
    SAMPLES: b"",
    "archive_format": b"pt2",
    "archive_version": b"0",
    "byteorder": b"little",
    ".data/version": b"6\n",
}
SERIAL = ".data/serialization_id"
"""A hash of the rest, which nothing reads."""


def rewritten(archive: bytes) -> bytes:
    """The same program in an archive that can be loaded outside the sandbox.

    Where its code came from (source lines, paths of files) is left out.

    Raises:
        RefusedError: It holds something that is not on the lists.
    """
    members = _members(archive)
    members.pop(SERIAL, None)
    for name, content in CONSTANT.items():
        if (found := _member(members, name)) != content:
            raise RefusedError(f"{shown(found[:40])} as {name}")
    kept = {**CONSTANT, MODEL: json.dumps(_read(members, MODEL, PROGRAM)).encode()}
    for prefix, (folder, file) in CONFIGS.items():
        config = _read(members, folder + file, payloads(prefix))
        kept[folder + file] = json.dumps(config).encode()
        for payload in config["config"].values():
            name = folder + payload["path_name"]
            if name not in kept:
                kept[name] = _member(members, name)
            _check_size(payload["tensor_meta"], kept[name])
    for name in members:
        raise RefusedError(f"{shown(name)} as a file")
    return _zipped(kept)


def _members(archive: bytes) -> dict[str, bytes]:
    """Contents by name, all of one folder and stored as they are."""
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            if sum(each.file_size for each in opened.infolist()) > len(archive):
                raise RefusedError("more than its size")
            for each in opened.infolist():
                name = each.filename.removeprefix(ROOT)
                stored = each.compress_type == zipfile.ZIP_STORED
                if name == each.filename or name in found or not stored:
                    raise RefusedError(f"{shown(each.filename)} as a file")
                found[name] = opened.read(each)
    except RefusedError:
        raise
    except Exception as error:  # zipfile raises whatever it comes upon
        raise RefusedError(f"no archive: {shown(str(error))}") from error
    return found


def _member(members: dict[str, bytes], name: str) -> bytes:
    if name not in members:
        raise RefusedError(f"no {name}")
    return members.pop(name)


def _read(members: dict[str, bytes], name: str, rule: Rule) -> Any:
    text = _member(members, name)
    try:
        return rule(json.loads(text.decode()))
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"no JSON in {name}") from error


def _check_size(meta: Mapping[str, Any], content: bytes) -> None:
    """A tensor is no larger than its file: PyTorch would fill in what is not there."""
    sizes, strides = ([each["as_int"] for each in meta[key]] for key in ("sizes", "strides"))
    if len(sizes) != len(strides):
        raise RefusedError(f"the strides {shown(strides)} for the shape {shown(sizes)}")
    steps = zip(sizes, strides, strict=True)
    last = meta["storage_offset"]["as_int"] + sum((size - 1) * step for size, step in steps)
    if 0 not in sizes and last >= len(content):
        raise RefusedError(f"a tensor of the shape {shown(sizes)} in {len(content)} bytes")


def _zipped(members: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, content in members.items():
            made.writestr(zipfile.ZipInfo(ROOT + name), content)
    return buffer.getvalue()
