"""What holds for all tests: a process in the background ignores Ctrl-C, and its children would."""

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
