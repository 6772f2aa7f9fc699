"""Hostile networks: one property each, with how it has to end.

Each tries its trick unguarded: where the trick succeeds the network goes on to train
like an honest one, and its status shows it. Tricks are harmless where they succeed:
they touch nothing but the folder of the test, and signal nobody but their parent.
"""

import textwrap
from dataclasses import dataclass
from pathlib import Path

from sklearn import datasets

from llmatic.records import Status

NETWORK = """
{top}
import torch
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 1, kernel_size=1)
        self.fc = nn.Linear(64, 10)
{init}

    def forward(self, x):
{forward}
        x = F.relu(self.conv(x))
        x = x.flatten(1)
        return self.fc(x)

{methods}
"""

LIBC = "import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\n"
CHECK = """
def check(result):
    if result == -1:
        raise OSError(ctypes.get_errno(), "denied")
"""
CHANNEL = """
import json, os, struct
def channel():
    for descriptor in range(3, 256):
        try:
            os.fstat(descriptor)
        except OSError:
            continue
        return descriptor
def frame(body=b"", **header):
    text = json.dumps(header).encode()
    return struct.pack(">II", len(text), len(body)) + text + body
"""
FRAMES = """
import sys
def everything_in_frames():
    frame = sys._getframe()
    while frame:
        yield from list(frame.f_locals.items()) + list(frame.f_globals.items())
        frame = frame.f_back
"""


@dataclass(frozen=True)
class Hostile:
    """One hostile network.

    Attributes:
        source: What it is; ``@name@`` stands for a path of the test's.
        ends: How it may end.
        says: A pattern in its error.
        like_honest: Whether it measures what the honest network does, its trick being void.
    """

    source: str
    ends: tuple[Status, ...]
    says: str = ""
    like_honest: bool = False


def network(top="", init="", forward="", methods=""):
    return NETWORK.format(
        top=textwrap.dedent(top),
        init=textwrap.indent(textwrap.dedent(init), " " * 8),
        forward=textwrap.indent(textwrap.dedent(forward), " " * 8),
        methods=textwrap.indent(textwrap.dedent(methods), " " * 4),
    )


HONEST = network()


def times_out(**parts):
    return Hostile(network(**parts), (Status.TIMED_OUT,), "not finished after")


def forbidden(says="", **parts):
    return Hostile(network(**parts), (Status.FORBIDDEN,), says)


def out_of_memory(**parts):
    return Hostile(network(**parts), (Status.OUT_OF_MEMORY,))


def crashes(says="", **parts):
    return Hostile(network(**parts), (Status.CRASHED,), says)


def does_not_build(says="", **parts):
    return Hostile(network(**parts), (Status.DOES_NOT_BUILD,), says)


def outside_limits(says="", **parts):
    return Hostile(network(**parts), (Status.OUTSIDE_LIMITS,), says)


def void(*also, **parts):
    """It trains as if it had not tried, or is stopped."""
    return Hostile(network(**parts), (Status.OK, *also), like_honest=True)


ENDLESS = {
    "loop in __init__": times_out(init="while True: pass"),
    "loop in forward": times_out(forward="while x is not None: pass"),
    "loop in a backward hook": times_out(
        init="""
        def hook(*_):
            while True: pass
        self.fc.weight.register_hook(hook)
        """
    ),
    "loop on import": times_out(top="while True: pass"),
    "loop in __del__": times_out(methods="def __del__(self):\n    while True: pass"),
    "sleep": times_out(top="import time\ntime.sleep(1000)"),
}
MEMORY = {
    "bytes": out_of_memory(top="kept = [bytearray(10**7) for _ in range(1000)]"),
    "one tensor": out_of_memory(top="import torch\nkept = torch.ones(10**9)"),
    "shared mapping": forbidden(
        top="""
        import mmap
        kept = []
        while True:
            kept.append(mmap.mmap(-1, 10**7))
            kept[-1].write(b"x" * 10**7)
            kept[-1].madvise(mmap.MADV_DONTNEED)
        """
    ),
    "a mapping that grows": forbidden(
        top="""
        import mmap
        mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x100)
        """
    ),
    "page tables": out_of_memory(
        top="""
        import mmap
        kept = []
        while True:
            kept.append(mmap.mmap(-1, 2**32, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ))
            for place in range(0, 2**32, 2**21):
                kept[-1][place]
        """
    ),
    "tensors in forward": out_of_memory(
        init="self.kept = []", forward="while True: self.kept.append(torch.randn(10**6))"
    ),
}
PROCESSES = {
    "fork bomb": forbidden("fork", top="import os\nwhile True: os.fork()"),
    "vfork": forbidden(top=f"{LIBC}{CHECK}check(libc.vfork())"),
    "clone3": forbidden(
        top=f"{LIBC}{CHECK}check(libc.syscall(435, (ctypes.c_uint64 * 11)(), ctypes.c_size_t(88)))"
    ),
    "subprocess": forbidden(top="import subprocess\nsubprocess.run(['/bin/true'])"),
    "posix_spawn": forbidden(top="import os\nos.posix_spawn('/bin/true', ['true'], {})"),
    "exec": forbidden(top="import os\nos.execv('/bin/true', ['true'])"),
    "shell": does_not_build(
        "RuntimeError: there is no shell",
        top="import os\nif os.system('true') != 0: raise RuntimeError('there is no shell')",
    ),
    "multiprocessing": forbidden(
        top="import multiprocessing\nmultiprocessing.get_context('fork').Process().start()"
    ),
    "thread bomb": forbidden(
        "thread",
        top="""
        import threading, time
        while True:
            threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
        """,
    ),
    "new session": forbidden(top="import os\nos.setsid()"),
    "daemon by double fork": forbidden(
        top="""
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(1000)
            os._exit(0)
        """
    ),
}
FILES = {
    "reads a home": forbidden(top="open('@home@').read()"),
    "reads /etc/shadow": forbidden("shadow", top="open('/etc/shadow').read()"),
    "reads the repository": forbidden(top="open('@repository@/pyproject.toml').read()"),
    "lists the repository": void(
        Status.FORBIDDEN,
        top="""
        import os
        assert "pyproject.toml" not in os.listdir("@repository@")
        """,
    ),
    "reads mlruns": forbidden(top="open('@folder@/mlruns/mlflow.db').read()"),
    "finds what others are given": void(
        Status.FORBIDDEN,
        top="""
        import os
        assert all(name.endswith(".npy") for name in os.listdir("@data@"))
        """,
    ),
    "reads labels that are installed": forbidden(
        top=f"open({str(Path(datasets.__file__).parent / 'data' / 'digits.csv.gz')!r}, 'rb').read()"
    ),
    "fills the disk": forbidden(
        top="""
        with open("filler", "wb") as file:
            while True: file.write(bytes(10**7))
        """
    ),
    "fills shared memory": forbidden(top="open('/dev/shm/filler', 'wb').write(bytes(10**7))"),
    "memory as a file": forbidden(top="import os\nos.memfd_create('x')"),
    "makes folders": forbidden(top="import os\nwhile True: os.mkdir(os.urandom(8).hex())"),
    "writes into a test's folder": forbidden(top="open('@folder@/written', 'w')"),
    "writes into a package": forbidden(
        top="import torch\nopen(torch.__file__, 'a').write('# changed')"
    ),
    "truncates by opening to read": forbidden(
        top="""
        import os
        os.open("@folder@/mlruns/mlflow.db", os.O_RDONLY | os.O_TRUNC)
        """
    ),
    "changes permissions": forbidden(top="import os\nos.chmod('@folder@/mlruns/mlflow.db', 0)"),
    "changes times": forbidden(top="import os\nos.utime('@folder@/mlruns/mlflow.db', (0, 0))"),
    "removes": forbidden(top="import os\nos.unlink('@folder@/mlruns/mlflow.db')"),
    "symbolic link": forbidden(top="import os\nos.symlink('@home@', 'link')\nopen('link').read()"),
    "hard link": forbidden(top="import os\nos.link('@home@', 'link')"),
    "a way round by /proc": forbidden(top="open('/proc/self/root/etc/shadow').read()"),
}
NETWORK_ACCESS = {
    "TCP": forbidden(top="import socket\nsocket.create_connection(('127.0.0.1', 22), timeout=1)"),
    "UDP": forbidden(
        top="""
        import socket
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 53))
        """
    ),
    "Unix socket": forbidden(top="import socket\nsocket.socket(socket.AF_UNIX)"),
    "abstract socket": forbidden(
        top="import socket\nsocket.socket(socket.AF_UNIX).connect(chr(0) + 'x')"
    ),
    "DNS": forbidden(top="import socket\nsocket.getaddrinfo('example.com', 80)"),
    "netlink": forbidden(top="import socket\nsocket.socket(socket.AF_NETLINK, socket.SOCK_RAW)"),
    "download": forbidden(
        top="""
        import torch
        torch.hub.load_state_dict_from_url("http://127.0.0.1/x", model_dir=".")
        """
    ),
    "x32": forbidden("system call", top=f"{LIBC}libc.syscall(0x40000000 | 41, 2, 1, 0)"),
    "io_uring": forbidden(top=f"{LIBC}{CHECK}check(libc.syscall(425, 8, (ctypes.c_char * 120)()))"),
}
OTHERS = {
    "environment": void(
        top="""
        import os
        assert "hunter2" not in str(dict(os.environ))
        """
    ),
    "environment in /proc": void(
        top="""
        import os
        for who in ("self", 1, os.getppid(), @controller@):
            try:
                given = open(f"/proc/{who}/environ", "rb").read()
            except OSError:
                continue
            assert b"hunter2" not in given, who
        """
    ),
    "command lines of others": void(
        top="""
        import os
        for who in (1, os.getppid(), @controller@):
            try:
                line = open(f"/proc/{who}/cmdline", "rb").read()
            except OSError:
                continue
            assert b"pytest" not in line, who
        """,
    ),
    "kills its parent": forbidden(top="import os\nos.kill(os.getppid(), 9)"),
    "has a pipe kill its parent": forbidden(
        top="""
        import fcntl, os
        reading, writing = os.pipe()
        fcntl.fcntl(reading, fcntl.F_SETSIG, 9)
        fcntl.fcntl(reading, fcntl.F_SETOWN, os.getppid())
        fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC)
        os.write(writing, b"x")
        """
    ),
    "has a pipe own its parent": forbidden(
        top="""
        import fcntl, os
        fcntl.fcntl(os.pipe()[0], fcntl.F_SETOWN, os.getppid())
        """
    ),
    "has a pipe send signals": forbidden(
        top="""
        import fcntl, os
        fcntl.fcntl(os.pipe()[0], fcntl.F_SETFL, os.O_ASYNC)
        """
    ),
    "has a pipe send signals, by ioctl": forbidden(
        top="""
        import fcntl, os, struct
        fcntl.ioctl(os.pipe()[0], 0x5452, struct.pack("i", 1))
        """
    ),
    "signals everybody": forbidden(top="import os\nos.kill(-1, 0)"),
    "signals its siblings": forbidden(top="import os\nos.killpg(0, 0)"),
    "kills by descriptor": forbidden(top="import os\nos.pidfd_open(os.getppid())"),
    "traces its parent": forbidden(
        top=f"{LIBC}{CHECK}check(libc.ptrace(16, os.getppid(), None, None))"
    ),
    "reads its parent's memory": forbidden(
        top="import os\nopen(f'/proc/{os.getppid()}/mem', 'rb')"
    ),
    "copies its parent's memory": forbidden(
        top=f"{LIBC}{CHECK}check(libc.process_vm_readv(os.getppid(), None, 0, None, 0, 0))"
    ),
    "outlives its parent": forbidden(top=f"{LIBC}{CHECK}check(libc.prctl(1, 0, 0, 0, 0))"),
    "raises its limits": does_not_build(
        "limit|permitted",
        top="import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (2**30, 2**30))",
    ),
    "slows its parent": forbidden(
        top="import os\nos.setpriority(os.PRIO_PROCESS, os.getppid(), 19)"
    ),
    "mounts": forbidden(
        top=f"{LIBC}{CHECK}check(libc.mount(b'x', b'/nowhere', b'tmpfs', 0, None))"
    ),
    "user namespace": forbidden(top=f"{LIBC}{CHECK}check(libc.unshare(0x10000000))"),
    "keyring": forbidden(top=f"{LIBC}{CHECK}check(libc.syscall(250, 0, -3, 0))"),
}
PATCHES = {
    "a loss of nothing": Hostile(
        network(top="import torch\ntorch.nn.functional.cross_entropy = lambda *_: torch.zeros(1)"),
        (Status.CRASHED,),
        "RuntimeError",
    ),
    "no training": Hostile(
        network(
            top="""
            import lightning.pytorch
            lightning.pytorch.Trainer.fit = lambda *_: None
            """
        ),
        (Status.FORBIDDEN,),
        "a message of kind 'done' at this place",
    ),
    "time": void(
        top="import time\ntime.monotonic = time.perf_counter = time.time = lambda: 0.0",
        forward="time.sleep(0.01)",  # so that its process takes most of the time
    ),
    "random": void(
        top="import random\nrandom.seed = random.random = lambda *_: 0",
    ),
    "modules": void(
        Status.CRASHED,
        top="""
        import sys
        for name in ("llmatic.evaluate.candidate", "lightning.pytorch", "json"):
            sys.modules[name] = None
        """,
    ),
    "atexit": void(top="import atexit, os\natexit.register(os.abort)"),
    "the class of modules": Hostile(
        network(top="import torch.nn\ntorch.nn.Module.parameters = lambda *_: iter(())"),
        (Status.OK,),
        like_honest=True,
    ),
    "how FLOPs are counted": void(
        top="from torch.utils.flop_counter import flop_registry\nflop_registry.clear()"
    ),
    "how things are written": void(top="import json\njson.dumps = lambda *_: '{}'"),
    "how pipes are written": void(top="import os\nos.write = lambda *_: 1 / 0"),
    "how networks are measured": does_not_build(
        "KeyError",
        top="""
        import sys
        candidate = sys.modules["llmatic.evaluate.candidate"]
        candidate.measure = None
        """,
    ),
    "how networks are measured, by the main module": does_not_build(
        "AttributeError", top="import __main__\n__main__.candidate.measure = None"
    ),
}
MESSAGES = {
    "forged": forbidden(
        "messages of its own",
        top=f"{CHANNEL}os.write(channel(), frame(kind='done', params=1, flops=1))",
    ),
    "forged with a token": forbidden(
        "not of this training",
        top=f"{CHANNEL}os.write(channel(), frame(kind='built', token='0' * 32, flops=1))",
    ),
    "forged end": forbidden(
        "messages of its own", top=f"{CHANNEL}os.write(channel(), frame(kind='end', how='exit'))"
    ),
    "truncated": crashes(
        "ended before it was trained",
        top=f"{CHANNEL}os.write(channel(), frame(b'x' * 100, kind='epoch')[:50])\nos._exit(0)",
    ),
    "oversized": forbidden(
        "is announced", top=f"{CHANNEL}os.write(channel(), struct.pack('>II', 2**31, 2**31))"
    ),
    "no JSON": forbidden(
        "not JSON", top=f"{CHANNEL}os.write(channel(), struct.pack('>II', 4, 0) + b'haha')"
    ),
    "deep JSON": forbidden(
        "not JSON", top=f"{CHANNEL}os.write(channel(), struct.pack('>II', 3500, 0) + b'[' * 3500)"
    ),
    "interleaved": forbidden(
        top=CHANNEL, forward="if self.training: os.write(channel(), b'x' * 7)"
    ),
    "replayed": forbidden(
        "at this place",
        top=f"""{FRAMES}
send = next(value for name, value in everything_in_frames() if name == "send")
for _ in range(2):
    figures = dict(flops=1, params=1, width=1, depth=1, counted=1, counted_more=1)
    send({{"kind": "built", **figures}}, b"")
""",
    ),
    "flood": forbidden(
        "bytes were sent|is announced|not JSON|at this place|lacks or garbles",
        top=f"{CHANNEL}\nwhile True: os.write(channel(), frame(b'x' * 2000, kind='epoch'))",
    ),
    "drip": times_out(
        top=f"""{CHANNEL}
import time
os.write(channel(), struct.pack(">II", 2000, 0))
while True:
    os.write(channel(), b"x")
    time.sleep(0.1)
"""
    ),
    "closed pipe": crashes("exit status 1", top="import os\nos.closerange(3, 256)"),
    "says it timed out": forbidden(
        top=f"{CHANNEL}os.write(channel(), frame(kind='failed', status='TIMED_OUT', error=''))"
    ),
}
SEARCH = """
        import gc, numpy, torch
        gc.unfreeze()
        wanted = bytes.fromhex("{labels}")
        kinds = (torch.Tensor, numpy.ndarray, bytes)
        owners = [x for x in gc.get_objects() if type(x) in (dict, list, torch.Tensor)]
        for each in [x for x in [*owners, *gc.get_referents(*owners)] if type(x) in kinds]:
            if getattr(each, "is_meta", False):
                continue
            if type(each) is bytes:
                assert wanted not in each or each == wanted
            elif each.ndim == 1 and numpy.asarray(each).dtype.kind in "iuf":
                assert wanted not in numpy.asarray(each).astype("u1").tobytes()
        del owners
        gc.freeze()
        """
LABELS = {
    "of validation in the garbage collector": void(top=SEARCH.format(labels="@val_labels@")),
    "of test in the garbage collector": void(top=SEARCH.format(labels="@test_labels@")),
    "of training, which are there": does_not_build(
        "AssertionError", top=SEARCH.format(labels="@train_labels@")
    ),
    "in frames": void(
        top=f"""{FRAMES}
import numpy, torch
wanted = bytes.fromhex("@val_labels@")
for name, value in everything_in_frames():
    if type(value) in (torch.Tensor, numpy.ndarray):
        assert wanted not in numpy.asarray(value).astype("u1").tobytes(), name
"""
    ),
    "training labels, which are in frames": does_not_build(
        "AssertionError: images",
        top=f"""{FRAMES}
import numpy
wanted = bytes.fromhex("@train_labels@")
for name, value in everything_in_frames():
    if name == "images":
        assert wanted not in numpy.asarray(value.train_labels).astype("u1").tobytes(), name
""",
    ),
    "the candidate before": void(
        top=f"""{FRAMES}
trace = "".join(reversed("@trace@"))
for name, value in everything_in_frames():
    assert name in ("trace", "value") or trace not in repr(value)[:10**6], name
"""
    ),
    "this candidate, which is there": does_not_build(
        "AssertionError",
        top="""
        import gc
        owners = [x for x in gc.get_objects() if type(x) in (dict, list)]
        for each in [x for x in gc.get_referents(*owners) if type(x) is str]:
            assert "which is" + " there" not in each
        "which is there"
        """,
    ),
}
ENDS = {
    "sys.exit": crashes("SystemExit: 0", top="import sys\nsys.exit(0)"),
    "os._exit": crashes("exit status 0", top="import os\nos._exit(0)"),
    "os._exit in training": crashes(
        "exit status 7", top="import os", forward="if len(x) == 64: os._exit(7)"
    ),
    "abort": crashes("SIGABRT", top="import os\nos.abort()"),
    "segmentation fault": crashes("SIGSEGV", top="import ctypes\nctypes.string_at(0)"),
    "stack overflow": crashes(
        "SIGSEGV",
        top="""
        import sys
        sys.setrecursionlimit(10**9)
        class Deep:
            def __getattr__(self, name): return getattr(self, name)
        Deep().x
        """,
    ),
    "recursion": does_not_build("RecursionError", top="def f(): f()\nf()"),
    "interrupt": crashes("KeyboardInterrupt", top="raise KeyboardInterrupt"),
    "kills itself": forbidden(top="import os\nos.kill(os.getpid(), 9)"),
    "an error that lies": does_not_build(
        r"^Evil: \[2Jgone x\.py \(line",
        top="""
        class Evil(Exception):
            def __str__(self): return "\\033[2Jgone\\n/root/secret/x.py"
        raise Evil
        """,
    ),
}
LIES = {
    "parameters()": void(methods="def parameters(self, recurse=True): return iter(())"),
    "more parameters()": void(
        methods="""
        def parameters(self, recurse=True):
            hidden = self.__dict__.setdefault("hidden", nn.Parameter(torch.zeros(10**6)))
            return iter([hidden])
        """
    ),
    "modules()": void(methods="def named_modules(self, *_, **__): return iter(())"),
    "__len__": void(methods="def __len__(self): return 0"),
    "__class__": void(methods="@property\ndef __class__(self): return nn.Identity"),
    "no module at all": does_not_build(
        "is not an nn.Module",
        top="""
        class Pretender:
            @property
            def __class__(self): return nn.Module
            def __call__(self, x): return torch.zeros(len(x), 10)
        """,
        methods="def __new__(cls): return Pretender()",
    ),
    "numel()": void(
        init="""
        class Small(nn.Parameter):
            def numel(self): return 1
            @classmethod
            def __torch_function__(cls, function, types, args=(), kwargs=None):
                if function is torch.Tensor.numel: return 1
                return super().__torch_function__(function, types, args, kwargs or {})
        self.fc.weight = Small(self.fc.weight.data)
        """
    ),
    "cheap when measured": forbidden(
        "FLOPs when it predicts 512 images",
        forward="""
        if len(x) > 64:
            big = torch.ones(300, 300)
            for _ in range(50): big = big @ big / 300
            x = x + 0 * big.sum()
        """,
    ),
    "grows as it trains": forbidden(
        "has 1001652 parameters in the end, had 652",
        init="self.calls = 0",
        forward="""
        self.calls += 1
        if self.calls == 12: self.more = nn.Linear(1000, 1000)
        """,
    ),
    "one class too many": Hostile(
        network().replace("return self.fc(x)", "return F.pad(self.fc(x), (0, len(x) > 64))"),
        (Status.FORBIDDEN, Status.WRONG_SHAPE),
    ),
    "dear when measured": Hostile(
        network(
            init="self.more = nn.ModuleList(nn.Linear(64, 64) for _ in range(100))",
            forward="""
            if len(x) == 1 and not self.training:
                for layer in self.more: x = layer(x.flatten(1)).view_as(x)
            """,
        ),
        (Status.WRONG_SHAPE,),
        "not treated alike",
    ),
    "attention that is not counted": forbidden(
        "is switched on while it is measured",
        init="self.more = nn.MultiheadAttention(8, 2, batch_first=True)",
        forward="""
        torch.backends.mha.set_fastpath_enabled(True)
        rows = x[:, 0]
        x = x + self.more(rows, rows, rows)[0][:, None]
        """,
    ),
    "dear when few": forbidden(
        "when it predicts",
        init="self.more = nn.ModuleList(nn.Linear(64, 64) for _ in range(100))",
        forward="""
        if len(x) < 4 and not self.training:
            for layer in self.more: x = layer(x.flatten(1)).view_as(x)
        """,
    ),
    "wide when measured": Hostile(
        network(
            init="self.more = nn.Embedding(9, 500)",
            forward="if len(x) == 1: self.more(torch.zeros(1, dtype=torch.long))",
        ),
        (Status.WRONG_SHAPE,),
        "the width of the network is 10 or 500",
    ),
    "wide when few": forbidden(
        "is 10 wide when it predicts, 500 when it is measured",
        init="self.more = nn.Embedding(9, 500)",
        forward="if len(x) < 4: self.more(torch.zeros(1, dtype=torch.long))",
    ),
    "a layer that says it is a million": void(
        top="""
        import torch.nn as nn
        class Many(nn.ReLU):
            num_layers, batch_first = 10**6, True
            @property
            def __class__(self): return nn.RNN
        """,
        init="self.relu = Many()",
        forward="self.relu(x)",
    ),
}
SIZES = {
    "10 million parameters": outside_limits(
        "10,00.* params; evaluator.max_params", init="self.big = nn.Linear(3162, 3162)"
    ),
    "more than there is memory": outside_limits(
        "evaluator.max_params", init="self.big = nn.Linear(10**6, 10**6)"
    ),
    "too many FLOPs": outside_limits(
        "evaluator.max_flops",
        init="self.big = nn.Conv2d(1, 2000, 5, padding=2)",
        forward="x = self.big(x.repeat(1, 1, 20, 20)).mean(1, keepdim=True)[..., :8, :8]",
    ),
    "too many activations": outside_limits(
        "MB to train; evaluator.memory_mb",
        forward="x = self.conv(x).repeat(1, 9000, 1, 1).sigmoid().tanh().mean(1, keepdim=True)",
    ),
    "one large activation": outside_limits(
        "MB to train; evaluator.memory_mb", forward="x = x.repeat(1, 90000, 1, 1)[:, :1]"
    ),
    "no parameters": does_not_build(
        "no trainable parameters",
        top="import torch.nn as nn\nclass Flat(nn.Module): pass",
        methods="def __new__(cls): return Flat()",
    ),
}
SOURCES = {
    "unicode": Hostile(
        network(init="self.ﬁxeď = '\\u202e٣😀'").replace("Net(nn", "Net(nn"),
        (Status.OK,),
        like_honest=True,
    ),
    "a null byte": Hostile(HONEST + "\0", (Status.DOES_NOT_BUILD,), "null"),
    "half a character": Hostile(HONEST + "# \ud800", (Status.DOES_NOT_BUILD,), "surrogate"),
    "1 MB": Hostile(HONEST + "# long\n" * 150_000, (Status.OK,), like_honest=True),
    "1 MB in one expression": Hostile(
        HONEST + "x = " + "-" * 10**6 + "1",
        (Status.DOES_NOT_BUILD, Status.OUT_OF_MEMORY, Status.CRASHED),
    ),
    "nested too deep": Hostile(
        HONEST + "(" * 1000 + ")" * 1000, (Status.DOES_NOT_BUILD,), "nested"
    ),
    "empty": Hostile("", (Status.DOES_NOT_BUILD,), "Net"),
}

KEPT_OUT = ("memory", "processes", "files", "network", "others", "labels")
"""Kinds that are a matter of the mechanism; the others end by what watches and what checks."""
HOSTILE = {
    f"{kind}: {name}": hostile
    for kind, collection in {
        "endless": ENDLESS,
        "memory": MEMORY,
        "processes": PROCESSES,
        "files": FILES,
        "network": NETWORK_ACCESS,
        "others": OTHERS,
        "patches": PATCHES,
        "messages": MESSAGES,
        "labels": LABELS,
        "ends": ENDS,
        "lies": LIES,
        "sizes": SIZES,
        "sources": SOURCES,
    }.items()
    for name, hostile in collection.items()
}
