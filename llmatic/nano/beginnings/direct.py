"""Networks that are written directly, in one class.

Steps with names of their own, skips, pyramids, patches, poolings and gates of many kinds.
Names and ways of writing differ a lot, so that nothing can be learnt from them. Knows nothing
of requests.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from llmatic.nano.beginnings.draft import HIDDEN, WIDTHS, Draft

__all__ = ["KINDS"]

FIRST = "cnn stem conv_in front enc body filters cnn_a block_a k1 layer_a conv0 feat c1 local w_in"
NEXT = "mix mid conv_b cnn_b deeper k2 refine second c2 layer2 trunk inner conv_mid core c3 w_mid"
LAST = "head out fc lin_out classifier logits final dense proj readout output clf top score fc_out"
DENSE = "lin_in l1 fc_in dense_a embed proj_in hidden_fc linear1 squeeze_in l2 l3 fc_a fc_b lin_mid"
STEPS = "x h out y z t feat a u v net hid e s p maps o"
SIZES = "hidden width ch dim n_filters c d size units planes nf num_hidden wide features m"


def _one(draft: Draft, *ways: str) -> str:
    return draft.rng.choice(ways)


def _made(draft: Draft, names: str, made: str) -> str:
    taken = {each.split(" = ")[0] for each in draft.layers}
    name = draft.rng.choice([each for each in names.split() if f"self.{each}" not in taken])
    draft.layers.append(f"self.{name} = {made}")
    return f"self.{name}"


def _size(draft: Draft, value: int) -> str:
    name = draft.rng.choice(SIZES.split())
    if draft.likely(0.6):
        return str(value)
    draft.layers.append(f"{name} = {value}")
    return name


def _set(draft: Draft, made: str, *kept: str) -> str:
    """A line of `forward` that gives a name to something, but none of those kept."""
    count = len(draft.lines) + 1
    names = ["x", "x", *STEPS.split(), f"h{count}", f"x{count}", f"out{count}", f"z_{count}"]
    name = draft.rng.choice([each for each in names if each not in kept])
    draft.lines.append(f"{name} = {made}")
    return name


def _start(draft: Draft) -> str:
    """How this network writes activations, and its input, perhaps normalised."""
    if draft.likely(0.2):
        draft.function = _one(draft, ".relu()", ".tanh()", ".sigmoid()", ".relu()")
    elif draft.likely(0.25):
        made = _one(draft, draft.module, draft.module, "nn.PReLU()", "nn.Softplus()")
        draft.function = _made(draft, "act nonlin sigma activation phi f nl", made)
    if draft.likely(0.15):
        ways = "(x - 0.5) / 0.5", "x * 2 - 1", "x - x.mean()", "(x - 0.45) / 0.25", "2 * x - 1.0"
        return _set(draft, _one(draft, *ways))
    return "x"


def _act(draft: Draft, made: str) -> str:
    return made + draft.function if draft.function[0] == "." else f"{draft.function}({made})"


def _conv(draft: Draft, takes: object, gives: object, kernel: int, more: str = "same") -> str:
    """A convolution, written; it keeps height and width unless told more."""
    if more == "same":
        more = f", padding={kernel // 2}" if kernel > 1 else ""
    more += ", bias=False" * draft.likely(0.12)
    if draft.likely(0.15):
        return f"nn.Conv2d(in_channels={takes}, out_channels={gives}, kernel_size={kernel}{more})"
    return f"nn.Conv2d({takes}, {gives}, {'kernel_size=' * draft.likely(0.3)}{kernel}{more})"


def _linear(draft: Draft, takes: object, gives: object) -> str:
    bias = ", bias=False" * draft.likely(0.1)
    if draft.likely(0.12):
        return f"nn.Linear(in_features={takes}, out_features={gives}{bias})"
    return f"nn.Linear({takes}, {gives}{bias})"


def _flat(draft: Draft, name: str) -> str:
    if draft.likely(0.2):
        return f"{_made(draft, 'flatten flat to_vector vec fl', 'nn.Flatten()')}({name})"
    ways = "{0}.flatten(1)", "torch.flatten({0}, 1)", "{0}.reshape({0}.size(0), -1)"
    return _one(draft, *ways, "{0}.flatten(start_dim=1)", "{0}.reshape(len({0}), -1)").format(name)


def _pooled(draft: Draft, name: str) -> str:
    ways = "{0}.mean(dim=(2, 3))", "{0}.mean((-2, -1))", "{0}.mean(3).mean(2)", "{0}.amax((2, 3))"
    more = "{0}.flatten(2).mean(-1)", "F.adaptive_avg_pool2d({0}, 1).flatten(1)"
    return _one(draft, *ways, *more, "torch.mean({0}, dim=[2, 3])").format(name)


def _through(draft: Draft, names: str, made: str, name: str, *kept: str) -> str:
    return _set(draft, _act(draft, f"{_made(draft, names, made)}({name})"), *kept)


def _normed(draft: Draft, made: str, wide: object) -> str:
    if draft.likely(0.65):
        return made
    norm = _made(draft, "bn norm nrm bn_a n2 bn2 bn_b bnorm", f"nn.BatchNorm2d({wide})")
    return f"{norm}({made})"


def _scores(draft: Draft, made: str, count: object, classes: int) -> None:
    head = _made(draft, LAST, _linear(draft, count, classes))
    if draft.likely(0.2):
        made = f"F.dropout({made}, {_one(draft, '0.1', '0.2', '0.5')}, self.training)"
    if draft.likely(0.35):
        made = _set(draft, made)
    made = f"{head}({made})"
    draft.lines.append(f"return {_set(draft, made) if draft.likely(0.2) else made}")


def _first(draft: Draft, wide: object) -> str:
    name = _start(draft)
    layer = _made(draft, FIRST, _conv(draft, draft.channels, wide, draft.rng.choice((1, 3, 3, 5))))
    return _set(draft, _act(draft, _normed(draft, f"{layer}({name})", wide)))


def _strided(draft: Draft, classes: int) -> None:
    name, wide = _start(draft), draft.rng.choices(WIDTHS[2:], k=draft.rng.randint(2, 3))
    said, stem = [str(draft.channels), *map(str, wide)], _one(draft, "c", "ch", "w", "n", "dim")
    if draft.likely(0.5):
        said[1:] = [f"{stem}{count + 1}" for count in range(len(wide))]
        draft.layers.append(f"{', '.join(said[1:])} = {', '.join(map(str, wide))}")
    for takes, gives in pairwise(said):
        layer = _made(draft, FIRST, _conv(draft, takes, gives, 3, ", stride=2, padding=1"))
        name = _set(draft, _act(draft, _normed(draft, f"{layer}({name})", gives)))
        draft.height, draft.width = (draft.height + 1) // 2, (draft.width + 1) // 2
    area = draft.height * draft.width if draft.likely(0.5) else 1
    made = _flat(draft, name) if area > 1 else _pooled(draft, name)
    _scores(draft, made, f"{said[-1]} * {area}" if area > 1 else said[-1], classes)


def _one_line(draft: Draft, classes: int) -> None:
    wide, side, kind = draft.rng.choice(WIDTHS), draft.rng.randint(1, 4), _one(draft, "max", "avg")
    name, pool = _start(draft), f"F.adaptive_{kind}_pool2d({{}}, {side})"
    made = _conv(draft, draft.channels, wide, draft.rng.choice((3, 5, 7)), "")
    made = _act(draft, f"{_made(draft, FIRST, made)}({name})")
    if draft.likely(0.4):
        layer = f"nn.Adaptive{kind.title()}Pool2d({side})"
        pool = f"{_made(draft, 'pool down gap shrink reduce', layer)}({{}})"
    head = _made(draft, LAST, _linear(draft, wide * side * side, classes))
    draft.lines.append(f"return {head}({pool.format(made)}.flatten(1))")


def _skips(draft: Draft, classes: int) -> None:
    wide = _size(draft, draft.rng.choice(WIDTHS[1:12]))
    early = _first(draft, wide)
    late, kept = early, [early]
    for _ in range(draft.rng.randint(2, 3)):
        layer = _made(draft, NEXT, _conv(draft, wide, wide, 3))
        late = _set(draft, _act(draft, _normed(draft, f"{layer}({late})", wide)), *kept)
        kept.append(late)
    joint, count = f"{early} + {late}", f"{wide}"
    if draft.likely(0.5):
        joint = f"torch.cat([{', '.join(kept)}], {_one(draft, '1', 'dim=1')})"
        count = f"{len(kept)} * {wide}"
    _scores(draft, _pooled(draft, _set(draft, joint)), count, classes)


def _pyramid(draft: Draft, classes: int) -> None:
    name, takes, total = _start(draft), draft.channels, 0
    kept: list[str] = []
    for _ in range(draft.rng.randint(2, 3)):
        wide = draft.rng.choice(WIDTHS[2:])
        layer = _made(draft, f"{FIRST} {NEXT}", _conv(draft, takes, wide, 3))
        made = _act(draft, f"{layer}({name})")
        name = _set(draft, f"F.max_pool2d({made}, 2)" if kept else made, *kept)
        kept.append(name)
        takes, total = wide, total + wide
    parts = ", ".join(_pooled(draft, each) for each in kept)
    _scores(draft, f"torch.cat(({parts}), {_one(draft, '1', '-1', 'dim=1')})", total, classes)


def _product(draft: Draft, classes: int) -> None:
    name, wide = _start(draft), draft.rng.choice(WIDTHS)
    a = _through(draft, FIRST, _conv(draft, draft.channels, wide, 3), name, name)
    right = _made(draft, NEXT, _conv(draft, draft.channels, wide, draft.rng.choice((1, 3))))
    gate = _one(draft, "torch.sigmoid({})", "{}.sigmoid()", "torch.tanh({})", "{}")
    b = _set(draft, gate.format(f"{right}({name})"), a)
    made = f"{_pooled(draft, a)} * {_pooled(draft, b)}"
    if draft.likely(0.5):
        made = _pooled(draft, _set(draft, _one(draft, f"{a} * {b}", f"torch.mul({a}, {b})")))
    _scores(draft, made, wide, classes)


def _beside(draft: Draft, classes: int) -> None:
    """What a coarser layer finds, or one with a learnt scale, added to what it was given."""
    wide = _size(draft, draft.rng.choice(WIDTHS[:11]))
    fine = _first(draft, wide)
    layer = _conv(draft, wide, wide, 3)
    if draft.likely(0.5):
        pool = _one(draft, "F.max_pool2d({}, 2)", "F.avg_pool2d({}, 2)").format(fine)
        coarse = _through(draft, NEXT, layer, pool, fine)
        made = f"F.interpolate({coarse}, size={fine}.shape[{_one(draft, '2:', '-2:')}])"
        made = _one(draft, f"{fine} + {made}", f"{made} * {fine}", f"{fine} - {made}")
    else:
        shape = _one(draft, f"1, {wide}, 1, 1", "1", f"{wide}, 1, 1")
        made = f"nn.Parameter(torch.{_one(draft, 'zeros', 'ones')}({shape}))"
        scale = _made(draft, "gamma scale alpha gate g weight_a", made)
        scale = _one(draft, scale, scale, f"torch.sigmoid({scale})", f"torch.exp({scale})")
        made = f"{fine} + {scale} * {_act(draft, f'{_made(draft, NEXT, layer)}({fine})')}"
    _scores(draft, _pooled(draft, _set(draft, made)), wide, classes)


def _lines(draft: Draft, classes: int) -> None:
    name, wide, kernel = _start(draft), draft.rng.choice(HIDDEN), draft.rng.choice((1, 3, 5))
    turned = _one(draft, "transpose(2, 3)", "permute(0, 1, 3, 2)", "mT")
    rows = _set(draft, f"{name}.{turned}.flatten(1, 2)")
    made = f"nn.Conv1d({draft.channels * draft.width}, {wide}, {kernel}, padding={kernel // 2})"
    seen = _through(draft, FIRST, made, rows)
    if draft.likely(0.5):
        seen = _through(draft, NEXT, f"nn.Conv1d({wide}, {wide}, 3, padding=1)", seen)
    ways = ".mean(2)", ".max(dim=2).values", ".amax(-1)", ".mean(dim=-1)"
    _scores(draft, seen + _one(draft, *ways), wide, classes)


def _patches(draft: Draft, classes: int) -> None:
    value, (channels, height, width) = _start(draft), (draft.channels, draft.height, draft.width)
    side = draft.rng.choice([each for each in (2, 4, 8) if height % each + width % each == 0])
    wide = _size(draft, draft.rng.choice(HIDDEN))
    if draft.likely(0.5):
        made = f"nn.Conv2d({channels}, {wide}, {side}, stride={side})"
        cut, takes = f"{_made(draft, 'patch tiles cut to_patches', made)}({value}).flatten(2)", wide
        cut += _one(draft, ".transpose(1, 2)", ".permute(0, 2, 1)", ".mT")
    else:
        tall, takes = height // side, str(channels * side * side)
        sides = f"{channels}, {tall}, {side}, {width // side}, {side}"
        cut = f"{value}.reshape(-1, {sides}).permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)"
    seen = _through(draft, DENSE, _linear(draft, takes, wide), _set(draft, cut))
    if draft.likely(0.6):
        seen = _through(draft, DENSE, _linear(draft, wide, wide), seen)
    ways = ".mean(1)", ".mean(dim=1)", ".amax(1)", ".max(dim=1)[0]"
    _scores(draft, seen + _one(draft, *ways), wide, classes)


def _depthwise(draft: Draft, classes: int) -> None:
    value = draft.rng.choice(WIDTHS[3:])
    name, takes = _first(draft, value), value
    for _ in range(draft.rng.randint(1, 2)):
        wide, kernel = draft.rng.choice(WIDTHS[3:]), draft.rng.choice((3, 5))
        more = f", padding={kernel // 2}, groups={takes}" + ", stride=2" * draft.likely(0.5)
        deep = _conv(draft, takes, takes, kernel, more)
        made = f"{_made(draft, 'dw depth dw_a dw2 spatial per_channel', deep)}({name})"
        made = _set(draft, made) if draft.likely(0.5) else made
        point = _conv(draft, takes, wide, 1)
        name = _through(draft, "pw point pw_a pw2 across mix_c", point, made)
        takes = wide
    _scores(draft, _pooled(draft, name), takes, classes)


def _dilated(draft: Draft, classes: int) -> None:
    wide = _size(draft, draft.rng.choice(WIDTHS[2:12]))
    name = _first(draft, wide)
    for step in (1, 2, 4)[draft.rng.randint(0, 1) :]:
        layer = _conv(draft, wide, wide, 3, f", padding={step}, dilation={step}")
        names = f"d{step} dil_{step} conv_d{step} ctx{step}"
        made = _act(draft, f"{_made(draft, names, layer)}({name})")
        name = _set(draft, f"{name} + {made}" if draft.likely(0.4) else made)
    parts = [f"{name}.mean(dim=(2, 3))", f"{name}.amax(dim=(2, 3))"]
    _scores(draft, f"torch.cat([{', '.join(parts)}], dim=1)", f"2 * {wide}", classes)


def _maxout(draft: Draft, classes: int) -> None:
    units, group = draft.rng.choice(HIDDEN[:6]), draft.rng.choice((2, 3, 4))
    if draft.likely(0.7):
        seen = _set(draft, _pooled(draft, _first(draft, units * group)))
    else:
        layer = _linear(draft, draft.channels * draft.height * draft.width, units * group)
        seen = _set(draft, f"{_made(draft, DENSE, layer)}({_flat(draft, _start(draft))})")
    said = _made(draft, "pieces group n_max", f"{group}") if draft.likely(0.4) else f"{group}"
    count = _one(draft, f"{seen}.size(0)", f"len({seen})")
    way = _one(draft, ".max(-1).values", ".max(dim=2)[0]", ".amax(-1)", ".amax(dim=2)")
    _scores(draft, f"{seen}.reshape({count}, -1, {said}){way}", units, classes)


def _bottleneck(draft: Draft, classes: int) -> None:
    name, takes = _start(draft), draft.channels * draft.height * draft.width
    flat = _set(draft, _flat(draft, name))
    if draft.likely(0.6):
        made = f"nn.LayerNorm({takes})"
        flat = _set(draft, f"{_made(draft, 'ln norm scale_in n0', made)}({flat})")
    wide, few = _size(draft, draft.rng.choice(HIDDEN[3:])), draft.rng.choice((4, 6, 8, 10))
    name = _set(draft, _act(draft, f"{_made(draft, DENSE, _linear(draft, takes, wide))}({flat})"))
    for _ in range(draft.rng.randint(1, 2)):
        down = _made(draft, "down squeeze narrow neck down2 enc1", _linear(draft, wide, few))
        back = _made(draft, "up expand widen back up2 dec1", _linear(draft, few, wide))
        name = _set(draft, f"{name} + {back}({_act(draft, f'{down}({name})')})")
    _scores(draft, _act(draft, name) if draft.likely(0.5) else name, wide, classes)


def _two_ways(draft: Draft, classes: int) -> None:
    kind, wide = _one(draft, "GRU", "LSTM", "RNN"), draft.rng.choice(HIDDEN[:9])
    takes, name = draft.channels, "x"
    if draft.likely(0.5):
        takes = draft.rng.choice(WIDTHS[:8])
        name = _first(draft, takes)
    made = f"nn.{kind}({takes * draft.height}, {wide}, batch_first=True, bidirectional=True)"
    layer = _made(draft, "rnn reader scan seq bi gru_cols sweep", made)
    turned = _one(draft, "flatten(1, 2).transpose(1, 2)", "permute(0, 3, 1, 2).flatten(2)")
    columns = _set(draft, f"{name}.{turned}")
    seen, rest = _one(draft, "seq", "states", "y", "outs"), _one(draft, "_", "hn", "last")
    draft.lines.append(f"{seen}, {rest} = {layer}({columns})")
    ways = f"{seen}.mean(1)", f"{seen}.amax(dim=1)", f"{seen}[:, -1]", f"{seen}.mean(dim=1)"
    _scores(draft, _one(draft, *ways), f"2 * {wide}", classes)


def _powers(draft: Draft, classes: int) -> None:
    """How strong each filter answers or how much it varies, or what is where it learns to look."""
    wide = _size(draft, draft.rng.choice(WIDTHS[2:]))
    seen = _first(draft, wide)
    if draft.likely(0.5):
        where = _made(draft, "where attn look query att pool_w", _conv(draft, wide, 1, 1))
        axis = _one(draft, "-1", "dim=-1", "2")
        found = _set(draft, f"{where}({seen}).flatten(2).softmax({axis})", seen)
        ways = f"({seen}.flatten(2) * {found}).sum(-1)", f"({found} * {seen}.flatten(2)).sum(2)"
        _scores(draft, _one(draft, *ways), wide, classes)
        return
    ways = "{0}.pow(2).mean((2, 3))", "({0} * {0}).mean(dim=(2, 3))"
    found = _set(
        draft, _one(draft, *ways, "{0}.abs().mean((2, 3))", "{0}.std((2, 3))").format(seen)
    )
    logs = _one(draft, "torch.log({0} + 1e-4)", "torch.log1p({0})", "torch.sqrt({0} + 1e-5)")
    _scores(draft, logs.format(found), wide, classes)


def _repeated(draft: Draft, classes: int) -> None:
    wide = _size(draft, draft.rng.choice(WIDTHS[2:12]))
    name = _first(draft, wide)
    layer = _made(draft, "step cell again same update rec", _conv(draft, wide, wide, 3))
    times = _made(draft, "steps times depth n_iter", f"{draft.rng.randint(2, 4)}")
    made = _act(draft, f"{layer}({name})")
    draft.lines.append(f"for {_one(draft, '_', 'i')} in range({times}):")
    draft.lines.append(f"    {name} = {made if draft.likely(0.5) else f'{name} + {made}'}")
    _scores(draft, _pooled(draft, name), wide, classes)


KINDS: tuple[Callable[[Draft, int], None], ...] = (
    _strided, _one_line, _skips, _pyramid, _product, _beside, _lines, _patches, _depthwise,
    _dilated, _maxout, _bottleneck, _two_ways, _powers, _repeated,
)  # fmt: skip
