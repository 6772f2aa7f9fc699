"""Networks that are put together from classes and functions of their own.

Shortcuts, bottlenecks, dense blocks, patches, attention, lists of layers and functions that
make layers. Knows nothing of requests.
"""

from __future__ import annotations

from collections.abc import Callable

from llmatic.nano.beginnings.draft import (
    HIDDEN,
    WIDTHS,
    Draft,
    classified,
    convolution,
    features,
    flat,
    halve,
    last,
    norm,
    pool,
    rate,
)
from llmatic.nano.beginnings.templates import any_of, helper, helper_class, in_a_row

__all__ = ["KINDS"]

EVEN = (4, 8, 8, 12, 16, 16, 20, 24, 32)
ENDS = "a,b=in_channels,out_channels in_ch,out_ch c_in,c_out inp,oup cin,cout n_in,n_out nin,nout; "
WIDTH = "c=dim d_model ch channels width features n size; "


def _stem(draft: Draft, stem: str = "conv stem entry prep first initial") -> None:
    """The first convolution."""
    wide, bias = draft.rng.choice(EVEN), ", bias=False" * draft.likely(0.3)
    kernel = draft.rng.choice(
        ("3, padding=1", "kernel_size=3, padding=1", "3, 1, 1", "5, padding=2")
    )
    name = draft.layer(any_of(draft, stem), f"nn.Conv2d({draft.channels}, {wide}, {kernel}{bias})")
    draft.channels = wide
    draft.then(f"{draft.function}({name}(x))" if draft.likely(0.6) else f"{name}(x)")


def _repeat(draft: Draft, made: Callable[[int], str], widths: list[int], stem: str) -> None:
    """Blocks one after the other: each by its name, in a row, or in a list."""
    way, parts = draft.rng.random() if len(widths) > 1 else 0.0, []
    for wide in widths:
        parts.append(made(wide))
        draft.channels = wide
        if way < 0.45:
            draft.then(f"{draft.layer(any_of(draft, stem), parts[-1])}(x)")
            if draft.likely(0.35):
                pool(draft)
    name = any_of(draft, "blocks body stages trunk layers units")
    if way >= 0.7:
        each = any_of(draft, "block layer m stage mod")
        name = draft.layer(name, in_a_row(draft, parts, "nn.ModuleList"))
        draft.lines += [f"for {each} in {name}:", f"    x = {each}(x)"]
    elif way >= 0.45:
        draft.then(f"{draft.layer(name, in_a_row(draft, parts))}(x)")


def _widths(draft: Draft, most: int = 3) -> list[int]:
    return [draft.rng.choice(EVEN) for _ in range(draft.rng.randint(1, most))]


def _same(draft: Draft, most: int = 3) -> list[int]:
    return [draft.channels] * draft.rng.randint(1, most)


def _pooled(draft: Draft, classes: int) -> None:
    """A pool perhaps, and the scores."""
    if draft.likely(0.5):
        pool(draft)
    classified(draft, classes)


# fmt: off
def _shortcut(draft: Draft, classes: int) -> None:
    """Residual blocks whose skip is a convolution of 1x1."""
    name = helper_class(
        draft, ENDS + "f,g,s=conv1,conv2,shortcut conv_a,conv_b,skip c1,c2,proj main,out,down; "
        "y=out y res r; n=bn norm; name=ResBlock BasicBlock Residual ResUnit", "{a}, {b}, stride=1",
        "self.{f} = nn.Conv2d({a}, {b}, 3, stride=stride, padding=1); "
        "self.{n} = nn.BatchNorm2d({b}); self.{g} = nn.Conv2d({b}, {b}, 3, padding=1); "
        "self.{s} = nn.Conv2d({a}, {b}, 1, stride=stride<|, bias=False>)",
        "{y} = @(self.{n}(self.{f}($))); <{y} = self.{g}({y}); return @({y} + self.{s}($))|"
        "return @(self.{s}($) + self.{g}({y}))|{y} = self.{g}({y}) + self.{s}($); return @({y})>")

    def made(wide: int) -> str:
        if min(draft.height, draft.width) < 4 or draft.likely(0.5):
            return f"{name}({draft.channels}, {wide})"
        draft.height, draft.width = -(-draft.height // 2), -(-draft.width // 2)
        return f"{name}({draft.channels}, {wide}, {'stride=' * draft.likely(0.6)}2)"

    if draft.likely(0.5):
        _stem(draft)
    _repeat(draft, made, _widths(draft, 2), "layer block res stage")
    classified(draft, classes)


def _function(draft: Draft, classes: int) -> None:
    """A function that makes a convolution, its norm and its activation."""
    is_pooled = draft.likely(0.5)
    made = "def {name}({a}, {b}, {k}=<3|3|5>):\n    return nn.Sequential(\n        "
    made += "nn.Conv2d({a}, {b}, {k}, padding={k} // 2<|, bias=False>),"
    made += "<|\n        nn.BatchNorm2d({b}),>\n        #"
    made += "<||,\n        nn.Conv2d({b}, {b}, <1|3, padding=1>),\n        #>"
    made += ",\n        nn.MaxPool2d(2)" * is_pooled + "<,|>\n    )\n"
    name = helper(
        draft,
        ENDS + "k=k kernel kernel_size ks; name=conv_bn conv_block make_block double_conv cbr nin",
        made,
    )["name"]  # fmt: skip

    def block(wide: int) -> str:
        text = f"{name}({draft.channels}, {wide}{', 5' * draft.likely(0.15)})"
        if is_pooled:
            halve(draft)
        return text

    _repeat(draft, block, _widths(draft), "layer conv block stage")
    classified(draft, classes)


def _listed(draft: Draft, classes: int) -> None:
    """Convolutions in a list, made by a loop or a comprehension."""
    _stem(draft)
    if draft.likely(0.5):
        pool(draft)
    name, each = any_of(draft, "convs layers hidden mids"), any_of(draft, "conv layer c m")
    padding = draft.rng.choice(("3, padding=1", "3, padding='same'", "5, padding=2"))
    made = f"nn.Conv2d({draft.channels}, {draft.channels}, {padding})"
    i, deep = any_of(draft, "i _ k"), draft.rng.randint(2, 4)
    if draft.likely(0.5):
        draft.layers.append(f"self.{name} = nn.ModuleList([{made} for {i} in range({deep})])")
    else:
        draft.layers += [f"self.{name} = nn.ModuleList()", f"for {i} in range({deep}):"]
        draft.layers.append(f"    self.{name}.append({made})")
    done = "x + " * draft.likely(0.5) + f"{draft.function}({each}(x))"
    draft.lines += [f"for {each} in self.{name}:", f"    x = {done}"]
    _pooled(draft, classes)


def _halves(draft: Draft, classes: int) -> None:
    """Features and a classifier, two rows of layers, as of old."""
    parts: list[str] = []
    for _ in range(draft.rng.randint(2, 3)):
        wide, kernel = draft.rng.choice(WIDTHS[4:]), draft.rng.choice(("3, 1, 1", "5, padding=2"))
        group = [f"nn.Conv2d({draft.channels}, {wide}, {kernel})"]
        draft.channels = wide
        group += [*[norm(draft)] * draft.likely(0.4), draft.module]
        if min(draft.height, draft.width) > 3 and draft.likely(0.8):
            kind = any_of(draft, 'MaxPool2d(2) AvgPool2d(2) MaxPool2d(kernel_size=2)')
            group.append(f"nn.{kind}")
            halve(draft)
        parts += [f"nn.Sequential({', '.join(group)})"] if draft.likely(0.2) else group
    if draft.likely(0.4):
        draft.height = draft.width = draft.rng.choice((1, 2))
        parts.append(f"nn.AdaptiveAvgPool2d({draft.height})")
    names = any_of(draft, "features,classifier encoder,head backbone,top cnn,mlp").split(",")
    body, wide = draft.layer(names[0], in_a_row(draft, parts)), draft.rng.choice(HIDDEN)
    head = [f"nn.Linear({features(draft)}, {wide})", draft.module]
    head += [f"nn.Dropout({'p=' * draft.likely(0.5)}{rate(draft)})"] * draft.likely(0.5)
    head.append(f"nn.Linear({wide}, {classes})")
    if is_whole := draft.likely(0.4):
        head.insert(0, "nn.Flatten()")
    top = draft.layer(names[1], in_a_row(draft, head))
    if is_whole and draft.likely(0.5):
        draft.lines.append(f"return {top}({body}(x))")
        return
    draft.then(f"{body}(x)")
    if not is_whole:
        flat(draft)
    draft.lines += [f"x = {top}(x)", "return x"] if draft.likely(0.5) else [f"return {top}(x)"]


def _patches(draft: Draft) -> int:
    """Make tokens of the image; how many there are."""
    side, wide = draft.rng.choice((2, 4, 4)), draft.rng.choice(EVEN)
    tall = draft.height // side
    said = draft.rng.choice((f"{tall}, {tall}", f"kernel_size={tall}, stride={tall}"))
    made = f"nn.Conv2d({draft.channels}, {wide}, {said})"
    draft.then(f"{draft.layer(any_of(draft, 'patch embed proj patchify stem'), made)}(x)")
    draft.then(f"x.flatten(2).{draft.rng.choice(('transpose(1, 2)', 'permute(0, 2, 1)'))}")
    draft.channels, draft.height, draft.width = wide, 1, 1
    return side * side


def _averaged(draft: Draft, classes: int) -> None:
    """From tokens to scores."""
    if draft.likely(0.3):
        draft.then(f"{draft.layer('norm', f'nn.LayerNorm({draft.channels})')}(x)")
    draft.then(draft.rng.choice(("x.mean(dim=1)", "x.mean(1)", "torch.mean(x, dim=1)")))
    last(draft, classes)


def _mixer(draft: Draft, classes: int) -> None:
    """Linear layers over positions, then over channels."""
    name = helper_class(
        draft, "d,s=dim,tokens channels,patches c,s width,length; n=norm ln pre; y=y h u mixed; "
        "u,v=token,channel mix1,mix2 spatial,feat fc_a,fc_b; name=Mixer MixerBlock TokenMix Mix",
        "{d}, {s}", "self.{n} = nn.LayerNorm({d}); self.{u} = nn.Linear({s}, {s}); "
        "self.{v} = nn.Linear({d}, {d})",
        "{y} = self.{n}($).transpose(1, 2); {y} = @(self.{u}({y})).transpose(1, 2); "
        "<$ = $ + {y}; return $ + @(self.{v}($))|{y} = {y} + $; return {y} + @(self.{v}({y}))>")
    count = _patches(draft)
    _repeat(draft, lambda wide: f"{name}({wide}, {count})", _same(draft), "mixer mix block")
    _averaged(draft, classes)


def _attention(draft: Draft, classes: int) -> None:
    """Attention over patches."""
    name = helper_class(
        draft,
        WIDTH + "k=heads num_heads n_heads; t=attn attention mha self_attn; f=ff linear mlp fc; "
        "n=norm ln; y=y a out; w=_ weights; name=Encoder TransformerBlock AttentionBlock Layer",
        "{c}, {k}=<2|4>", "self.{t} = nn.MultiheadAttention({c}, {k}, batch_first=True); "
        "self.{n} = nn.LayerNorm({c}); self.{f} = nn.Linear({c}, {c})",
        "<{y} = self.{n}($); {y}, {w} = self.{t}({y}, {y}, {y}); $ = $ + {y}|"
        "{y}, {w} = self.{t}($, $, $); $ = self.{n}($ + {y})>; return $ + @(self.{f}($))")
    count = _patches(draft)
    if draft.likely(0.25):
        where = f"self.{any_of(draft, 'pos pos_embed position')}"
        draft.layers.append(f"{where} = nn.Parameter(torch.zeros(1, {count}, {draft.channels}))")
        draft.then(f"x + {where}")
    _repeat(draft, lambda wide: f"{name}({wide})", _same(draft, 2), "enc block layer")
    _averaged(draft, classes)


def _dense(draft: Draft, classes: int) -> None:
    """Blocks that add channels to those that they got."""
    name = helper_class(
        draft,
        ENDS + "g=growth growth_rate k new; n,f=bn,conv norm,conv n,c bn,layer; y=out y new; "
        "name=DenseLayer Dense Grow DenseUnit", "{a}, {g}",
        "<self.{n} = nn.BatchNorm2d({a}); |>self.{f} = nn.Conv2d({a}, {g}, 3, padding=1)",
        "<{y} = self.{f}(@($))|{y} = @(self.{f}($))>; return torch.cat([$, {y}], <1|dim=1>)")
    _stem(draft)
    more = draft.rng.choice((4, 6, 8, 12))
    widths = [draft.channels + more * (each + 1) for each in range(draft.rng.randint(2, 3))]
    _repeat(draft, lambda wide: f"{name}({wide - more}, {more})", widths, "dense layer d")
    _pooled(draft, classes)


def _squeezed(draft: Draft, classes: int) -> None:
    """Squeeze and excite."""
    name = helper_class(
        draft, WIDTH + "r=reduction ratio r; s=s w scale weights; name=SE SELayer SEBlock Excite; "
        "f,g=fc1,fc2 down,up squeeze,excite reduce,expand", "{c}, {r}=<2|4>",
        "self.{f} = nn.Linear({c}, {c} // {r}); self.{g} = nn.Linear({c} // {r}, {c})",
        "{s} = <$.mean(dim=(2, 3))|$.mean((2, 3))|F.adaptive_avg_pool2d($, 1).flatten(1)>; "
        "{s} = torch.sigmoid(self.{g}(@(self.{f}({s})))); return $ * {s}[:, :, None, None]")
    for _ in range(draft.rng.randint(1, 2)):
        _stem(draft, "conv")
        draft.then(f"{draft.layer('se', f'{name}({draft.channels})')}(x)")
        pool(draft)
    classified(draft, classes)


def _inverted(draft: Draft, classes: int) -> None:
    """Blocks that are wide inside and narrow outside."""
    name = helper_class(
        draft,
        WIDTH + "e=expand expansion factor t; m=hidden mid inner; f=body conv block layers net; "
        "name=InvertedResidual MBConv Inverted IRBlock", "{c}, {e}=<2|3|4>",
        "{m} = {c} * {e}; self.{f} = nn.Sequential(;     nn.Conv2d({c}, {m}, 1),;     #,;     "
        "nn.Conv2d({m}, {m}, 3, padding=1, groups={m}),;     <|nn.BatchNorm2d({m}),;     >#,;     "
        "nn.Conv2d({m}, {c}, 1)<,|>; )", "return $ + self.{f}($)")
    _stem(draft)
    _repeat(draft, lambda wide: f"{name}({wide})", _same(draft, 2), "block ir mb")
    _pooled(draft, classes)


def _fire(draft: Draft, classes: int) -> None:
    """Few channels first, then two convolutions side by side."""
    name = helper_class(
        draft,
        "a,s,e=inplanes,squeeze,expand n_in,few,many c,s,e in_ch,mid,out; name=Fire Split Fan; "
        "q,l,r=squeeze,left,right reduce,one,three conv_s,conv_a,conv_b sq,point,wide",
        "{a}, {s}, {e}",
        "self.{q} = nn.Conv2d({a}, {s}, 1); self.{l} = nn.Conv2d({s}, {e}, kernel_size=1); "
        "self.{r} = nn.Conv2d({s}, {e}, 3, padding=1)",
        "$ = @(self.{q}($)); <return @(torch.cat((self.{l}($), self.{r}($)), dim=1))|"
        "u = self.{l}($); v = self.{r}($); return @(torch.cat([u, v], 1))>")
    if draft.likely(0.5):
        convolution(draft)
    few = draft.rng.choice((2, 4, 6, 8))
    _repeat(draft, lambda wide: f"{name}({draft.channels}, {few}, {wide // 2})", _widths(draft),
            "fire module f")
    _pooled(draft, classes)


def _depthwise(draft: Draft, classes: int) -> None:
    """Large kernels of one channel each, then convolutions of 1x1, with a skip."""
    kernel = draft.rng.choice((3, 5, 7))
    name = helper_class(
        draft, WIDTH + "d,n,p,q=dwconv,norm,pw1,pw2 depth,bn,up,down spatial,gn,fc1,fc2; "
        "y=shortcut residual skip identity; name=NextBlock ConvNeXt DWBlock LargeKernel", "{c}",
        f"self.{{d}} = nn.Conv2d({{c}}, {{c}}, {kernel}, padding={kernel // 2}, groups={{c}}); "
        "self.{n} = nn.<BatchNorm2d(|GroupNorm(1, >{c}); self.{p} = nn.Conv2d({c}, {c} * 2, 1); "
        "self.{q} = nn.Conv2d({c} * 2, {c}, 1)",
        "{y} = $; $ = self.{n}(self.{d}($)); $ = self.{q}(@(self.{p}($))); return $ + {y}")
    _stem(draft)
    _repeat(draft, lambda wide: f"{name}({wide})", _same(draft), "block stage")
    _pooled(draft, classes)


def _linear(draft: Draft, classes: int) -> None:
    """Linear layers with a norm and a skip, in a class."""
    name = helper_class(
        draft,
        WIDTH + "f=fc linear lin dense; n=norm ln bn; p=p dropout drop_rate; d=drop do; y=y out r; "
        "name=ResLinear MLPBlock ResidualMLP FeedForward LinearBlock", "{c}, {p}=<0.1|0.2|0.5>",
        "self.{n} = nn.<BatchNorm1d|LayerNorm>({c}); self.{f} = nn.Linear({c}, {c}); "
        "self.{d} = nn.Dropout({p})",
        "<return $ + self.{d}(@(self.{f}(self.{n}($))))|{y} = self.{d}(@(self.{f}($))); "
        "return self.{n}($ + {y})|{y} = @(self.{f}(self.{n}($))); return $ + self.{d}({y})>")
    flat(draft)
    wide = draft.rng.choice(HIDDEN)
    made = f"nn.Linear({features(draft)}, {wide})"
    draft.then(f"{draft.layer(any_of(draft, 'inp embed first proj'), made)}(x)")
    draft.channels = wide
    for _ in range(draft.rng.randint(1, 3)):
        draft.then(f"{draft.layer('block', f'{name}({wide})')}(x)")
    last(draft, classes)


def _wrapped(draft: Draft, classes: int) -> None:
    """A class that adds a skip to whatever it is given."""
    names = "f=fn module block inner layer body; name=Residual Skip AddSkip ResidualAdd"
    name = helper_class(draft, names, "{f}", "self.{f} = {f}", "return $ + self.{f}($)")
    _stem(draft)
    pool(draft)
    wide = draft.channels
    for _ in range(draft.rng.randint(1, 2)):
        kernel = draft.rng.choice(("3, padding=1", "5, padding=2", f"3, padding=1, groups={wide}"))
        parts = [f"nn.Conv2d({wide}, {wide}, {kernel})", draft.module]
        parts += [f"nn.BatchNorm2d({wide})"] * draft.likely(0.5)
        draft.then(f"{draft.layer('res', f'{name}({in_a_row(draft, parts)})')}(x)")
    _pooled(draft, classes)


def _gates(draft: Draft, classes: int) -> None:
    """Convolutions that another convolution opens and shuts."""
    name = helper_class(
        draft, ENDS + "f,g=conv,gate value,gate main,mask feats,attn; name=GatedConv Gated GLUConv",
        "{a}, {b}",
        "self.{f} = nn.Conv2d({a}, {b}, 3, padding=1); "
        "self.{g} = nn.Conv2d({a}, {b}, 3, padding=1)",
        "<return @(self.{f}($)) * torch.sigmoid(self.{g}($))|"
        "v = @(self.{f}($)); m = torch.sigmoid(self.{g}($)); return v * m>")
    _repeat(draft, lambda wide: f"{name}({draft.channels}, {wide})", _widths(draft), "gated g")
    _pooled(draft, classes)
# fmt: on


KINDS: tuple[Callable[[Draft, int], None], ...] = (
    _shortcut, _function, _listed, _halves, _mixer, _attention, _dense, _squeezed, _inverted,
    _fire, _depthwise, _linear, _wrapped, _gates,
)  # fmt: skip
