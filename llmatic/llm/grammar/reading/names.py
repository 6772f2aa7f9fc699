"""Names of torch whose effect on a shape can be said in a word."""

from __future__ import annotations

__all__ = [
    "BINARY",
    "ELEMENTWISE",
    "KEEPS_NOTHING",
    "KEEPS_OUTPUT",
    "PAIRS",
    "REDUCING",
    "SAME_NUMBERS",
    "UNCHANGED",
]

ELEMENTWISE = frozenset(
    {
        "AlphaDropout",
        "CELU",
        "Dropout",
        "Dropout1d",
        "Dropout2d",
        "ELU",
        "FeatureAlphaDropout",
        "GELU",
        "Hardshrink",
        "Hardsigmoid",
        "Hardswish",
        "Hardtanh",
        "Identity",
        "LeakyReLU",
        "LocalResponseNorm",
        "LogSigmoid",
        "LogSoftmax",
        "Mish",
        "RReLU",
        "ReLU",
        "ReLU6",
        "SELU",
        "SiLU",
        "Sigmoid",
        "Softmax",
        "Softmax2d",
        "Softmin",
        "Softplus",
        "Softshrink",
        "Softsign",
        "Tanh",
        "Tanhshrink",
        "Threshold",
    }
)
"""Layers that leave the shape as it is."""

UNCHANGED = frozenset(
    {
        "abs",
        "alpha_dropout",
        "celu",
        "clamp",
        "clip",
        "clone",
        "contiguous",
        "cos",
        "cpu",
        "detach",
        "div_",
        "dropout",
        "dropout1d",
        "dropout2d",
        "dropout_",
        "elu",
        "elu_",
        "empty_like",
        "erf",
        "exp",
        "feature_alpha_dropout",
        "float",
        "floor",
        "full_like",
        "gelu",
        "hardshrink",
        "hardsigmoid",
        "hardswish",
        "hardtanh",
        "instance_norm",
        "layer_norm",
        "leaky_relu",
        "leaky_relu_",
        "log",
        "log1p",
        "log_softmax",
        "logsigmoid",
        "mish",
        "neg",
        "normalize",
        "nan_to_num",
        "pow",
        "relu",
        "relu6",
        "relu_",
        "requires_grad_",
        "rrelu",
        "rsqrt",
        "selu",
        "selu_",
        "sigmoid",
        "sigmoid_",
        "sign",
        "silu",
        "sin",
        "softmax",
        "softplus",
        "softshrink",
        "softsign",
        "sqrt",
        "square",
        "tanh",
        "tanh_",
        "tanhshrink",
        "threshold",
        "to",
        "type",
        "type_as",
        "zeros_like",
        "ones_like",
        "rand_like",
        "randn_like",
        "roll",
        "flip",
        "cumsum",
        "cumprod",
        "triu",
        "tril",
        "masked_fill",
        "softmin",
        "atan",
        "round",
        "ceil",
        "bernoulli",
        "logit",
        "expm1",
        "lerp",
    }
)
"""Functions that leave the shape as it is."""

BINARY = frozenset(
    {
        "add",
        "sub",
        "mul",
        "div",
        "add_",
        "sub_",
        "mul_",
        "maximum",
        "minimum",
        "subtract",
        "multiply",
        "divide",
        "true_divide",
    }
)
"""Arithmetic on two tensors."""

REDUCING = frozenset(
    {
        "mean",
        "sum",
        "amax",
        "amin",
        "max",
        "min",
        "std",
        "var",
        "prod",
        "logsumexp",
        "norm",
        "argmax",
        "argmin",
        "median",
        "any",
        "all",
    }
)
"""Functions that do away with axes."""

PAIRS = frozenset({"max", "min", "median"})
"""Reducing functions that give positions, too, when told an axis."""

KEEPS_OUTPUT = frozenset({"relu", "sigmoid", "tanh", "softmax", "log_softmax", "exp", "sqrt"})
"""Functions whose gradient is computed from their output."""

KEEPS_NOTHING = frozenset(
    {"add", "sub", "cat", "stack", "mean", "sum", "pad", "dropout", "dropout2d", "size", "shape"}
)
"""Functions whose gradient needs no numbers."""

SAME_NUMBERS = frozenset(
    {
        "flatten",
        "unflatten",
        "view",
        "reshape",
        "squeeze",
        "unsqueeze",
        "transpose",
        "permute",
        "expand",
        "contiguous",
        "identity",
    }
)
"""Functions whose output is their input in another shape."""
