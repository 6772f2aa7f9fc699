"""What a corpus of the small code model holds: requests, sizes, lengths, styles.

Usage: python benchmarks/corpus_statistics.py nano/corpus-0-45000.jsonl.gz
"""

import sys
from collections import Counter
from pathlib import Path
from statistics import quantiles

from llmatic.nano import corpus
from llmatic.nano.examples import NETWORKS, fingerprint

SIGNS = {
    "layers in one nn.Sequential": "= nn.Sequential(",
    "a helper class": "(nn.Module):",
    "functions of F": "F.",
    "functions of torch": "torch.",
    "lazy sizes": "nn.Lazy",
    "a comment": "# ",
    "a docstring": '"""',
    "from torch import nn": "from torch import nn",
    "convolutions": "nn.Conv",
    "a recurrent layer": "batch_first",
    "a residual connection": "x + ",
    "a concatenation": "torch.cat",
}
"""What is looked for in the text of an answer; a helper class beside the network itself."""

if __name__ == "__main__":
    found = corpus.load(Path(sys.argv[1]))
    networks = [each for each in found if each.catalogue == NETWORKS]
    for title, counts in corpus.statistics(found).items():
        print(f"\n| {title} | examples |\n| --- | ---: |")
        for name, count in counts.most_common():
            print(f"| {name} | {count:,} |")
    print("\n| characters of | shortest | 25% | 50% | 75% | 95% | longest |")
    print("| --- |" + " ---: |" * 6)
    for title, texts in (
        ("the parent", [each.parents[0] for each in networks]),
        ("the answer", [each.child for each in networks]),
    ):
        lengths = sorted(map(len, texts))
        cuts = quantiles(lengths, n=20)
        row = (lengths[0], cuts[4], cuts[9], cuts[14], cuts[18], lengths[-1])
        print(f"| {title} | {' | '.join(f'{each:,.0f}' for each in row)} |")
    print(f"\n{len({fingerprint(each.child) for each in networks}):,} different answers")
    signs = Counter(
        title
        for each in networks
        for title, sign in SIGNS.items()
        if each.child.count(sign) > (sign == "(nn.Module):")
    )
    print("\n| answers with | share |\n| --- | ---: |")
    for title, count in signs.most_common():
        print(f"| {title} | {count / len(networks):.0%} |")
