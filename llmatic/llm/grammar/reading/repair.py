"""Makes a text work: finds the sizes that do not fit and replaces them.

A network that needs more than other numbers is given up.
"""

from __future__ import annotations

from functools import cached_property

from llmatic.llm.grammar.reading.interpret import Interpreter
from llmatic.llm.grammar.reading.read import Code
from llmatic.llm.grammar.reading.text import Splice, spliced
from llmatic.llm.grammar.reading.trace import Trace
from llmatic.llm.grammar.reading.values import UnreadableError

__all__ = ["FAILURES", "Network", "repaired"]

PASSES = 8

FAILURES = (
    UnreadableError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What reading a network may end with: our own refusal, or what its Python would raise."""


class Network:
    """A text that works, as far as shapes tell.

    Attributes:
        text: The source.
        code: The same, parsed.
        trace: What its run showed.
        input_shape: Channels, height and width of an image.
        classes: Number of classes.
    """

    def __init__(
        self, text: str, code: Code, trace: Trace, input_shape: tuple[int, int, int], classes: int
    ) -> None:
        self.text = text
        self.code = code
        self.trace = trace
        self.input_shape = input_shape
        self.classes = classes

    @property
    def macs(self) -> int:
        """Multiply-accumulates for one image."""
        return self.trace.macs

    @cached_property
    def parameters(self) -> int:
        """Learnt numbers, biases left out."""
        return sum(self.trace.parameters.values())

    @cached_property
    def depth(self) -> int:
        """Layers and functions applied."""
        return len(self.trace.operations)


def repaired(text: str, input_shape: tuple[int, int, int], classes: int) -> Network | None:
    """The text with its sizes mended, or None where that does not suffice."""
    for _ in range(PASSES):
        try:
            code = Code(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        for merges in (True, False):
            run = Interpreter(code, merges=merges)
            works = True
            try:
                run.run(input_shape, classes)
            except FAILURES:
                works = False
            if works and not run.mender.fixes:
                return Network(text, code, run.trace, input_shape, classes)
        if not run.mender.fixes:
            return None
        splices = [Splice(*span, str(number)) for span, number in run.mender.fixes.items()]
        text = spliced(code.source, splices)
    return None
