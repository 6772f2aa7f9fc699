import os
import struct
import time

import pytest

from llmatic.frames import Decoder, Frame, FrameError, Reader, announce, encode, pass_on, write

MESSAGE = encode({"a": [1, "é"]}, b"body")


@pytest.fixture
def pipe():
    ends = os.pipe()
    yield ends
    for each in ends:
        try:
            os.close(each)
        except OSError:
            continue


def test_what_is_encoded_is_read_back_and_not_a_byte_more(pipe):
    reading, writing = pipe
    write(writing, MESSAGE + MESSAGE + b"rest")
    reader = Reader(reading)
    assert [reader.receive(), reader.receive()] == [Frame({"a": [1, "é"]}, b"body")] * 2
    assert os.read(reading, 100) == b"rest"


def test_a_body_can_be_left_for_another(pipe):
    reading, writing = pipe
    write(writing, MESSAGE)
    assert Reader(reading).announced() == ({"a": [1, "é"]}, 4)
    assert os.read(reading, 100) == b"body"


@pytest.mark.parametrize("cut", [0, 3, 10, len(MESSAGE) - 1])
def test_the_end_is_no_message(pipe, cut):
    reading, writing = pipe
    write(writing, MESSAGE[:cut])
    os.close(writing)
    assert Reader(reading).receive() is None


@pytest.mark.parametrize("cut", [0, 3, 10, len(MESSAGE) - 1])
def test_nobody_waits_beyond_a_deadline(pipe, cut):
    reading, writing = pipe
    write(writing, MESSAGE[:cut])
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        Reader(reading).receive(began + 0.05)
    assert 0.05 <= time.monotonic() - began < 5


def test_bytes_are_passed_on_from_pipe_to_pipe(pipe):
    reading, writing = os.pipe()
    write(writing, b"first and second")
    pass_on(reading, pipe[1], 5)
    assert os.read(pipe[0], 100) == b"first"
    os.close(pipe[0])
    pass_on(reading, pipe[1], 4)  # nobody reads it
    assert os.read(reading, 100) == b" second"
    os.close(writing)
    with pytest.raises(EOFError):
        pass_on(reading, pipe[1], 1)
    os.close(reading)


def test_a_stream_is_cut_wherever_it_is_torn():
    stream = MESSAGE * 3
    for size in (1, 7, len(stream)):
        decoder = Decoder(1000)
        parts = [stream[start : start + size] for start in range(0, len(stream), size)]
        found = [frame for part in parts for frame in decoder.feed(part)]
        assert found == [Frame({"a": [1, "é"]}, b"body")] * 3


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"x" * 1001, "more than 1000 bytes were sent"),
        (MESSAGE * 50, "more than 1000 bytes were sent"),
        (struct.pack(">II", 10, 2**31), "is announced"),
        (announce({}, 993), "a message of 1003 bytes is announced"),
        (struct.pack(">II", 4, 0) + b"haha", "not JSON"),
        (struct.pack(">II", 2, 0) + b"\xff\xff", "not JSON"),
        (struct.pack(">II", 900, 0) + b"[" * 900, "not JSON"),
        (struct.pack(">II", 2, 0) + b"[]", "not a JSON object"),
    ],
)
def test_what_is_no_message_or_too_much_is_refused(data, says):
    with pytest.raises(FrameError, match=says):
        list(Decoder(1000).feed(data))
