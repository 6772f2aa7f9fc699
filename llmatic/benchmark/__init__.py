"""Studies: methods x data sets x seeds at equal numbers of distinct evaluations.

`methods` says what is compared and runs one search, `parallel` several at once, `study`
all of them, `statistics` what came out, `figures` and `view` show it.
"""
