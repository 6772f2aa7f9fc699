"""Which operators an exported graph may call: those that compute tensors from tensors.

Left out are operators that touch files (``from_file``, ``save``), print, share or resize
memory, or leave it unset, that are of no use in a network that predicts, and all that
begin with an underscore but a few. Knows no PyTorch; a test compares it with PyTorch's list.
"""

from __future__ import annotations

import re

__all__ = ["ATEN", "SYMBOLIC", "allowed"]

NAMES = """
abs absolute acos acosh adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d
adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d add addbmm addcdiv addcmul addmm addmv
addr adjoint affine_grid_generator alias all alpha_dropout amax amin aminmax angle any arange
arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin argsort as_strided asin asinh
atan atan2 atanh atleast_1d atleast_2d atleast_3d avg_pool1d avg_pool2d avg_pool3d baddbmm
bartlett_window batch_norm bernoulli bilinear bincount bitwise_and bitwise_left_shift bitwise_not
bitwise_or bitwise_right_shift bitwise_xor blackman_window block_diag bmm broadcast_tensors
broadcast_to bucketize cartesian_prod cat cdist ceil celu chain_matmul channel_shuffle chunk clamp
clamp_max clamp_min clip clone col2im column_stack complex concat concatenate conj conj_physical
constant_pad_nd contiguous conv1d conv2d conv3d conv_tbc conv_transpose1d conv_transpose2d
conv_transpose3d convolution copy copysign cos cosh cosine_similarity count_nonzero cross cummax
cummin cumprod cumsum deg2rad det detach diag diag_embed diagflat diagonal diagonal_scatter diff
digamma dist div divide dot dropout dsplit dstack einsum elu embedding embedding_bag eq equal erf
erfc erfinv exp exp2 expand expand_as expm1 eye feature_alpha_dropout feature_dropout fft_fft
fft_fft2 fft_fftfreq fft_fftn fft_fftshift fft_hfft fft_hfft2 fft_hfftn fft_ifft fft_ifft2
fft_ifftn fft_ifftshift fft_ihfft fft_ihfft2 fft_ihfftn fft_irfft fft_irfft2 fft_irfftn fft_rfft
fft_rfft2 fft_rfftfreq fft_rfftn fill fix flatten flip fliplr flipud float_power floor floor_divide
fmax fmin fmod frac frobenius_norm full full_like gather ge gelu ger glu greater greater_equal
grid_sampler grid_sampler_2d grid_sampler_3d group_norm gru gru_cell gt hamming_window hann_window
hardshrink hardsigmoid hardswish hardtanh heaviside hsplit hstack hypot i0 im2col imag index
index_add index_copy index_fill index_put index_reduce index_select inner instance_norm inverse
isclose isfinite isinf isnan isneginf isposinf item kaiser_window kron kthvalue layer_norm ldexp le
leaky_relu lerp less less_equal lgamma lift lift_fresh lift_fresh_copy linalg_cross linalg_det
linalg_diagonal linalg_inv linalg_matmul linalg_matrix_exp linalg_matrix_norm linalg_matrix_power
linalg_multi_dot linalg_norm linalg_qr linalg_solve linalg_svd linalg_vecdot linalg_vector_norm
linear linspace log log10 log1p log2 log_sigmoid log_softmax logaddexp logaddexp2 logcumsumexp
logical_and logical_not logical_or logical_xor logit logspace logsumexp lstm lstm_cell lt mH mT
masked_fill masked_scatter matmul matrix_H matrix_exp matrix_power max max_pool1d
max_pool1d_with_indices max_pool2d max_pool2d_with_indices max_pool3d max_pool3d_with_indices
max_unpool2d max_unpool3d maximum mean median meshgrid min minimum mish mm mode moveaxis movedim
msort mul multiply mv nan_to_num nanmean nanmedian nansum narrow native_batch_norm native_dropout
native_group_norm native_layer_norm ne neg negative new_full new_ones new_zeros norm normal
norm_except_dim not_equal numpy_T one_hot ones ones_like outer pad pairwise_distance pdist permute
pixel_shuffle pixel_unshuffle polar positive pow prelu prod rad2deg rand rand_like randint
randint_like randn randn_like randperm ravel real reciprocal reflection_pad1d reflection_pad2d
reflection_pad3d relu relu6 remainder renorm repeat repeat_interleave replication_pad1d
replication_pad2d replication_pad3d reshape reshape_as resolve_conj resolve_neg rms_norm rnn_relu
rnn_relu_cell rnn_tanh rnn_tanh_cell roll rot90 round row_stack rrelu rsqrt rsub scalar_tensor
scaled_dot_product_attention scatter scatter_add scatter_reduce searchsorted select select_scatter
selu sgn sigmoid sign signbit silu sin sinc sinh slice slice_scatter softmax softplus softshrink
sort special_entr special_erf special_expit special_expm1 special_log1p special_log_softmax
special_logit special_logsumexp special_softmax split split_with_sizes sqrt square squeeze stack
std std_mean stft sub subtract sum sum_to_size swapaxes swapdims sym_numel sym_size sym_stride t
take take_along_dim tan tanh tensor_split tensordot threshold tile to topk trace transpose
trapezoid tril tril_indices triu triu_indices true_divide trunc type_as unbind unflatten unfold
uniform unsqueeze upsample_bicubic2d upsample_bilinear2d upsample_linear1d upsample_nearest1d
upsample_nearest2d upsample_nearest3d upsample_trilinear3d var var_mean vdot view view_as
view_as_complex view_as_real vsplit vstack where xlogy zero zeros zeros_like
_assert_tensor_metadata _weight_norm
"""
ATEN = frozenset(NAMES.split())
"""Names in ``torch.ops.aten``; each stands for its form that works in place, too."""

SYMBOLIC = frozenset(
    [
        *("_operator.add", "_operator.sub", "_operator.mul", "_operator.truediv"),
        *("_operator.floordiv", "_operator.mod", "_operator.neg", "_operator.pos"),
        *("_operator.eq", "_operator.ne", "_operator.le", "_operator.ge", "_operator.lt"),
        *("_operator.gt", "_operator.and_", "_operator.or_", "torch.sym_not", "torch.sym_int"),
        *("torch.sym_float", "torch.sym_ite", "torch.sym_max", "torch.sym_min"),
        *("torch._sym_sqrt", "math.trunc"),
    ]
)
"""What is computed of sizes when the size of a batch is not known; no powers or shifts."""

OVERLOAD = re.compile(r"torch\.ops\.aten\.(\w+)\.([a-zA-Z]\w*)", re.ASCII)
NO_OVERLOADS = {"op", "op_overloads", "overloads"}
"""Other attributes that PyTorch's packet of overloads has."""


def allowed(target: str) -> bool:
    """Whether a node of a graph may call it."""
    if target in SYMBOLIC:
        return True
    named = OVERLOAD.fullmatch(target)
    if not named or named[2] in NO_OVERLOADS:
        return False
    return named[1] in ATEN or named[1].removesuffix("_") in ATEN
