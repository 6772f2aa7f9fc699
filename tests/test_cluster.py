"""Candidates on a real Ray cluster: two nodes, each a raylet of its own, on this machine."""

import contextlib
import importlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest
from commands import LLMATIC

from llmatic import launch, parts
from llmatic.config import RayConfig, compose
from llmatic.errors import UserError
from llmatic.executor import Task
from llmatic.loop import Loop
from llmatic.records import CandidateId, Measurement, Status
from llmatic.search import Search, compute_niches
from llmatic.simulation import MemoryJournal

ray = pytest.importorskip("ray", reason="Ray is not installed (the extra `ray`)")
cluster_utils = importlib.import_module("ray.cluster_utils")
cluster = importlib.import_module("llmatic.cluster")
Desk = importlib.import_module("llmatic.cluster.desk").Desk

pytestmark = pytest.mark.timeout(240)

SMALL = ("search.generations=2", "search.batch_size=4", "trainer.epochs=1", "report.refresh_s=null")
TASKS = [Task(CandidateId(1, index), f"source {index}", index) for index in range(6)]
OURS = ("ray::Slot", "ray::Node", "llmatic.evaluate.")


@pytest.fixture(scope="module", autouse=True)
def _fakes_travel():
    ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])


@pytest.fixture(scope="module")
def nodes():
    """A cluster of two nodes with a processor each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        both = cluster_utils.Cluster()
        both.add_node(num_cpus=1, num_gpus=1, include_dashboard=False)  # Ray believes it
        both.add_node(num_cpus=1)
        try:
            yield both
        finally:
            both.shutdown()


def working(cluster_nodes):
    """Processes of ours on these nodes, as text."""
    found = []
    for node in cluster_nodes.list_all_nodes():
        for info in node.all_processes.get("raylet", []):
            with contextlib.suppress(psutil.NoSuchProcess):
                for each in psutil.Process(info.process.pid).children(recursive=True):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        found.append(" ".join(each.cmdline()))
    return [each for each in found if any(ours in each for ours in OURS)]


def strays():
    """Processes of ours that are anywhere on this machine and nobody's children."""
    found = []
    for each in psutil.process_iter(["ppid", "cmdline"]):
        command = " ".join(each.info["cmdline"] or ())
        if each.info["ppid"] == 1 and any(ours in command for ours in OURS):
            found.append(command)
    return found


def wait_until(holds, seconds=20):
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds()


def archives(config, executor, observe=lambda state: None):
    """Both archives of a search that keeps its journal in memory."""
    prompts = len(launch.mutations(config))
    search = Search(config, compute_niches(config, prompts), prompts)
    llm, seed = parts.writer(config, None, print), parts.seed_network(config)
    journal = MemoryJournal()
    Loop(config, search, journal, llm, executor, seed, parts.parser(config), observe).run()
    elites = [
        (elite.niche, elite.fitness, elite.candidate.source_sha256, str(elite.candidate.proposal))
        for elite in search.networks.elites()
    ]
    return elites, search.prompts.items(), search.prompts.collective_fitness


def test_a_search_is_the_same_on_a_cluster_and_survives_the_death_of_a_node(nodes):
    local = compose([*SMALL, "executor.slots=2"])
    with parts.executors(local, print) as make, make() as executor:
        wanted = archives(local, executor)
    remote = compose([*SMALL, "executor=ray", f"executor.address={nodes.address}"])
    said = []
    with parts.executors(remote, said.append) as make, make() as executor:
        assert wait_until(lambda: executor._slots.open == 2, 60)
        assert len({seat.node for seat in executor._slots.seats}) == 2
        doomed = nodes.list_all_nodes()[-1]

        def kill_a_node(state):
            if (state.generation, state.done) == (1, 1):
                nodes.remove_node(doomed, allow_graceful=False)

        assert archives(remote, executor, kill_a_node) == wanted
        assert len({seat.node for seat in executor._slots.seats if seat.is_open}) == 1
        assert [line for line in said if "ended; what it measured is measured again" in line]
    assert wait_until(lambda: not working(nodes))
    assert wait_until(lambda: not strays())  # of another test, too, while its processes end


class Fake:
    """Ends its process, or has something that the user must mend, where the source says so."""

    def evaluate(self, source, seed, pruner=None):
        if source == "ends its slot":
            os.kill(os.getpid(), signal.SIGKILL)
        if source == "tells":
            return Measurement(Status.OK, error=" ".join(f"{k}={v}" for k, v in os.environ.items()))
        if source.startswith("hungry "):
            with Path(source.removeprefix("hungry ")).open("r+") as file:
                times = len(file.readlines())
                file.write("measured\n")
            return Measurement(Status.OK if times else Status.OUT_OF_MEMORY, seed / 10)
        if source == "refuses":
            raise UserError("no disk left")
        return Measurement(Status.OK, seed / 10)

    def close(self):
        pass


@contextmanager
def fakes(journal):
    """Fakes; what they share writes down when it is opened and closed."""
    with journal.open("a") as file:
        file.write("opened\n")
    yield Fake
    with journal.open("a") as file:
        file.write("closed\n")


@contextmanager
def no_data():
    raise UserError("the data set is not there")
    yield


def settings(address, slots=2, cpus=0.5, gpus=0, wait_s=60):
    return RayConfig("ray", address, slots, cpus, gpus, wait_s)


def test_a_slot_that_ends_costs_another_try_and_no_more(nodes, tmp_path, monkeypatch):
    monkeypatch.setattr("llmatic.cluster.slots.MOST_TRIES", 2)
    journal = tmp_path / "journal"
    said = []
    with cluster.RayExecutor(settings(nodes.address), partial(fakes, journal), said.append) as made:
        assert list(made.map([])) == []
        deadly = Task(CandidateId(1, 9), "ends its slot", 0)
        found = {task.id: each for task, each in made.map([deadly, *TASKS])}
        assert found.pop(deadly.id).status is Status.CRASHED
        assert {id: each.fitness for id, each in found.items()} == {
            task.id: task.seed / 10 for task in TASKS
        }
        first = made.map(TASKS)
        next(first)
        first.close()  # whoever stops listening gets nothing of it later
        assert len(list(made.map(TASKS[:1]))) == 1
        refused = Task(CandidateId(1, 9), "refuses", 0)
        with pytest.raises(cluster.ClusterError, match=r"^node \S+: no disk left$"):
            list(made.map([refused]))
    opened = journal.read_text().split()
    assert 1 <= opened.count("opened") == opened.count("closed") <= 2  # once on a node
    assert 1 <= len(said) <= 2
    assert wait_until(lambda: not working(nodes))


@contextmanager
def mortal(deaths, left):
    """Fakes; what they share ends its process as often as is left to it."""
    with deaths.open("a") as file:
        file.write("died\n")
    if len(deaths.read_text().split()) <= left:
        os.kill(os.getpid(), signal.SIGKILL)
    yield Fake


def test_what_a_node_shares_may_end_while_it_opens(nodes, tmp_path, monkeypatch):
    monkeypatch.setattr("llmatic.cluster.slots.MOST_TRIES", 2)
    mended = partial(mortal, tmp_path / "once", 1)
    with cluster.RayExecutor(settings(nodes.address, slots=1), mended, print) as executor:
        assert len(list(executor.map(TASKS))) == len(TASKS)
    never = partial(mortal, tmp_path / "ever", 100)
    with (
        cluster.RayExecutor(settings(nodes.address, slots=1), never, print) as executor,
        pytest.raises(cluster.ClusterError, match="slots end before they have opened"),
    ):
        list(executor.map(TASKS))
    assert wait_until(lambda: not working(nodes))


def test_measuring_begins_while_tasks_are_waited_for(nodes, tmp_path):
    noted = tmp_path / "noted"
    noted.touch()
    hungry = Task(CandidateId(1, 9), f"hungry {noted}", 7)

    def given():
        yield hungry
        assert wait_until(noted.read_text)
        yield from TASKS

    evaluators = partial(fakes, tmp_path / "journal")
    with cluster.RayExecutor(settings(nodes.address), evaluators, print) as executor:
        found = list(executor.map(given()))
        assert executor.busy_s > 0
        assert executor.slots in (1, 2)
    assert found[-1][0] is hungry  # once more, alone, at the end
    assert found[-1][1].status is Status.OK
    assert len(noted.read_text().split()) == 2
    assert len(found) == 1 + len(TASKS)


def test_the_most_work_is_begun_first():
    desk = Desk()
    for task, cost in zip(TASKS[:4], (1.0, 5.0, 3.0, 5.0), strict=True):
        desk.put(replace(task, cost=cost))
    assert [desk.next().task.seed for _ in range(4)] == [1, 3, 2, 0]
    assert desk.next() is None


def test_what_nobody_waits_for_any_more_is_dropped():
    desk = Desk()
    desk.put(TASKS[0])
    begun = desk.next()
    desk.put(TASKS[1])
    desk.clear()
    desk.put_back(begun)
    assert desk.next() is None
    desk.found(begun, Measurement(Status.OK))
    assert desk.take(wait=False) is None
    desk.fail(ValueError("no node is left"))
    for _ in range(2):
        with pytest.raises(ValueError, match="no node is left"):
            desk.take()


def test_a_node_that_comes_is_used_also_where_the_last_one_went(nodes, tmp_path):
    large, evaluators = settings(nodes.address, 1, cpus=2), partial(fakes, tmp_path / "journal")
    with cluster.RayExecutor(large, evaluators, print) as executor:
        there = nodes.add_node(num_cpus=2)
        found = executor.map(TASKS)
        ids = [next(found)[0].id]
        nodes.remove_node(there, allow_graceful=False)
        nodes.add_node(num_cpus=2)
        ids += [task.id for task, _ in found]
    assert sorted(ids) == [task.id for task in TASKS]


def test_a_slot_has_its_share_of_gpus(nodes, tmp_path):
    for gpus, sees in ((0, "CUDA_VISIBLE_DEVICES= "), (0.5, "CUDA_VISIBLE_DEVICES=0 ")):
        share = settings(nodes.address, None, gpus=gpus)
        with cluster.RayExecutor(share, partial(fakes, tmp_path / "journal"), print) as executor:
            if gpus:
                assert len(executor._slots.seats) == 2
            ((_, told),) = executor.map([Task(CandidateId(0, 0), "tells", 0)])
        assert sees in f"{told.error} "


def test_what_a_user_must_mend_is_one_line(nodes):
    for says, wrong in (
        (r"^executor\.address=127\.0\.0\.1:1: .*refused", settings("127.0.0.1:1")),
        (r"no node has executor\.cpus=99", settings(nodes.address, None, cpus=99)),
        (r"executor\.wait_s=0: no node", settings(nodes.address, 1, cpus=99, wait_s=0)),
        (r"^node \S+: the data set is not there$", settings(nodes.address)),
    ):
        with (
            pytest.raises(cluster.ClusterError, match=says),
            cluster.RayExecutor(wrong, no_data, print) as executor,
        ):
            list(executor.map(TASKS))


def test_ctrl_c_leaves_no_actor_behind(nodes, tmp_path):
    process = subprocess.Popen(
        [
            *(LLMATIC, "search", "search.generations=50", "trainer.epochs=30"),
            *("executor=ray", f"executor.address={nodes.address}"),
        ],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert any(line.startswith("generation 0/") for line in process.stderr)
    assert any("ray::Slot" in each for each in working(nodes))
    os.killpg(process.pid, signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 130, rest
    assert "go on with" in rest
    assert wait_until(lambda: not working(nodes))
    assert wait_until(lambda: not strays())  # of another test, too, while its processes end


@pytest.fixture
def short_path():
    """A folder with a path that leaves room for the names of sockets."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder)


def test_a_cluster_of_its_own_is_given_no_secrets_and_ends(short_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    monkeypatch.setattr("tempfile.tempdir", str(short_path))
    before, others = (
        signal.getsignal(signal.SIGTERM),
        set(psutil.Process().children(recursive=True)),
    )
    one = settings(None, slots=1)
    evaluators = partial(fakes, short_path / "journal")
    with cluster.RayExecutor(one, evaluators, print, {"OPENAI_API_KEY"}) as executor:
        ((_, told),) = executor.map([Task(CandidateId(0, 0), "tells", 0)])
        started = set(psutil.Process().children(recursive=True)) - others
    assert "PATH=" in told.error
    assert "OPENAI_API_KEY" not in told.error
    assert os.environ["OPENAI_API_KEY"] == "secret"
    assert signal.getsignal(signal.SIGTERM) is before
    assert started
    assert not psutil.wait_procs(started, timeout=10)[1]
    assert [each.name for each in short_path.iterdir()] == ["journal"]


def test_code_is_kept_apart_as_well_where_ray_is_imported():
    code = "from llmatic.sandbox import choose; print(choose('auto'))"
    plain, beside_ray = (
        subprocess.run(
            [sys.executable, "-c", first + code], capture_output=True, text=True, check=True
        ).stdout
        for first in ("", "import ray; ")
    )
    assert beside_ray == plain
