"""Takes the pictures of docs/from-search-to-service.md from a running MLflow UI.

Usage, where `make ui` runs and networks of the search RUN are registered as MODEL:

    python docs/take_pictures.py http://127.0.0.1:5000 RUN MODEL

Needs Chromium. Look at the pictures before you commit them: what had not loaded is not there.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from mlflow.tracking import MlflowClient

import llmatic.api as llmatic
from llmatic.tracking.browsing import TRAINING, elites_page, run_page

PICTURES = Path(__file__).parent / "pictures"
SIZE = "1600,1000"
LOADS_WITHIN_MS = 60_000


def main(address, run, model):
    found = llmatic.open(run, f"tracking.uri={address}")
    experiment = MlflowClient(address).get_run(found.run_id).info.experiment_id
    candidate = found.elites.iloc[0]["run_id"]
    network = f"#/experiments/{experiment}/runs/{candidate}"
    search = f"#/experiments/{experiment}/runs/{found.run_id}"
    pages = {
        "elites": elites_page(experiment, found.run_id),
        "candidate": run_page(experiment, candidate),
        "curves": f"{network}/model-metrics?{TRAINING}",
        "source": f"{network}/artifacts/network.py?{TRAINING}",
        "search": f"{search}/artifacts/report/networks.png?{TRAINING}",
        "version": f"#/models/{model}/versions/1?{TRAINING}",
    }
    chromium = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))))
    how = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
    for name, page in pages.items():
        subprocess.run(
            [
                *(chromium, *how, f"--window-size={SIZE}"),
                f"--virtual-time-budget={LOADS_WITHIN_MS}",
                f"--screenshot={PICTURES / name}.png",
                f"{address}/{page}",
            ],
            check=True,
            capture_output=True,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
