"""The dependency direction of docs/design.md, kept by reading imports."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = (
    {"cli", "api"},
    {"report", "benchmark", "delivery", "refining", "nano"},
    {"learning"},
    {"launch", "doctor", "view", "hints", "finding"},
    {"parts"},
    {"nasbench201"},
    {"stored"},
    {"loop", "simulation"},
    {"budget"},
    {"cluster"},
    {"llm", "evaluate", "executor", "tracking", "journal"},
    {"network", "sandbox"},
    {"search"},
    {"operators", "population", "frontier", "picking", "pruning"},
    {"prompts", "archive"},
    {"genome", "structure", "surrogate"},
    {"records", "config"},
    {"errors", "frames"},
)
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
ONLY_IN = {
    "mlflow": {"tracking"},
    "transformers": {"llm", "nano", "learning"},
    "tokenizers": {"nano"},
    "peft": {"llm", "learning"},
    "openai": {"llm"},
    "optuna": {"refining", "pruning"},
    "ray": {"cluster"},
    "torch": {
        "network",
        "evaluate",
        "llm",
        "nano",
        "learning",
        "api",
    },  # and served.py, which goes along with models
    "lightning": {"evaluate", "nano", "learning", "cli"},
    "lightning_modules": {"evaluate"},
    "fvcore": {"network"},
    "click": {"cli"},
    "rich": {"view", "cli", "benchmark"},
    "hydra": {"config"},
    "matplotlib": {"report", "benchmark"},
    "psutil": {"sandbox", "evaluate", "tracking"},
}
PURE = {
    *("records", "genome", "structure", "archive", "population", "prompts", "operators"),
    *("search", "budget", "loop", "simulation", "nasbench201", "frontier", "surrogate"),
    *("picking", "pruning"),
}


def imports(path: Path) -> set[str]:
    """Dotted names of everything a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room(path: Path) -> str:
    """The part of the package a file belongs to."""
    return path.relative_to(ROOT / "llmatic").parts[0].removesuffix(".py")


DATA = ROOT / "llmatic/nano/handwritten"
FILES = sorted(each for each in (ROOT / "llmatic").rglob("*.py") if each.parent != DATA)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_downwards(path):
    here = room(path)
    if here == "__init__":
        assert not imports(path)
        return
    assert here in RANK, f"{here} has no place in the layers yet"
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "llmatic" and len(parts) > 1 and parts[1] != here and parts[1] in RANK:
            assert RANK[parts[1]] >= RANK[here], f"{here} must not know {parts[1]}"
        if parts[0] in ONLY_IN and path.name != "served.py":
            assert here in ONLY_IN[parts[0]], f"{parts[0]} belongs to {ONLY_IN[parts[0]]}"


def test_the_core_is_light():
    modules = ", ".join(f"llmatic.{each}" for each in sorted(PURE))
    code = f"import sys, {modules}; print(*[m for m in ('torch', 'mlflow') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""


def test_lightning_modules_stand_alone():
    for path in (ROOT / "lightning_modules").rglob("*.py"):
        assert not {name for name in imports(path) if name.split(".")[0] == "llmatic"}


def test_nothing_is_pickled():
    """The checkpoints of Lightning that `train-nano` goes on from hold tensors and plain values."""
    for path in [*FILES, *(ROOT / "lightning_modules").rglob("*.py")]:
        of_pickles = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
        assert not of_pickles & {name.partition(".")[0] for name in imports(path)}, path
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            given = {each.arg: ast.unparse(each.value) for each in node.keywords}
            assert called != "torch.save", path
            if called == "torch.load" or "ckpt_path" in given:
                assert given.get("weights_only") == "True", path


def test_what_judges_archives_knows_nothing_else():
    for path in (ROOT / "llmatic/delivery/pt2").glob("*.py"):
        for name in imports(path):
            known = name.startswith("llmatic.delivery.pt2")
            known |= name.partition(".")[0] in sys.stdlib_module_names
            assert known, f"{path} must not know {name}"


def test_import_is_light():
    code = (
        "import sys, time; start = time.perf_counter(); import llmatic.cli; "
        "print(time.perf_counter() - start, 'torch' in sys.modules, 'mlflow' in sys.modules)"
    )
    seconds, torch, mlflow = min(
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
        ).stdout.split()
        for _ in range(3)
    )
    assert float(seconds) < 1
    assert (torch, mlflow) == ("False", "False")


def test_every_module_says_what_it_is():
    for path in [*FILES, *(ROOT / "lightning_modules").rglob("*.py")]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), f"{path} has no docstring"


def test_public_names_exist():
    for path in FILES:
        names = None
        tree = ast.parse(path.read_text(encoding="utf-8"))
        defined = {node.name for node in tree.body if hasattr(node, "name")}
        for node in tree.body:
            targets = node.targets if isinstance(node, ast.Assign) else []
            if isinstance(node, ast.AnnAssign):
                targets = [node.target]
            defined |= {target.id for target in targets if isinstance(target, ast.Name)}
            if isinstance(node, ast.ImportFrom):
                defined |= {alias.asname or alias.name for alias in node.names}
            if isinstance(node, ast.Assign) and ast.unparse(targets[0]) == "__all__":
                names = ast.literal_eval(node.value)
        if path.name != "__init__.py" or names is not None:
            assert names is not None, f"{path} has no __all__"
            assert set(names) <= defined, path
