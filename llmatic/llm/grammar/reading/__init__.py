"""Understands a network's source: which layers it has, how they are used, every shape.

An abstract interpreter of the Python that networks are written in; it executes
nothing. It knows where each number stands in the text, so that `repair` can make
sizes agree. Knows nothing of how networks are changed.
"""
