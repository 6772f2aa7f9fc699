"""Texts and trajectories that must not change unnoticed.

After an intended change: LLMATIC_GOLDEN=write make test ARGS=tests/test_golden.py
"""

import json
import os
from pathlib import Path

import pytest
from core import FakeExecutor, new_search, small_config

from llmatic import genome, prompts
from llmatic.config import compose
from llmatic.llm.grammar import GrammarWriter
from llmatic.loop import Loop
from llmatic.simulation import MemoryJournal

CATALOGUE = prompts.Catalogue.of(compose().prompts)
GOLDEN = Path(__file__).parent / "golden"


def compare(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("LLMATIC_GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


def test_prompts():
    repair = CATALOGUE.repair("does not build. ValueError: no (line 7: x = 1)")
    catalogue = [*CATALOGUE.mutations, CATALOGUE.crossover, CATALOGUE.create, repair]
    said = [f"{each.key}: {CATALOGUE.instruction(each, (3, 32, 32), 10)}" for each in catalogue]
    compare("prompts.txt", "\n\n".join(said) + "\n")


@pytest.mark.parametrize("style", ["completion", "chat"])
def test_a_rendered_prompt(style):
    seed = genome.seed_source((1, 8, 8), 10)
    said = CATALOGUE.instruction(CATALOGUE.crossover, (1, 8, 8), 10)
    compare(f"crossover_{style}.txt", prompts.render(style, [seed, seed], said))


@pytest.fixture(scope="module")
def searched():
    config = small_config("search.generations=20", "search.batch_size=8")
    search, journal = new_search(config), MemoryJournal()
    seed_network = genome.seed_source((1, 8, 8), 10)
    Loop(
        config,
        search,
        journal,
        GrammarWriter(config.dataset.flops.high),
        FakeExecutor(),
        seed_network,
        genome.parse,
        lambda progress: None,
    ).run()
    return config, search, journal


def test_twenty_generations(searched):
    _, search, journal = searched
    lines = []
    for candidate in journal.candidates():
        proposal, measurement = candidate.proposal, candidate.measurement
        prompt = "" if proposal.prompt_id is None else CATALOGUE.mutations[proposal.prompt_id].key
        temperature = 0.0 if proposal.temperature is None else proposal.temperature
        parents = " ".join(map(str, proposal.parents))
        lines.append(
            f"{proposal.id} {proposal.operator.value} {prompt}@{temperature:.3f} of ({parents}): "
            f"{(candidate.source_sha256 or '')[:8]} {measurement.status.name} "
            f"{measurement.fitness}"
        )
    lines += [
        f"niche {elite.niche}: {elite.candidate.proposal.id}" for elite in search.networks.elites()
    ]
    lines += [
        f"prompt niche {niche}: {each.prompt_id} {each.temperature:.3f} {each.curiosity:+}"
        for niche, each in search.prompts.items()
    ]
    compare("trajectory.txt", "\n".join(lines) + "\n")


def test_replay_equals_live(searched):
    config, live, journal = searched
    replayed = new_search(config)
    while replayed.generation <= journal.committed:
        replayed.tell(list(journal.finished(replayed.generation).values()))
    assert replayed.networks.elites() == live.networks.elites()
    assert replayed.prompts.items() == live.prompts.items()
    assert replayed.prompts.collective_fitness == live.prompts.collective_fitness
    assert json.dumps(replayed.networks.qd_score) == json.dumps(live.networks.qd_score)
