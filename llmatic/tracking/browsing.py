"""Where the MLflow UI shows a search and its candidates: addresses, and the view behind one.

The UI takes which runs it shows, how they are sorted and which columns come first from
a tag of the experiment, which an address can name (a shared view). Knows no client.
"""

from __future__ import annotations

import json

__all__ = ["elites_page", "elites_view", "run_page", "search_note"]

VIEW_TAG = "mlflow.sharedViewState."
TRAINING = "workflowType=machine_learning"
"""Which of its two faces the UI shows."""
COLUMNS = (
    *("metrics.`fitness`", "metrics.`test_accuracy`", "metrics.`params`", "metrics.`flops`"),
    *("metrics.`generation`", "tags.`niche`", "tags.`parents`"),
)


def elites_page(experiment_id: str, search_run_id: str) -> str:
    """The elites of a search, fittest first; to be put after the UI's address."""
    return f"#/experiments/{experiment_id}/runs?viewStateShareKey={search_run_id}&{TRAINING}"


def elites_view(search_run_id: str) -> tuple[str, str]:
    """The tag of the experiment that `elites_page` shows: its key and its value.

    All fields are given, as the UI fills none in (MLflow 3.17).
    """
    shown = {
        "searchFilter": f"tags.elite = 'yes' and tags.mlflow.parentRunId = '{search_run_id}'",
        "orderByKey": "metrics.`fitness`",
        "orderByAsc": False,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "datasetsFilter": [],
        "modelVersionFilter": "All Runs",
    }
    table = {
        "selectedColumns": COLUMNS,
        "columnOrder": COLUMNS,
        "columnWidths": {},
        "runsExpanded": {},
        "runsPinned": [],
        "runsHidden": [],
        "runsVisibilityMap": {},
        "runsHiddenMode": "FIRST_10_RUNS",
        "viewMaximized": False,
        "runListHidden": False,
        "isAccordionReordered": False,
        "useGroupedValuesInCharts": True,
        "hideEmptyCharts": True,
        "groupBy": None,
        "groupsExpanded": {},
        "autoRefreshEnabled": True,
        "globalLineChartConfig": {
            "xAxisKey": "step",
            "lineSmoothness": 0,
            "selectedXAxisMetricKey": "",
        },
    }
    return VIEW_TAG + search_run_id, json.dumps({**table, **shown})


def run_page(experiment_id: str, run_id: str) -> str:
    """A run's own page."""
    return f"#/experiments/{experiment_id}/runs/{run_id}?{TRAINING}"


def search_note(elites: str, short_id: str) -> str:
    """What the UI says of a search: a page of markdown.

    Args:
        elites: Address of its elites.
        short_id: Beginning of its run id.
    """
    return (
        "A search for neural networks by LLMatic: a writer edits the source code of networks, and "
        "a map keeps the best of every size.\n\n"
        f"- [The map: its elites, fittest first]({elites}). Each network is a run with its code, "
        "what was changed, and its curves.\n"
        "- The figures are among the artifacts: `report/index.html`.\n"
        f"- In a terminal: `llmatic show {short_id}` or, within a budget, "
        f"`llmatic best {short_id} --max-params 100k`."
    )
