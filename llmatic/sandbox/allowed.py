"""Which files generated code may read: the interpreter, and the packages networks are made of.

An allow-list. Packages that are merely installed beside are not on it, because some
hold labels (scikit-learn ships those of digits). Does not know how it is enforced.
"""

from __future__ import annotations

import importlib.util
import os
import re
import site
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

__all__ = [
    "BESIDE",
    "PCI_DEVICES",
    "gpu_devices",
    "gpu_files",
    "libraries",
    "own_packages",
    "package_folders",
    "packages",
    "pci_classes",
    "readable",
    "standard_library",
    "uses_gpu",
]

PACKAGES = (
    *("torch", "numpy", "lightning", "fvcore", "pyseccomp", "psutil", "safetensors"),
    *("onnx", "onnxruntime", "onnxscript"),
)
BESIDE = ("site-packages", "dist-packages")
SYSTEM = ("/lib64", "/usr/lib64", "/usr/local/cuda", "/usr/local/nvidia", "/etc/ld.so.cache")
PCI_DEVICES = Path("/sys/bus/pci/devices")
"""Which gloo lists, and asks for their classes; it does not work without."""
GPU_DEVICES = ("/dev/nvidia*", "/dev/nvidia-caps/*", "/dev/kfd", "/dev/dri/render*")
GPU_FILES = ("/proc/driver/nvidia", "/proc/devices", "/proc/modules", "/sys/devices", "/sys/bus")


@cache
def readable() -> tuple[Path, ...]:
    """System libraries, the standard library, and the packages with all they require."""
    modules = [
        module
        for folder in standard_library()
        for module in folder.iterdir()
        if module.name not in (*BESIDE, "__pycache__")
    ]
    return (*libraries(), *modules, *packages())


def libraries() -> tuple[Path, ...]:
    """Folders of shared libraries, files that name them, and libraries in folders of yours.

    What ``LD_LIBRARY_PATH`` names may hold anything, a home even: only libraries there count.
    """
    multiarch = sysconfig.get_config_var("MULTIARCH")
    folders = [f"/lib/{multiarch}", f"/usr/lib/{multiarch}"] if multiarch else []
    named = map(Path, os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep))
    single = [
        *Path(sys.base_prefix, "lib").glob("libpython*"),
        *(file for folder in named if folder.is_absolute() for file in folder.glob("*.so*")),
    ]
    found = [*map(Path, (*folders, *SYSTEM)), *filter(Path.is_file, single)]
    return tuple(path for path in dict.fromkeys(found) if path.exists())


def standard_library() -> tuple[Path, ...]:
    """Its folders. They may hold folders of installed packages (`BESIDE`), which are not it."""
    folders = {Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")}
    return tuple(sorted(folders))


def own_packages() -> tuple[Path, ...]:
    """This package and its companion: what a worker process loads besides."""
    specs = map(importlib.util.find_spec, ("llmatic", "lightning_modules"))
    return tuple(Path(spec.origin).parent for spec in specs if spec and spec.origin)


def gpu_devices() -> tuple[Path, ...]:
    """Device nodes that computing on a GPU reads, writes and controls."""
    return tuple(path for each in GPU_DEVICES for path in sorted(Path("/").glob(each[1:])))


def uses_gpu(accelerator: str) -> bool:
    """Whether training on this accelerator (``auto``, ``cpu``, ``gpu``) uses one here."""
    return accelerator != "cpu" and bool(gpu_devices())


def gpu_files() -> tuple[Path, ...]:
    """What drivers of GPUs read."""
    return tuple(path for path in map(Path, GPU_FILES) if path.exists())


def pci_classes() -> tuple[Path, ...]:
    """Files that say of what kind a device on the PCI bus is."""
    return tuple(PCI_DEVICES.glob("*/class"))


@cache
def packages() -> tuple[Path, ...]:
    """Files and folders in site-packages of `PACKAGES` and what they require."""
    return tuple(path for path in _installed() if path.exists())


def package_folders() -> list[str]:
    """Where a new interpreter finds packages; this one may have been shown others beside."""
    own = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    begun_with = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return [*filter(None, begun_with), *own, *site.getsitepackages()]


def _installed() -> Iterator[Path]:
    left, seen = list(PACKAGES), set()
    while left:
        name = left.pop()
        if name in seen:
            continue
        seen.add(name)
        package = next(iter(metadata.distributions(name=name, path=package_folders())), None)
        if package is None:
            continue  # required on another platform, or optional
        required = [each for each in package.requires or () if "extra ==" not in each]
        left += [re.split(r"[^\w.-]", each, maxsplit=1)[0] for each in required]
        record = package.read_text("RECORD") or f"{name}/"
        tops = {line.strip('"').partition("/")[0].partition(",")[0] for line in record.splitlines()}
        for top in sorted(tops - {"", "..", "__pycache__"}):
            yield Path(str(package.locate_file(top)))
