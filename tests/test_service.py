"""From a search to a service, as docs/from-search-to-service.md has it, over a team's server.

Each step is a command of its own; artifacts go through the server.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import mlflow
import numpy as np
import pytest
from commands import llmatic, run_id
from deliveries import assert_no_pickle
from mlflow.tracking import MlflowClient
from stores import Server

SMALL = (
    *("search.generations=1", "search.batch_size=4", "trainer.epochs=2", "executor.slots=2"),
    "report.refresh_s=null",
)
TRIALS = 3
STRANGER = """
import json, sys
import mlflow.pyfunc
import numpy as np
model = mlflow.pyfunc.load_model("models:/digits@champion")
example = json.load(open(sys.argv[1]))
print(json.dumps(model.predict(np.array(example["inputs"], np.float32)).tolist()))
assert "llmatic" not in sys.modules
"""


@pytest.fixture
def server(tmp_path):
    folder = tmp_path / "server"
    folder.mkdir()
    with Server(folder, f"sqlite:///{folder}/mlflow.db") as started:
        yield started


@pytest.mark.timeout(900)
def test_from_a_search_to_a_service(server, tmp_path):
    environment = {
        **os.environ,
        "MLFLOW_TRACKING_URI": server.uri,
        "OMP_NUM_THREADS": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",  # as activated
    }

    def said(*arguments):
        return llmatic(tmp_path, *arguments, env=environment, timeout_s=580)

    def told(*arguments):
        return json.loads(said(*arguments, "--json").stdout)

    run = run_id(said("search", *SMALL))
    chosen = told("best", run, "--max-params", "1M")[0]["candidate"]
    tuned = told("tune", run, chosen, "--trials", str(TRIALS), "--epochs", "2")
    assert (tuned["trials"], tuned["new_trials"]) == (TRIALS, TRIALS)
    again = said("tune", run, chosen, "--trials", str(TRIALS), "--epochs", "2")
    assert f"All {TRIALS} trials had been done before" in again.stderr
    assert re.search(r"(Trial \d+|The search's own recipe) won: validation accuracy", again.stdout)
    trained = told("train", run, chosen, "--tuned", "--epochs", "3")
    (best,) = told("register", run, "--best", "--name", "digits")
    assert (best["version"], best["aliases"]) == ("1", ["champion"])
    assert best["tags"]["weights"] == f"training {trained['run_id']}"

    client = MlflowClient(server.uri)
    version = client.get_model_version_by_alias("digits", "champion")
    assert version.version == best["version"]
    assert {"llmatic.search", "candidate", "parents", "llm", "commit"} <= set(version.tags)
    assert version.run_id in {
        each.info.run_id
        for each in client.search_runs(
            [client.get_experiment_by_name("llmatic").experiment_id],
            f"tags.mlflow.parentRunId = '{run}' and tags.elite = 'yes'",
        )
    }
    files = tmp_path / "model"
    mlflow.artifacts.download_artifacts(
        version.source, dst_path=str(files), tracking_uri=server.uri
    )
    example = next(files.rglob("serving_input_example.json"))
    described = mlflow.models.Model.load(str(next(files.rglob("MLmodel")).parent))
    assert client.get_logged_model(described.model_id).source_run_id == version.run_id
    assert described.signature.inputs.inputs[0].shape == (-1, 1, 8, 8)
    assert len(described.metadata["classes"]) == 10
    recorded = np.array(described.metadata["example_probabilities"])

    stranger = tmp_path / "stranger"
    stranger.mkdir()
    done = subprocess.run(
        [sys.executable, "-I", "-c", STRANGER, str(example)],
        cwd=stranger,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )
    assert np.array(json.loads(done.stdout)) == pytest.approx(recorded, abs=1e-5)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serve = ("-m", "mlflow", "models", "serve", "-m", "models:/digits@champion")
    serving = subprocess.Popen(
        [sys.executable, *serve, "-p", str(port), "--env-manager", "local"],
        cwd=stranger,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        answer = ask(port, example.read_bytes(), serving)
    finally:
        os.killpg(serving.pid, 15)
        serving.wait()
    assert np.array(answer["predictions"]) == pytest.approx(recorded, abs=1e-5)
    assert_no_pickle(tmp_path / "server" / "artifacts")


def ask(port, question, serving):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/invocations", question, {"Content-Type": "application/json"}
    )
    for _ in range(240):
        assert serving.poll() is None
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return json.load(response)
        except OSError:
            time.sleep(0.5)
    raise AssertionError("it does not answer")
