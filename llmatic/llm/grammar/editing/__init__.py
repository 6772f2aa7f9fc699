"""Changes a network's source: one edit for each prompt, crossover, and from scratch.

Each edit splices text at positions that `reading` gives, and leaves the rest as it
was. Knows nothing of requests and completions.
"""
