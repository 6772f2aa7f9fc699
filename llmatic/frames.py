"""Messages between processes: a JSON header and raw bytes, each with its length in front.

No pickle, so that reading what an untrusted process wrote executes nothing.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Decoder", "Frame", "FrameError", "encode"]

LENGTHS = struct.Struct(">II")


class FrameError(ValueError):
    """The bytes are no message, or more than was agreed."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message.

    Attributes:
        header: Anything JSON holds, by name.
        body: Raw bytes; what they mean is for the header to say.
    """

    header: Mapping[str, Any]
    body: bytes = b""


def encode(header: Mapping[str, Any], body: bytes = b"") -> bytes:
    """The bytes of a message."""
    text = json.dumps(header).encode()
    return LENGTHS.pack(len(text), len(body)) + text + body


class Decoder:
    """Cuts a stream of bytes into messages."""

    def __init__(self, limit: int | None = None) -> None:
        """Set a limit.

        Args:
            limit: Bytes that may come in all; None for a trusted sender.
        """
        self._buffer = bytearray()
        self._limit = limit
        self._seen = 0

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The messages that these bytes complete.

        Raises:
            FrameError: They are no messages, or too many.
        """
        self._seen += len(data)
        if self._limit is not None and self._seen > self._limit:
            raise FrameError(f"more than {self._limit} bytes were sent")
        self._buffer += data
        while len(self._buffer) >= LENGTHS.size:
            header_size, body_size = LENGTHS.unpack_from(self._buffer)
            end = LENGTHS.size + header_size + body_size
            if self._limit is not None and end > self._limit:
                raise FrameError(f"a message of {end} bytes is announced")
            if len(self._buffer) < end:
                return
            text = bytes(self._buffer[LENGTHS.size : LENGTHS.size + header_size])
            body = bytes(self._buffer[LENGTHS.size + header_size : end])
            del self._buffer[:end]
            try:
                header = json.loads(text)
            except (ValueError, RecursionError) as error:
                raise FrameError(f"a header is not JSON: {error}") from error
            if not isinstance(header, dict):
                raise FrameError("a header is not a JSON object")
            yield Frame(header, body)
