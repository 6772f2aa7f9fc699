"""What a person sees in the terminal: live progress, the map, the next steps.

Turns records into text and JSON. Knows nothing of how they came about.
"""

from llmatic.view.ending import best_network, outcome, stuck_at_seed, summary, writing
from llmatic.view.live import LiveProgress
from llmatic.view.plain import candidate_json, elite_json, evaluation_json, search_json
from llmatic.view.tables import (
    WIDE,
    candidate_table,
    console,
    elite_table,
    made_by,
    map_table,
    prompt_table,
    status_table,
)

__all__ = [
    "WIDE",
    "LiveProgress",
    "best_network",
    "candidate_json",
    "candidate_table",
    "console",
    "elite_json",
    "elite_table",
    "evaluation_json",
    "made_by",
    "map_table",
    "outcome",
    "prompt_table",
    "search_json",
    "status_table",
    "stuck_at_seed",
    "summary",
    "writing",
]
