"""Images per second of a training: LLMatic's, a tuned loop written by hand, a stock DataLoader.

The same network, batch, optimizer and data in each, one after the other in every round; the
ratios are of one round, their median is told. Data are random numbers in the shape of
CIFAR-10 and of digits; a stock loader transforms images one by one, as torchvision's
examples do, in its own process (the default) or in two more, and shifts and flips them there.
The precision is that of LLMatic and of the loop by hand; a stock loop computes in 32 bits.

Usage: python benchmarks/training_speed.py [--rounds 7] [--threads 1] [--accelerator cpu]
           [--precision auto]
"""

import argparse
import itertools
import logging
import statistics
import time
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from lightning_modules.augmentation import Augmentation, augment
from lightning_modules.classifier import Classifier
from lightning_modules.resident import Batches
from lightning_modules.stretches import InStretches, Stretches
from llmatic import genome
from llmatic.config import compose
from llmatic.evaluate.candidate import autocast_dtype, make_trainer
from llmatic.evaluate.protocol import Recipe
from llmatic.network import build

Way = Callable[[], None]
PAUSE_S = 0.5
LEARNING_RATE = 0.01
MOMENTUM = 0.9
CNN = """
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(3, 32, 3, padding=1)
        self.second = nn.Conv2d(32, 64, 3, padding=1)
        self.fc = nn.Linear(64 * 8 * 8, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.first(x)), 2)
        x = F.max_pool2d(F.relu(self.second(x)), 2)
        return self.fc(x.flatten(1))
"""


class Stored(Dataset):
    """Images as torchvision's CIFAR10 gives them: from bytes to PIL to a tensor, one by one."""

    def __init__(self, images: np.ndarray, labels: list[int], *, augmented: bool) -> None:
        self._images = images
        self._labels = labels
        channels = images.shape[-1]
        shifted = [transforms.RandomCrop(images.shape[1], padding=4)]
        mirrored = [transforms.RandomHorizontalFlip()]
        self._transform = transforms.Compose(
            [
                *((shifted + mirrored) if augmented else []),
                transforms.ToTensor(),
                transforms.Normalize([0.5] * channels, [0.25] * channels),
            ]
        )

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        pixels = self._images[index]
        image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
        return self._transform(image), self._labels[index]


def steps(
    network: nn.Module,
    batches: Iterator[tuple[Tensor, Tensor]],
    device: str,
    precision: torch.dtype | None = None,
) -> None:
    optimizer = torch.optim.SGD(network.parameters(), lr=LEARNING_RATE, momentum=MOMENTUM)
    for images, labels in batches:
        images, labels = images.to(device, non_blocking=True), labels.to(device, non_blocking=True)
        with torch.autocast(device, precision, precision is not None):
            loss = F.cross_entropy(network(images), labels)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()


def by_hand(
    images: Tensor, labels: Tensor, size: int, epochs: int, kind: Augmentation
) -> Iterator[tuple]:
    generator = torch.Generator(images.device).manual_seed(0)
    for _ in range(epochs):
        order = torch.randperm(len(images), device=images.device)
        for start in range(0, len(images), size):
            chosen = order[start : start + size]
            yield augment(images[chosen], kind, generator), labels[chosen]


def measure(
    name: str,
    source: str,
    shape: tuple[int, int, int],
    count: int,
    size: int,
    epochs: int,
    kind: Augmentation = "none",
) -> None:
    numbers = np.random.default_rng(0)
    stored = numbers.integers(0, 256, (count, *shape[1:], shape[0]), dtype=np.uint8)
    classes = numbers.integers(0, 10, count)
    gpu = options.accelerator == "gpu"
    device = "cuda" if gpu else "cpu"
    labels = torch.from_numpy(classes).to(device)
    images = ((torch.from_numpy(stored).to(device) / 255 - 0.5) / 0.25).permute(0, 3, 1, 2)
    data = Stored(stored, classes.tolist(), augmented=kind != "none")
    chosen = (f"trainer.{each}={getattr(options, each)}" for each in ("accelerator", "precision"))
    trainer_config = compose([*chosen]).trainer
    recipe = Recipe(**{**vars(trainer_config), "epochs": epochs, "threads": options.threads})

    def ours(network: nn.Module) -> Way:
        generator = torch.Generator(device).manual_seed(0)
        classifier = Classifier(network, learning_rate=LEARNING_RATE, momentum=MOMENTUM)
        batches = Stretches(Batches(images, labels, size, generator, kind))
        trainer = make_trainer(recipe)
        module = InStretches(classifier, autocast_dtype(recipe, torch.device(device)))
        return lambda: trainer.fit(module, batches)

    def tuned(network: nn.Module) -> Way:
        batches = by_hand(images, labels, size, epochs, kind)
        return lambda: steps(network, batches, device, autocast_dtype(recipe, torch.device(device)))

    def stock(workers: int) -> Callable[[nn.Module], Way]:
        loader = DataLoader(data, size, shuffle=True, num_workers=workers, pin_memory=gpu)

        def ready(network: nn.Module) -> Way:
            return lambda: steps(network, itertools.chain(*[loader] * epochs), device)

        return ready

    ways = {"LLMatic": ours, "by hand": tuned, "stock": stock(0), "stock, 2 workers": stock(2)}
    rates: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(options.rounds + 1):
        order = list(ways)[number % len(ways) :] + list(ways)[: number % len(ways)]
        for way in order:
            train = ways[way](build(source, shape).to(device))
            time.sleep(PAUSE_S)  # until the processes of a loader have gone
            start = time.perf_counter()
            train()
            if gpu:
                torch.cuda.synchronize()
            rates[way].append(epochs * count / (time.perf_counter() - start))
    told = [f"{statistics.median(found[1:]):,.0f}" for found in rates.values()]
    for way in list(ways)[1:]:
        ratios = [a / b for a, b in zip(rates["LLMatic"][1:], rates[way][1:], strict=True)]
        told.append(f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")
    print(f"| {name}, batch {size} | {' | '.join(told)} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--accelerator", choices=("cpu", "gpu"), default="cpu")
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    torch.set_num_threads(options.threads)
    names = ("by hand", "stock", "stock, 2 workers")
    print(f"| images/s | LLMatic | {' | '.join(names)} | to {' | to '.join(names)} |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    more = 10 if options.accelerator == "gpu" else 1
    cifar = (3, 32, 32)
    seed = genome.seed_source(cifar, 10)
    measure("CIFAR-10, seed network", seed, cifar, 20_000 * more, 128, 3)
    measure("the same, shifted and flipped", seed, cifar, 20_000 * more, 128, 3, "shift_flip")
    measure("CIFAR-10, CNN of 32-64", CNN, cifar, 4_000 * more, 128, 1)
    measure("the same, shifted and flipped", CNN, cifar, 4_000 * more, 128, 1, "shift_flip")
    measure("digits, seed network", genome.seed_source((1, 8, 8), 10), (1, 8, 8), 1_149, 32, 10)
