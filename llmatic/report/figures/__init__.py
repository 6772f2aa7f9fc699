"""The figures of a report, one module for each kind; each function draws one.

matplotlib is imported here only. A figure is drawn from facts and knows no file and no page.
"""
