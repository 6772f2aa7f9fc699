"""Cells for the tests of this folder."""

from hypothesis import strategies as st

from llmatic.nasbench201.cell import EDGES, Cell, Operation

CELLS = st.tuples(*[st.sampled_from(Operation)] * len(EDGES)).map(Cell)
RICH = Cell.from_string(
    "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_1x1~1|+|avg_pool_3x3~0|none~1|nor_conv_3x3~2|"
)
EMPTY = Cell((Operation.ZEROIZE,) * len(EDGES))
