"""The journal on MLflow: the only package that talks to the tracking store.

`create_search` begins a search, `open_search` goes on with one or reads it, `find_search` and
`list_searches` say which there are, `serve_ui` shows them. `open_study` is for comparisons
of many short searches and for tunings, `TrainingRecorder` for single trainings. Everything
the store raises is a `TrackingError`.
"""

from llmatic.tracking.journal import MlflowJournal
from llmatic.tracking.provenance import made_with_tags
from llmatic.tracking.searches import (
    SearchInfo,
    create_search,
    find_search,
    list_searches,
    open_search,
)
from llmatic.tracking.store import TrackingError
from llmatic.tracking.studies import StudyJournal, open_study, study_results
from llmatic.tracking.trainings import FinishedTraining, Training, TrainingRecorder, trainings
from llmatic.tracking.ui import serve_ui

__all__ = [
    "FinishedTraining",
    "MlflowJournal",
    "SearchInfo",
    "StudyJournal",
    "TrackingError",
    "Training",
    "TrainingRecorder",
    "create_search",
    "find_search",
    "list_searches",
    "made_with_tags",
    "open_search",
    "open_study",
    "serve_ui",
    "study_results",
    "trainings",
]
