"""Messages between processes: a JSON header and raw bytes, each with its length in front.

No pickle, so that reading what an untrusted process wrote executes nothing. Does not
know what any message means.
"""

from __future__ import annotations

import os
import select
import struct
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from json import dumps, loads
from os import write as _write
from pathlib import Path
from typing import Any

__all__ = ["Decoder", "Frame", "FrameError", "Reader", "announce", "encode", "pass_on", "write"]

LENGTHS = struct.Struct(">II")
CHUNK = 2**20


class FrameError(Exception):
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
    return announce(header, len(body)) + body


def announce(header: Mapping[str, Any], size: int) -> bytes:
    """The bytes of a message whose body, of so many bytes, follows from elsewhere."""
    text = dumps(header).encode()
    return LENGTHS.pack(len(text), size) + text


def write(descriptor: int, data: bytes) -> None:
    """Write all of it."""
    view = memoryview(data)
    while view:
        view = view[_write(descriptor, view) :]


def pass_on(source: int, sink: int, size: int) -> None:
    """Move bytes from pipe to pipe without having them in this process's memory.

    Args:
        source: Where they come from.
        sink: Where they go; they are lost if nobody reads it any more.
        size: How many.

    Raises:
        EOFError: The source ended before.
    """
    while size:
        try:
            moved = os.splice(source, sink, size)
        except BrokenPipeError:
            with Path(os.devnull).open("wb") as nowhere:
                pass_on(source, nowhere.fileno(), size)
            return
        if not moved:
            raise EOFError(f"{size} bytes did not come")
        size -= moved


class Reader:
    """Takes a sender's messages off a descriptor, and not a byte further."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def receive(self, deadline: float | None = None, limit: int | None = None) -> Frame | None:
        """The next message; None at the end.

        Args:
            deadline: On the monotonic clock, in seconds.
            limit: Bytes that it may have, where the sender is not trusted.

        Raises:
            TimeoutError: It was not there by then; what was is lost.
            FrameError: It is no message, or too long.
        """
        if (announced := self.announced(deadline, limit)) is None:
            return None
        header, size = announced
        body = self._exactly(size, deadline)
        return None if body is None else Frame(header, body)

    def announced(
        self, deadline: float | None = None, limit: int | None = None
    ) -> tuple[Mapping[str, Any], int] | None:
        """The next message's header and its body's size; the body is left for others to take."""
        if (lengths := self._exactly(LENGTHS.size, deadline)) is None:
            return None
        header_size, body_size = LENGTHS.unpack(lengths)
        size = header_size + body_size
        if limit is not None and size > limit:
            raise FrameError(f"a message of {size:,} bytes, allowed are {limit:,}")
        text = self._exactly(header_size, deadline)
        return None if text is None else (_header(text), body_size)

    def _exactly(self, size: int, deadline: float | None) -> bytes | None:
        data = bytearray()
        while len(data) < size:
            if deadline is not None:
                left = max(0.0, deadline - time.monotonic())
                if not select.select([self.descriptor], [], [], left)[0]:
                    raise TimeoutError
            part = os.read(self.descriptor, min(size - len(data), CHUNK))
            if not part:
                return None
            data += part
        return bytes(data)


class Decoder:
    """Cuts an untrusted sender's bytes into messages."""

    def __init__(self, limit: int) -> None:
        """Set a limit.

        Args:
            limit: Bytes that may come in all.
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
        if self._seen > self._limit:
            raise FrameError(f"more than {self._limit} bytes were sent")
        self._buffer += data
        while len(self._buffer) >= LENGTHS.size:
            header_size, body_size = LENGTHS.unpack_from(self._buffer)
            end = LENGTHS.size + header_size + body_size
            if end > self._limit:
                raise FrameError(f"a message of {end} bytes is announced")
            if len(self._buffer) < end:
                return
            text = bytes(self._buffer[LENGTHS.size : LENGTHS.size + header_size])
            body = bytes(self._buffer[LENGTHS.size + header_size : end])
            del self._buffer[:end]
            yield Frame(_header(text), body)


def _header(text: bytes) -> Mapping[str, Any]:
    try:
        header = loads(text)
    except (ValueError, RecursionError) as error:
        raise FrameError(f"a header is not JSON: {error}") from error
    if not isinstance(header, dict):
        raise FrameError("a header is not a JSON object")
    return header
