"""What the JSON of an exported PyTorch program may say, field by field.

The rules follow ``torch/_export/serde/schema.py``, without all of its parts that PyTorch
imports, evaluates or unpickles; a field they do not name is refused. Knows no files and no
PyTorch.
"""

from __future__ import annotations

import json

from llmatic.delivery.pt2.aten import allowed
from llmatic.delivery.pt2.rules import (
    Rule,
    exactly,
    flag,
    many,
    mapping,
    natural,
    number,
    one,
    or_null,
    record,
    refuse,
    text,
    whole,
)

__all__ = ["PROGRAM", "payloads"]


def _operator(value: object) -> str:
    return value if isinstance(value, str) and allowed(value) else refuse(value, "an operator")


def _nothing(value: object) -> dict[str, str]:
    """Where code came from and how modules are nested: PyTorch looks up names in it."""
    return {}


def _structure(json_text: str) -> Rule:
    """One tree of arguments, however its JSON is laid out; others name classes to import."""
    only = json.loads(json_text)

    def rule(value: object) -> str:
        try:
            same = isinstance(value, str) and json.loads(value) == only
        except (ValueError, RecursionError):
            same = False
        return json.dumps(only) if same else refuse(value, "a structure of arguments")

    return rule


FUNCTIONS = (
    "Add|Mul|Mod|PythonMod|FloorDiv|CleanDiv|CeilDiv|IntTrueDiv|FloatTrueDiv|ModularIndexing|Min|Max|"
    "CeilToInt|FloorToInt|TruncToInt|TruncToFloat|RoundToInt|ToFloat|Identity|Where|"
    "Equality|Unequality|LessThan|StrictLessThan|GreaterThan|StrictGreaterThan|And|Or|Not"
)
SYMBOL = r"z?[su]f?\d{1,4}"
ASSUMED = r", (?:positive|nonnegative|integer|real)=True"
TERM = rf"Symbol\('{SYMBOL}'(?:{ASSUMED})*\)|Integer\(-?\d{{1,10}}\)|(?:true|false)\b"
STEP = r"(?!__)[\w-]{1,200}(?:@\d{1,4})?"
PATH = rf"{STEP}(?:\.{STEP}){{0,50}}"

_name = text("a name", r"[A-Za-z_]\w{0,199}")
_path = text("a path", PATH)
_path_or_root = text("a path", rf"(?:{PATH})?")
_symbol = text("a symbol", SYMBOL)
_expression = text("a size", rf"(?=.{{,1000}}\Z)(?:{TERM}|(?:{FUNCTIONS})\(|\)|, )+")
_word = text("a word", r"[\w ,.>-]{0,100}")

HINT = one(as_int=whole, as_bool=flag, as_float=number)
EXPRESSION = record(expr_str=_expression, hint=or_null(HINT))
SYM_INT = one(as_expr=EXPRESSION, as_int=whole)
SYM_FLOAT = one(as_expr=EXPRESSION, as_float=number)
SYM_BOOL = one(as_expr=EXPRESSION, as_bool=flag)
DEVICE = record(type=exactly("cpu", "a device"), index=exactly(None, "a device's index"))
STRIDED = exactly(7, "a layout")


def _meta(size: Rule) -> Rule:
    return record(
        dtype=natural,
        sizes=many(size),
        requires_grad=flag,
        device=DEVICE,
        strides=many(size),
        storage_offset=size,
        layout=STRIDED,
    )


TENSOR = record(name=_name)
INT, FLOAT, BOOL = (
    one(as_name=_name, as_int=whole),
    one(as_name=_name, as_float=number),
    one(as_name=_name, as_bool=flag),
)
MAYBE_TENSOR = one(as_tensor=TENSOR, as_none=flag)
INPUT = one(
    as_none=flag,
    as_tensor=TENSOR,
    as_tensors=many(TENSOR),
    as_optional_tensor=MAYBE_TENSOR,
    as_optional_tensors=many(MAYBE_TENSOR),
    as_int=whole,
    as_ints=many(whole),
    as_float=number,
    as_floats=many(number),
    as_bool=flag,
    as_bools=many(flag),
    as_complex=record(real=number, imag=number),
    as_string=_word,
    as_sym_int=INT,
    as_sym_ints=many(INT),
    as_sym_float=FLOAT,
    as_sym_floats=many(FLOAT),
    as_sym_bool=BOOL,
    as_sym_bools=many(BOOL),
    as_scalar_type=natural,
    as_memory_format=natural,
    as_layout=STRIDED,
    as_device=DEVICE,
)
OUTPUT = one(
    as_none=flag,
    as_tensor=TENSOR,
    as_tensors=many(TENSOR),
    as_sym_int=INT,
    as_sym_float=FLOAT,
    as_sym_bool=BOOL,
)
ONE_TENSOR = one(as_tensor=TENSOR)
NODE = record(
    target=_operator,
    inputs=many(record(name=_name, arg=INPUT, kind=or_null(natural))),
    outputs=many(OUTPUT),
    metadata=_nothing,
    is_hop_single_tensor_return=exactly(None, "a kind of operator"),
    name=or_null(_name),
)
GRAPH = record(
    inputs=many(ONE_TENSOR),
    outputs=many(ONE_TENSOR),
    nodes=many(NODE),
    tensor_values=mapping(_name, _meta(SYM_INT)),
    sym_int_values=mapping(_name, SYM_INT),
    sym_float_values=mapping(_name, SYM_FLOAT),
    sym_bool_values=mapping(_name, SYM_BOOL),
    is_single_tensor_return=exactly(False, "a kind of graph"),
    custom_obj_values=exactly({}, "custom objects"),
)
SIGNATURE = record(
    input_specs=many(
        one(
            user_input=record(arg=ONE_TENSOR),
            parameter=record(arg=TENSOR, parameter_name=_path),
            buffer=record(arg=TENSOR, buffer_name=_path, persistent=flag),
            tensor_constant=record(arg=TENSOR, tensor_constant_name=_path),
        )
    ),
    output_specs=many(
        one(
            user_output=record(arg=ONE_TENSOR),
            buffer_mutation=record(arg=TENSOR, buffer_name=_path),
        )
    ),
)
LEAF = '{"type": null, "context": null, "children_spec": []}'
ONE_IN = (
    '[1, {"type": "builtins.tuple", "context": "null", "children_spec": ['
    f'{{"type": "builtins.tuple", "context": "null", "children_spec": [{LEAF}]}}, '
    '{"type": "builtins.dict", "context": "[]", "children_spec": []}]}]'
)
CALL = record(
    inputs=exactly([], "arguments of a module"),
    outputs=exactly([], "results of a module"),
    in_spec=_structure(ONE_IN),
    out_spec=_structure(f"[1, {LEAF}]"),
    forward_arg_names=or_null(many(_name)),
)
PROGRAM = record(
    graph_module=record(
        graph=GRAPH,
        signature=SIGNATURE,
        module_call_graph=many(record(fqn=_path_or_root, signature=or_null(CALL))),
        metadata=_nothing,
        treespec_namedtuple_fields=exactly({}, "named tuples"),
    ),
    opset_version=mapping(text("a set of operators", "aten"), natural),
    range_constraints=mapping(_symbol, record(min_val=or_null(whole), max_val=or_null(whole))),
    schema_version=record(major=natural, minor=natural),
    verifiers=exactly(["TRAINING"], "verifiers"),
    torch_version=text("a version", r"[\w.+-]{1,50}"),
    guards_code=exactly([], "code of guards"),
)
"""A network that takes one tensor and gives one."""


def payloads(prefix: str) -> Rule:
    """The list of a program's tensors, kept in files of this name and a number."""
    payload = record(
        path_name=text("a tensor's file", rf"{prefix}_\d{{1,6}}"),
        is_param=flag,
        use_pickle=exactly(False, "a sign of pickle"),
        tensor_meta=_meta(one(as_int=natural)),
    )
    return record(config=mapping(_path, payload))
