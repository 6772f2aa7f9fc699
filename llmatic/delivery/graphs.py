"""What the JSON of an exported PyTorch program may say, field by field.

A rule takes what was read and gives what may be written instead, or refuses it. Together
the rules follow ``torch/_export/serde/schema.py``, without all of its parts that PyTorch
imports, evaluates or unpickles; a field they do not name is refused. Knows no files and no
PyTorch.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import NoReturn

from llmatic.delivery.aten import allowed

__all__ = ["PROGRAM", "RefusedError", "Rule", "payloads", "shown"]

Rule = Callable[[object], object]


class RefusedError(Exception):
    """Something is not on the list; says what, to go on after ``it would hold``."""


def shown(value: object) -> str:
    """Something of a stranger's, short and in ASCII without control characters."""
    text = ascii(value)
    return text if len(text) <= 80 else f"{text[:80]}..."


def _refuse(value: object, place: str) -> NoReturn:
    raise RefusedError(f"{shown(value)} as {place}")


def _flag(value: object) -> bool:
    return value if isinstance(value, bool) else _refuse(value, "a flag")


def _whole(value: object) -> int:
    if type(value) is int and -(2**63) <= value < 2**63:
        return value
    _refuse(value, "a whole number")


def _natural(value: object) -> int:
    number = _whole(value)
    return number if number >= 0 else _refuse(value, "a size")


def _number(value: object) -> object:
    if value in ("Infinity", "-Infinity", "NaN"):
        return value
    if type(value) is float and math.isfinite(value):
        return value
    return _whole(value)


def _text(place: str, pattern: str) -> Rule:
    """A string that matches a pattern, of ASCII characters."""
    compiled = re.compile(pattern, re.ASCII)

    def rule(value: object) -> str:
        if isinstance(value, str) and compiled.fullmatch(value):
            return value
        _refuse(value, place)

    return rule


def _exactly(only: object, place: str) -> Rule:
    def rule(value: object) -> object:
        return only if type(value) is type(only) and value == only else _refuse(value, place)

    return rule


def _or_null(rule: Rule) -> Rule:
    return lambda value: None if value is None else rule(value)


def _list(rule: Rule) -> Rule:
    def whole(value: object) -> list[object]:
        return (
            [rule(each) for each in value] if isinstance(value, list) else _refuse(value, "a list")
        )

    return whole


def _mapping(keys: Rule, values: Rule) -> Rule:
    def whole(value: object) -> dict[object, object]:
        return {keys(key): values(each) for key, each in _fields(value).items()}

    return whole


def _record(**rules: Rule) -> Rule:
    """An object with exactly these fields."""

    def whole(value: object) -> dict[str, object]:
        fields = _fields(value)
        for key in sorted(fields.keys() - rules.keys()):
            _refuse(key, "a field")
        for key in sorted(rules.keys() - fields.keys()):
            raise RefusedError(f"no field {key}")
        return {key: rule(fields[key]) for key, rule in rules.items()}

    return whole


def _one(**rules: Rule) -> Rule:
    """An object with exactly one field, which is one of these."""

    def whole(value: object) -> dict[str, object]:
        fields = _fields(value)
        if len(fields) != 1 or not fields.keys() <= rules.keys():
            _refuse(list(fields), "a kind of value")
        return {key: rules[key](each) for key, each in fields.items()}

    return whole


def _fields(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else _refuse(value, "an object")


def _operator(value: object) -> str:
    return value if isinstance(value, str) and allowed(value) else _refuse(value, "an operator")


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
        return json.dumps(only) if same else _refuse(value, "a structure of arguments")

    return rule


FUNCTIONS = (
    "Add|Mul|Mod|PythonMod|FloorDiv|CleanDiv|CeilDiv|IntTrueDiv|FloatTrueDiv|ModularIndexing|Min|Max|"
    "CeilToInt|FloorToInt|TruncToInt|TruncToFloat|RoundToInt|ToFloat|Identity|Where|"
    "Equality|Unequality|LessThan|StrictLessThan|GreaterThan|StrictGreaterThan|And|Or|Not"
)
SYMBOL = r"z?[su]f?\d{1,4}"
ASSUMED = r", (?:positive|nonnegative|integer|real)=True"
TERM = rf"Symbol\('{SYMBOL}'(?:{ASSUMED})*\)|Integer\(-?\d{{1,10}}\)|true|false"
STEP = r"(?!__)[\w-]{1,200}(?:@\d{1,4})?"
PATH = rf"{STEP}(?:\.{STEP}){{0,50}}"

_name = _text("a name", r"[A-Za-z_]\w{0,199}")
_path = _text("a path", PATH)
_path_or_root = _text("a path", rf"(?:{PATH})?")
_symbol = _text("a symbol", SYMBOL)
_expression = _text("a size", rf"(?=.{{1,1000}}\Z)(?:{TERM}|(?:{FUNCTIONS})\(|\)|, )*")
_word = _text("a word", r"[\w ,.>-]{0,100}")

HINT = _one(as_int=_whole, as_bool=_flag, as_float=_number)
EXPRESSION = _record(expr_str=_expression, hint=_or_null(HINT))
SYM_INT = _one(as_expr=EXPRESSION, as_int=_whole)
SYM_FLOAT = _one(as_expr=EXPRESSION, as_float=_number)
SYM_BOOL = _one(as_expr=EXPRESSION, as_bool=_flag)
DEVICE = _record(type=_exactly("cpu", "a device"), index=_exactly(None, "a device's index"))
STRIDED = _exactly(7, "a layout")


def _meta(size: Rule) -> Rule:
    return _record(
        dtype=_natural,
        sizes=_list(size),
        requires_grad=_flag,
        device=DEVICE,
        strides=_list(size),
        storage_offset=size,
        layout=STRIDED,
    )


TENSOR = _record(name=_name)
INT, FLOAT, BOOL = (
    _one(as_name=_name, as_int=_whole),
    _one(as_name=_name, as_float=_number),
    _one(as_name=_name, as_bool=_flag),
)
MAYBE_TENSOR = _one(as_tensor=TENSOR, as_none=_flag)
INPUT = _one(
    as_none=_flag,
    as_tensor=TENSOR,
    as_tensors=_list(TENSOR),
    as_optional_tensor=MAYBE_TENSOR,
    as_optional_tensors=_list(MAYBE_TENSOR),
    as_int=_whole,
    as_ints=_list(_whole),
    as_float=_number,
    as_floats=_list(_number),
    as_bool=_flag,
    as_bools=_list(_flag),
    as_complex=_record(real=_number, imag=_number),
    as_string=_word,
    as_sym_int=INT,
    as_sym_ints=_list(INT),
    as_sym_float=FLOAT,
    as_sym_floats=_list(FLOAT),
    as_sym_bool=BOOL,
    as_sym_bools=_list(BOOL),
    as_scalar_type=_natural,
    as_memory_format=_natural,
    as_layout=STRIDED,
    as_device=DEVICE,
)
OUTPUT = _one(
    as_none=_flag,
    as_tensor=TENSOR,
    as_tensors=_list(TENSOR),
    as_sym_int=INT,
    as_sym_float=FLOAT,
    as_sym_bool=BOOL,
)
ONE_TENSOR = _one(as_tensor=TENSOR)
NODE = _record(
    target=_operator,
    inputs=_list(_record(name=_name, arg=INPUT, kind=_or_null(_natural))),
    outputs=_list(OUTPUT),
    metadata=_nothing,
    is_hop_single_tensor_return=_exactly(None, "a kind of operator"),
    name=_or_null(_name),
)
GRAPH = _record(
    inputs=_list(ONE_TENSOR),
    outputs=_list(ONE_TENSOR),
    nodes=_list(NODE),
    tensor_values=_mapping(_name, _meta(SYM_INT)),
    sym_int_values=_mapping(_name, SYM_INT),
    sym_float_values=_mapping(_name, SYM_FLOAT),
    sym_bool_values=_mapping(_name, SYM_BOOL),
    is_single_tensor_return=_exactly(False, "a kind of graph"),
    custom_obj_values=_exactly({}, "custom objects"),
)
SIGNATURE = _record(
    input_specs=_list(
        _one(
            user_input=_record(arg=ONE_TENSOR),
            parameter=_record(arg=TENSOR, parameter_name=_path),
            buffer=_record(arg=TENSOR, buffer_name=_path, persistent=_flag),
            tensor_constant=_record(arg=TENSOR, tensor_constant_name=_path),
        )
    ),
    output_specs=_list(
        _one(
            user_output=_record(arg=ONE_TENSOR),
            buffer_mutation=_record(arg=TENSOR, buffer_name=_path),
        )
    ),
)
LEAF = '{"type": null, "context": null, "children_spec": []}'
ONE_IN = (
    '[1, {"type": "builtins.tuple", "context": "null", "children_spec": ['
    f'{{"type": "builtins.tuple", "context": "null", "children_spec": [{LEAF}]}}, '
    '{"type": "builtins.dict", "context": "[]", "children_spec": []}]}]'
)
CALL = _record(
    inputs=_exactly([], "arguments of a module"),
    outputs=_exactly([], "results of a module"),
    in_spec=_structure(ONE_IN),
    out_spec=_structure(f"[1, {LEAF}]"),
    forward_arg_names=_or_null(_list(_name)),
)
PROGRAM = _record(
    graph_module=_record(
        graph=GRAPH,
        signature=SIGNATURE,
        module_call_graph=_list(_record(fqn=_path_or_root, signature=_or_null(CALL))),
        metadata=_nothing,
        treespec_namedtuple_fields=_exactly({}, "named tuples"),
    ),
    opset_version=_mapping(_text("a set of operators", "aten"), _natural),
    range_constraints=_mapping(
        _symbol, _record(min_val=_or_null(_whole), max_val=_or_null(_whole))
    ),
    schema_version=_record(major=_natural, minor=_natural),
    verifiers=_exactly(["TRAINING"], "verifiers"),
    torch_version=_text("a version", r"[\w.+-]{1,50}"),
    guards_code=_exactly([], "code of guards"),
)
"""A network that takes one tensor and gives one."""


def payloads(prefix: str) -> Rule:
    """The list of a program's tensors, kept in files of this name and a number."""
    payload = _record(
        path_name=_text("a tensor's file", rf"{prefix}_\d{{1,6}}"),
        is_param=_flag,
        use_pickle=_exactly(False, "a sign of pickle"),
        tensor_meta=_meta(_one(as_int=_natural)),
    )
    return _record(config=_mapping(_path, payload))
