"""Takes the pictures of docs/from-search-to-service.md from a running MLflow UI.

Usage, where `make ui` runs and networks of the search RUN are registered as MODEL:

    python docs/take_pictures.py http://127.0.0.1:5000 RUN MODEL [PICTURE...]

Needs Chromium. Look at the pictures before you commit them.
"""

import io
import shutil
import sys
from pathlib import Path

from mlflow.tracking import MlflowClient
from PIL import Image
from playwright.sync_api import sync_playwright

import llmatic.api as llmatic
from llmatic.tracking.browsing import TRAINING, elites_page, run_page

PICTURES = Path(__file__).parent / "pictures"
WIDTH, HEIGHT, ASSISTANT = 1900, 1000, 488
"""Of the window, in pixels; MLflow's assistant, which opens at its right, is cut off."""
DRAWN_WITHIN_MS = 20_000
"""Nothing of MLflow's pages says that all is drawn; the table of elites asks on for ever."""
MOUSE = "primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4"
"""Without a mouse, charts show their tools over their lines."""


def main(address, run, model, *names):
    found = llmatic.open(run, f"tracking.uri={address}")
    client = MlflowClient(address)
    experiment = client.get_run(found.run_id).info.experiment_id
    champion = client.get_model_version_by_alias(model, "champion").version
    candidate = found.elites.iloc[0]["run_id"]
    network = f"#/experiments/{experiment}/runs/{candidate}"
    search = f"#/experiments/{experiment}/runs/{found.run_id}"
    pages = {
        "elites": elites_page(experiment, found.run_id),
        "candidate": run_page(experiment, candidate),
        "curves": f"{network}/model-metrics?{TRAINING}",
        "source": f"{network}/artifacts/network.py?{TRAINING}",
        "search": f"{search}/artifacts/report/networks.png?{TRAINING}",
        "version": f"#/models/{model}/versions/{champion}?{TRAINING}",
    }
    chromium = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if chromium is None:
        sys.exit("There is no Chromium (apt install chromium).")
    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=chromium, chromium_sandbox=False, args=[f"--blink-settings={MOUSE}"]
        )
        for name in names or pages:
            tab = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
            tab.goto(f"{address}/{pages[name]}")
            tab.wait_for_timeout(DRAWN_WITHIN_MS)
            taken = Image.open(io.BytesIO(tab.screenshot()))
            taken = taken.crop((0, 0, WIDTH - ASSISTANT, HEIGHT))
            taken.quantize(256).save(PICTURES / f"{name}.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
