"""NAS-Bench-201: searches on a table of trained networks instead of training.

`cell` is the genome, `table` what is known of each cell, `evaluator` looks it up,
`writer` edits cells without a language model, `skeleton` is the whole network.
"""
