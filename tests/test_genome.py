import ast
import builtins
import re
import sys
import textwrap
import time
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmatic.genome import CLASS_NAME, Genome, Rejection, parse, seed_source
from llmatic.records import Status

SEED = seed_source((3, 32, 32), 10)
HEADER = "import torch.nn as nn\nimport torch.nn.functional as F\n\n\n"
TORCH = "import torch.nn as nn\n\n\n"
NET = SEED.removeprefix(HEADER)
OTHER = NET.replace("kernel_size=1", "kernel_size=1, bias=False")
BLOCK = textwrap.dedent(
    """\
    class Block(nn.Module):
        def __init__(self, width=8):
            super().__init__()
            self.conv = nn.Conv2d(width, width, 3, padding=1)

        def forward(self, x):
            return F.relu(self.conv(x)) + x
    """
)
USES_BLOCK = NET.replace("self.fc =", "self.block = Block(1)\n        self.fc =")
RENAMED = SEED.replace("Net(", "Model(")
SEQUENTIAL = textwrap.dedent(
    """\
    class Net(nn.Sequential):
        def __init__(self):
            super().__init__(nn.Flatten())
    """
)
TRAINING = textwrap.dedent(
    """\
    device = "cuda"
    x = torch.randn(1, 3, 32, 32)
    net = Net().to(device)
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(10):
        print(epoch)


    def train(net):
        os.remove("x")


    if __name__ == "__main__":
        train(net)
    """
)


def source(*parts, imports=HEADER):
    return imports + "\n\n".join(parts)


def net(*lines, init="", header=HEADER, base="nn.Module", name="Net"):
    body = "".join(f"        {line}\n" for line in lines)
    return (
        f"{header}class {name}({base}):\n    def __init__(self{init}):\n"
        f"        super().__init__()\n\n    def forward(self, x):\n{body}"
    )


def outcome(text):
    found = parse(text)
    assert isinstance(found, Genome), found
    assert parse(found.source) == found
    return found.source


NETWORKS = {
    "bare": (SEED, SEED),
    "fence": (f"Sure!\n\n```python\n{SEED}```\n\nThis is better.", SEED),
    "short language": (f"```py\n{SEED}```", SEED),
    "capital language": (f"```Python\n{SEED}```", SEED),
    "attributes of a fence": (f"```{{.python}}\n{SEED}```", SEED),
    "no language": (f"```\n{SEED}```", SEED),
    "tildes": (f"~~~python\n{SEED}~~~", SEED),
    "wrong language": (f"```java\n{SEED}```", SEED),
    "unclosed fence": (f"Here you are:\n```python\n{SEED}", SEED),
    "closing fence only": (f"{SEED}```\nThe network above isn't big.", SEED),
    "second opening closes the first": (f"```python\n{SEED}\n```python\n{OTHER}", HEADER + OTHER),
    "original first": (f"```python\n{SEED}```\nnow\n```python\n{HEADER}{OTHER}```", HEADER + OTHER),
    "output in another fence": (f"```python\n{SEED}```\n```text\nclass Net(oops\n```", SEED),
    "shell fence first": (f"```bash\npip install torch\n```\n```python\n{SEED}```", SEED),
    "helper in a fence of its own": (
        f"```python\n{HEADER}{BLOCK}```\nand\n```python\n{USES_BLOCK}```",
        source(BLOCK, USES_BLOCK),
    ),
    "helper after the network": (
        f"```python\n{HEADER}{USES_BLOCK}```\nwith\n```python\n{BLOCK}```",
        source(BLOCK, USES_BLOCK),
    ),
    "fence within a list": ("1. So:\n" + textwrap.indent(f"```python\n{SEED}```", "   "), SEED),
    "fence in a docstring": (
        SEED.replace(
            "    def __init__",
            '    """\n    ```python\n    Net()\n    ```\n    """\n\n    def __init__',
            1,
        ),
        SEED.replace(
            "    def __init__",
            '    """\n    ```python\n    Net()\n    ```\n    """\n\n    def __init__',
            1,
        ),
    ),
    "prose around": (f"Here's my idea:\n\n{SEED}\nIt's deeper (and wider, from above).\n", SEED),
    "prose with colons": (f"The class: a net = good\n{SEED}\nimport this, too\n", SEED),
    "indented code in prose": ("Here:\n\n" + textwrap.indent(SEED, "    ") + "\nDone.", SEED),
    "indented code": (textwrap.indent(SEED, "        "), SEED),
    "half indented": (textwrap.indent(SEED, "    ").lstrip(), SEED),
    "bullets after the code": (f"{SEED}\n  - more layers\n  - don't know\n", SEED),
    "interactive session": (
        "".join(
            f"{'...' if line[:1] in (' ', '') else '>>>'} {line}\n" for line in SEED.split("\n")
        )
        + ">>> net = Net()\n<Net object>\n",
        SEED,
    ),
    "completion that goes on": (
        f'{SEED}\n\n"""Add a layer."""\n\nclass Net(nn.Module):\n    def',
        SEED,
    ),
    "no imports": (NET, SEED),
    "imports in another order": (
        f"import torch.nn.functional as F\nimport os, sys\nimport torch.nn as nn\n{NET}",
        SEED,
    ),
    "imports with a semicolon": (
        f"import torch.nn as nn; import torch.nn.functional as F\n{NET}",
        SEED,
    ),
    "members of modules": (
        f"from torch import nn, optim\nfrom torch.nn import functional as F\n{NET}",
        f"from torch import nn\nfrom torch.nn import functional as F\n\n\n{NET}",
    ),
    "guarded imports": (
        f"try:\n    import torch.nn as nn\nexcept ImportError:\n    pass\n{NET}",
        SEED,
    ),
    "missing torch and math": (
        net("return torch.relu(x) * math.pi"),
        net(
            "return torch.relu(x) * math.pi",
            header="import math\nimport torch\nimport torch.nn as nn\n\n\n",
        ),
    ),
    "wildcard": (
        net("return relu(x)", header="from torch.nn.functional import *\n", base="Module"),
        net(
            "return relu(x)",
            header="from torch.nn import Module\nfrom torch.nn.functional import *\n\n\n",
            base="Module",
        ),
    ),
    "unused wildcard": (f"from torch.nn import *\n{SEED}", SEED),
    "future": (
        f"from __future__ import annotations\n{SEED}",
        f"from __future__ import annotations\n{SEED}",
    ),
    "submodule": (
        net(
            "return torch.utils.checkpoint.checkpoint(x)",
            header="import torch.nn as nn\nimport torch.optim\nimport torch.utils.checkpoint\n",
        ),
        net(
            "return torch.utils.checkpoint.checkpoint(x)",
            header="import torch\nimport torch.nn as nn\nimport torch.utils.checkpoint\n\n\n",
        ),
    ),
    "training loop": (f"import os\nimport torch.optim as optim\n{SEED}\n\n{TRAINING}", SEED),
    "renamed": (RENAMED, SEED),
    "renamed with its uses": (
        net("return x", name="ResNet").replace("super()", "super(ResNet, self)")
        + "        # a ResNet\n\n    def make(self, ResNetX=1):\n"
        "        return ResNet, f'{ResNet}', self.ResNet, lambda ResNet=ResNet: ResNet\n",
        net("return x", header=TORCH).replace("super()", "super(Net, self)")
        + "        # a ResNet\n\n    def make(self, ResNetX=1):\n"
        "        return Net, f'{Net}', self.ResNet, lambda ResNet=Net: ResNet\n",
    ),
    "renamed but not where the name is local": (
        net("import math as A", "return A, x", header=TORCH, name="A")
        + "\n    def make(self, A):\n        return A, lambda: A\n"
        "\n    def cut(self, x):\n        def A():\n            return x\n\n"
        "        return A()\n",
        net("import math as A", "return A, x", header=TORCH)
        + "\n    def make(self, A):\n        return A, lambda: A\n"
        "\n    def cut(self, x):\n        def A():\n            return x\n\n"
        "        return A()\n",
    ),
    "helper class": (source(BLOCK, USES_BLOCK), source(BLOCK, USES_BLOCK)),
    "helper that is not used": (source(BLOCK, NET), SEED),
    "last one nobody uses": (
        source(BLOCK, USES_BLOCK.replace("Net(", "Wide(")),
        source(BLOCK, USES_BLOCK),
    ),
    "derived from Net": (
        source(NET, "class Better(Net):\n    def forward(self, x):\n        return x\n"),
        source(
            NET.replace("class Net", "class Net_"),
            "class Net(Net_):\n    def forward(self, x):\n        return x\n",
        ),
    ),
    "helper called Net": (
        source("def Net(x):\n    return x\n", net("return Net(x)", header="", name="Model")),
        source("def Net_(x):\n    return x\n", net("return Net_(x)", header="")).replace(
            "import torch.nn.functional as F\n", ""
        ),
    ),
    "Sequential": (SEQUENTIAL, TORCH + SEQUENTIAL),
    "constants": (
        "SIZES = [1, 2]\nWIDTH, DEPTH = 3, 4\nOTHER = 5\n" + net("return x * SIZES[0] * WIDTH"),
        net(
            "return x * SIZES[0] * WIDTH",
            header="import torch.nn as nn\n\n\nSIZES = [1, 2]\nWIDTH, DEPTH = 3, 4\n\n\n",
        ),
    ),
    "test code called like a local": (f"{SEED}\n\nx = open('y')\nx = Net()(x)\n", SEED),
    "defined twice": (source(OTHER, NET), SEED),
    "base defined again behind": (
        source(
            "class A(nn.Module):\n    x = 1\n",
            net("return x", header="", base="A"),
            "class A(nn.Module):\n    x = 2\n",
        ),
        source("class A(nn.Module):\n    x = 2\n", net("return x", header="", base="A")).replace(
            "import torch.nn.functional as F\n", ""
        ),
    ),
    "tabs": (SEED.replace("    ", "\t"), SEED),
    "tabs and spaces": (SEED.replace("        ", "\t    ", 1).replace("\t    ", "    \t"), SEED),
    "no-break spaces": (SEED.replace("    ", "\xa0\xa0\xa0\xa0"), SEED),
    "Windows lines": (SEED.replace("\n", "\r\n"), SEED),
    "old Mac lines": (SEED.replace("\n", "\r"), SEED),
    "byte order mark": ("\ufeff" + SEED, SEED),
    "null bytes": (SEED.replace("def", "\0def"), SEED),
    "surrogate": (f"\ud800\n{SEED}", SEED),
    "other script": (f"\u3053\u308c\n```python\n{SEED}```\n\u0414\u0430", SEED),
    "cut off in a later method": (
        f"```python\n{SEED}\n    def more(self, x):\n        return F.relu(",
        SEED,
    ),
    "cut off at a decorator": (f"{SEED}\n    @property\n    def size(", SEED),
    "cut off behind the class": (f"{SEED}\nif __name__ == '__main__':\n    print(Net(", SEED),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_network_is_found(name):
    text, expected = NETWORKS[name]
    assert outcome(text) == expected


REJECTIONS = {
    "empty": ("", Status.NO_CODE, "empty"),
    "blank": (" \n\t\n", Status.NO_CODE, "empty"),
    "apology": ("I'm sorry, I cannot do that.", Status.NO_CODE, "no class"),
    "only code around": ("```python\nprint(1)\n```", Status.NO_CODE, "no class"),
    "not a module": (
        "class Net:\n    def forward(self, x):\n        return x\n",
        Status.NO_CODE,
        "derive",
    ),
    "unknown base": (net("return x", base="Foo"), Status.NO_CODE, "derive"),
    "Lightning": (net("return x", base="pl.LightningModule"), Status.NO_CODE, "derive"),
    "derives from itself": (net("return x", base="Net"), Status.NO_CODE, "derive"),
    "no forward": ("class Net(nn.Module):\n    pass\n", Status.NO_CODE, "Net has no forward"),
    "keras": (
        "from tensorflow.keras import Model\nclass Net(Model):\n    pass\n",
        Status.NO_CODE,
        "tensorflow",
    ),
    "keras by path": ("class Net(tf.keras.Model):\n    pass\n", Status.NO_CODE, "tf.keras"),
    "cut off in forward": (SEED[: SEED.index("self.conv(x)")], Status.NO_CODE, "Net was cut off"),
    "cut off before the return": (SEED[: SEED.index("        return")], Status.NO_CODE, "cut off"),
    "cut off in the constructor": (SEED[: SEED.index("1, kernel")], Status.NO_CODE, "cut off"),
    "cut off in a method that is used": (
        SEED.replace("x.flatten(1)", "self.more(x)") + "\n    def more(self, x):\n        return (",
        Status.NO_CODE,
        "cut off",
    ),
    "cut off after the original": (
        f"```python\n{SEED}```\n```python\n{SEED[: SEED.index('self.conv(x)')]}",
        Status.NO_CODE,
        "Net was cut off",
    ),
    "syntax error": (SEED.replace("self.conv =", "self.conv = = 3"), Status.NO_CODE, "line 8"),
    "compiler's error": (
        net("return x").replace("self, x", "x, x"),
        Status.DOES_NOT_BUILD,
        "duplicate",
    ),
    "arguments": (
        net("return x", init=", width, depth=2, *, k"),
        Status.DOES_NOT_BUILD,
        "width, k",
    ),
    "inherited arguments": (
        net("return x", init=", width", name="Base") + "\nclass Net(Base):\n    pass\n",
        Status.DOES_NOT_BUILD,
        "width",
    ),
    "used import": (
        net("return os.getcwd()", header="import os\n"),
        Status.FORBIDDEN,
        r"import of os.*line 1",
    ),
    "import inside": (
        net("import subprocess", "return x"),
        Status.FORBIDDEN,
        r"subprocess.*line 10",
    ),
    "relative import": (net("return B(x)", header="from .b import B\n"), Status.FORBIDDEN, r"\.b"),
    "torchvision": (
        net("return tv(x)", header="import torchvision as tv\n"),
        Status.FORBIDDEN,
        "torchvision",
    ),
    "everything from torch": (
        net("return relu(x)", header="from torch import *\n"),
        Status.FORBIDDEN,
        "everything",
    ),
    "load": (net("return torch.load(x)"), Status.FORBIDDEN, r"torch\.load"),
    "load by another name": (
        net("return l(x)", header="from torch import load as l\n"),
        Status.FORBIDDEN,
        r"torch\.load",
    ),
    "hub": (net("return torch.hub.load('a', 'b')"), Status.FORBIDDEN, r"torch\.hub"),
    "extension": (
        net("return c(x)", header="from torch.utils.cpp_extension import load as c\n"),
        Status.FORBIDDEN,
        "cpp_extension",
    ),
    "private": (net("return torch._C"), Status.FORBIDDEN, r"torch\._C"),
    "module inside a module": (
        net("return random.os", header="import random\n"),
        Status.FORBIDDEN,
        r"random\.os",
    ),
    "numpy file": (
        net("return np.load(x)", header="import numpy as np\n"),
        Status.FORBIDDEN,
        r"numpy\.load",
    ),
    "dunder": (net("return x.__reduce__()"), Status.FORBIDDEN, "__reduce__"),
    "dunder name": (net("return __builtins__"), Status.FORBIDDEN, "__builtins__"),
    "getattr": (net("return getattr(x, name)"), Status.FORBIDDEN, "getattr"),
    "private getattr": (net("return getattr(x, '__class__')"), Status.FORBIDDEN, "getattr"),
    "setattr": (net("setattr(self, f'{x}a', 1)", "return x"), Status.FORBIDDEN, "setattr"),
    "forbidden in a fence": (
        f"text\n```python\n{net('return eval(x)')}```",
        Status.FORBIDDEN,
        "line 12",
    ),
    "too long": (net(f"return '{'x' * 64_000}'"), Status.OUTSIDE_LIMITS, "64,000"),
    "huge number": (net(f"return 0x{'f' * 5000}"), Status.NO_CODE, "cannot be read"),
    "behind the part looked at": ("x" * 200_000 + "\n" + SEED, Status.NO_CODE, "no class"),
}


@pytest.mark.parametrize("name", REJECTIONS)
def test_rejection_says_why(name):
    text, status, reason = REJECTIONS[name]
    found = parse(text)
    assert isinstance(found, Rejection), found
    assert found.status is status
    assert re.search(reason, found.reason), found.reason


@pytest.mark.parametrize(
    "name",
    [
        "eval",
        "exec",
        "compile",
        "open",
        "__import__",
        "globals",
        "locals",
        "vars",
        "input",
        "breakpoint",
    ],
)
def test_builtin_is_forbidden_wherever_it_is_needed(name):
    for text in (
        net(f"return {name}(x)"),
        net("return f(x)") + f"\ndef f(x):\n    return {name}(x)\n",
        net("return X") + f"\nX = {name}('1')\n",
    ):
        found = parse(text)
        assert isinstance(found, Rejection)
        assert found.status is Status.FORBIDDEN
        assert name in found.reason


@pytest.mark.parametrize(
    "line",
    [
        "return getattr(self, 'conv')(x)",
        "return getattr(self, f'conv{x}')(x)",
        "return getattr(self, 'conv' + str(x))(x)",
        "return self.__class__.__name__",
        "return nn.init._calculate_fan_in_and_fan_out(x)",
        "return torch.utils.checkpoint.checkpoint(self.f, x)",
        "return self.modules(), self.compile, x.load",
    ],
)
def test_ordinary_code_is_allowed(line):
    assert isinstance(parse(net(line)), Genome)


SAME = {
    "spacing": SEED.replace(", ", ",")
    .replace(" = ", "=")
    .replace("\n\n    def", "\n\n\n\n    def"),
    "comments": SEED.replace("(1)\n", "(1)  # flat\n").replace(
        "        x = F", "        # relu\n        x = F"
    ),
    "docstrings": SEED.replace("        x = F", '        """Forward."""\n        x = F').replace(
        "    def __init__", "    'A net.'\n\n    def __init__"
    ),
    "unused imports": "import os\nimport torch\nfrom torch import optim\n" + SEED,
    "order of imports": "import torch.nn.functional as F\nimport torch.nn as nn\n" + NET,
    "future": "from __future__ import annotations\n" + SEED,
    "imports of members": "from torch import nn\nfrom torch.nn import functional as F\n" + NET,
    "super with arguments": SEED.replace("super()", "super(Net, self)"),
    "name": RENAMED,
    "name in super": RENAMED.replace("super()", "super(Model, self)"),
    "parentheses": SEED.replace("return self.fc(x)", "return (self.fc(x))"),
    "line breaks": SEED.replace("(1, 1, ", "(\n            1,\n            1,\n            "),
}


@pytest.mark.parametrize("name", SAME)
def test_same_network(name):
    assert parse(SAME[name]).sha256 == parse(SEED).sha256


def test_quotes_make_no_difference():
    single, double = (parse(net(f"return {quote}a{quote}")) for quote in "'\"")
    assert single.sha256 == double.sha256
    assert single.source != double.source


DIFFERENT = {
    "a number": SEED.replace("1024", "1025"),
    "an attribute": SEED.replace("self.fc", "self.out"),
    "a helper": source(BLOCK, USES_BLOCK),
    "what a name means": SEED.replace("torch.nn.functional as F", "torch.nn.init as F"),
    "order of statements": SEED.replace(
        "        x = F.relu(self.conv(x))\n        x = x.flatten(1)\n",
        "        x = x.flatten(1)\n        x = F.relu(self.conv(x))\n",
    ),
    "super of another class": SEED.replace("super()", "super(nn.Module, self)"),
}


def test_different_networks():
    found = {parse(text).sha256 for text in [SEED, *DIFFERENT.values()]}
    assert len(found) == len(DIFFERENT) + 1


def test_identity_is_stable():
    assert parse(seed_source((1, 8, 8), 10)).sha256 == (
        "77023be644bd50d61a5c04b20e6171da52e82791e6da1524dc7d4021475b2eca"
    )


@given(st.tuples(*[st.integers(1, 4096)] * 3), st.integers(1, 1000))
def test_seed_is_its_own_source(shape, classes):
    seed = seed_source(shape, classes)
    assert parse(seed).source == seed
    assert f"nn.Conv2d({shape[0]}, 1" in seed
    assert f"nn.Linear({shape[1] * shape[2]}, {classes})" in seed


def defines_only(text):
    tree = ast.parse(text)
    allowed = (
        ast.Import
        | ast.ImportFrom
        | ast.ClassDef
        | ast.FunctionDef
        | ast.Assign
        | ast.AnnAssign
        | ast.If
    )
    return all(isinstance(node, allowed) for node in tree.body) and tree.body[-1].name == CLASS_NAME


names = st.sampled_from(["Net", "Block", "f", "A", "Model", "x", "F", "nn", "Net_", "WIDTH"])
statements = st.one_of(
    st.sampled_from(
        [HEADER, "import torch", "import os", "from torch import *", NET, BLOCK, USES_BLOCK]
    ),
    st.sampled_from(
        [TRAINING, "# comment", "'text'", "x = 1; y = x", "print(1)", "from . import f"]
    ),
    st.builds("{} = {}".format, names, names),
    st.builds("def {}({}):\n    return {}({})".format, names, names, names, names),
    st.builds("class {}({}):\n    w = {}".format, names, names, names),
    st.builds(
        "class {}({}):\n    def forward(self, {}):\n        return f'{{{}}}', {}".format,
        names,
        st.sampled_from(["nn.Module", "Net", "Block", "A"]),
        names,
        names,
        names,
    ),
    st.builds("import torch.nn as {}".format, names),
    st.builds("from torch import relu as {}".format, names),
)
texts = st.lists(
    st.sampled_from(["```python", "```", "Here it is:"]) | statements, max_size=12
).map("\n".join)


@settings(max_examples=500)
@given(texts | st.lists(statements, max_size=12).map(lambda parts: "\n".join([*parts, NET])))
def test_parsing_a_source_gives_the_same_genome(text):
    found = parse(text)
    if isinstance(found, Genome):
        assert parse(found.source) == found
        assert defines_only(found.source)


@settings(max_examples=300)
@given(st.text() | st.text(alphabet="`~\n \t():=\"'#@\\classdefimport", max_size=300))
def test_any_text_has_an_outcome(text):
    assert isinstance(parse(text), Genome | Rejection)


DEEP = {
    "brackets": net(f"return {'(' * 5_000}"),
    "closed brackets": net(f"return {'(' * 150}x{')' * 150}"),
    "minus": net(f"return {'-' * 20_000}x"),
    "sum": net(f"return {'x + ' * 10_000}x"),
    "attributes": net(f"return x{'.a' * 20_000}"),
    "calls": net(f"return x{'()' * 20_000}"),
    "indentation": net(*("  " * n + "if x:" for n in range(99))),
    "lambda": net(f"return {'lambda: ' * 3_000}x"),
    "chain of bases": "".join(f"class A{n + 1}(A{n}):\n    w = A{n}\n" for n in range(2_000))
    + SEED,
    "chain of constants": "".join(f"a{n} = a{n + 1}\n" for n in range(4_000)) + net("return a0"),
    "ring of constants": "".join(f"a{n} = a{n + 1}\n" for n in range(3_000))
    + "a3000 = a0\n"
    + net("return a0"),
    "many classes": "".join(
        f"class A{n}(nn.Module):\n    def forward(self, x):\n        return x\n"
        for n in range(1_500)
    ),
    "open brackets": "x = (\n" * 16_000 + SEED,
    "broken classes": "class A(nn.Module:\n" * 5_000,
    "broken members": "class Net(nn.Module):\n" + "    def f(self):\n        (\n" * 4_000,
    "open fences": "```python\n" * 10_000 + SEED,
    "one long line": "x = 1; " * 14_000,
    "one long line in another script": "é = 1; " * 14_000,
    "spaces": " " * 100_000 + "\n" + SEED,
    "indented lines": "    x\n" * 15_000,
    "backticks": "`" * 100_000,
    "names": "a, " * 30_000,
    "prompts": ">>> (\n" * 15_000,
    "decorators": "@a\n" * 30_000 + "class Net(",
    "imports": "".join(f"import a{n}.b.c\n" for n in range(6_000)) + SEED,
}


@pytest.mark.parametrize("name", DEEP)
def test_large_and_deep_texts_take_little_time(name):
    started = time.process_time()
    assert isinstance(parse(DEEP[name]), Genome | Rejection)
    assert time.process_time() - started < 1.5


def test_an_ordinary_network_takes_milliseconds():
    times = []
    for _ in range(50):
        started = time.process_time()
        parse(SEED)
        times.append(time.process_time() - started)
    assert sorted(times)[25] < 0.01


def test_invalid_escapes_do_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(parse(net(r"return '\d' is x")), Genome)


def test_nothing_is_executed(tmp_path, monkeypatch):
    monkeypatch.setattr(builtins, "exec", lambda *_: pytest.fail("executed"))
    marker = tmp_path / "executed"
    parse(f"open({str(marker)!r}, 'w')\nX = open({str(marker)!r}, 'w')\n{net('return X')}")
    assert not marker.exists()


def test_recursion_limit_is_left_alone():
    before = sys.getrecursionlimit()
    for text in DEEP.values():
        parse(text)
    assert sys.getrecursionlimit() == before
