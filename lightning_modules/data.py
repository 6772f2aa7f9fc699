"""Image data sets as LightningDataModules: standardised tensors, seeded splits.

Every split is stratified: each class has its share in each part. Images are
standardised per channel with the mean and deviation of the training part. Does
not know which network is trained on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import LightningDataModule
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

__all__ = [
    "Cifar10",
    "Cifar100",
    "DatasetUnavailableError",
    "Digits",
    "FashionMnist",
    "ImageFolder",
    "Images",
    "Mnist",
    "Noise",
]

Part = tuple[Tensor, Tensor]
"""Images (n, channels, height, width) in [0, 1] and labels (n,)."""


class DatasetUnavailableError(RuntimeError):
    """The data set is not there and could not be downloaded; says which files to put where."""


class Images(LightningDataModule):
    """What the data sets share: splitting, standardising, loading.

    A subclass loads its images; `load` gives what may be trained on, and the test
    part where the data set comes with one.

    Attributes:
        scale: What pixels are divided by to lie in [0, 1].
        names: Of the classes, in order; empty where they have none.
    """

    scale = 255.0
    names: tuple[str, ...] = ()

    def __init__(self, batch_size: int = 32, val_share: float = 0.2, seed: int = 0) -> None:
        """Set how the images are split and loaded.

        Args:
            batch_size: Of every loader.
            val_share: Share of the training images that validates.
            seed: Of the splits.
        """
        super().__init__()
        self.batch_size = batch_size
        self.val_share = val_share
        self.seed = seed
        self._parts: dict[str, TensorDataset] = {}
        self._standard: tuple[Tensor, Tensor] | None = None

    @property
    def preprocessing(self) -> dict[str, Any]:
        """How raw images become those of the loaders: ``(images / scale - mean) / deviation``.

        With the names of the classes. Known after `setup`.
        """
        assert self._standard is not None
        mean, deviation = (each.flatten().tolist() for each in self._standard)
        names = list(self.names)
        return {"scale": self.scale, "mean": mean, "deviation": deviation, "names": names}

    def load(self) -> tuple[Part, Part]:
        """Training and test images.

        Raises:
            DatasetUnavailableError: They are not there.
        """
        raise NotImplementedError

    def setup(self, stage: str) -> None:
        """Load, split and standardise; once."""
        if self._parts:
            return
        given, test = self.load()
        train, val = split(given, self.val_share, self.seed)
        mean = train[0].mean((0, 2, 3), keepdim=True)
        deviation = train[0].std((0, 2, 3), keepdim=True).clamp_min(1e-6)
        self._standard = mean, deviation
        for name, (images, labels) in {"train": train, "val": val, "test": test}.items():
            self._parts[name] = TensorDataset((images - mean) / deviation, labels)

    def train_dataloader(self) -> DataLoader[Any]:
        """Shuffled batches to train on."""
        return DataLoader(self._parts["train"], self.batch_size, shuffle=True)

    def val_dataloader(self) -> DataLoader[Any]:
        """Batches to validate on."""
        return DataLoader(self._parts["val"], self.batch_size)

    def test_dataloader(self) -> DataLoader[Any]:
        """Batches to test on."""
        return DataLoader(self._parts["test"], self.batch_size)


class Digits(Images):
    """1,797 handwritten digits of 8x8 that ship with scikit-learn; 20% of them test."""

    scale = 16.0
    names = tuple("0123456789")

    def load(self) -> tuple[Part, Part]:
        """Training and test images."""
        from sklearn.datasets import load_digits

        digits = load_digits()
        images = torch.tensor(digits.images, dtype=torch.float32).unsqueeze(1) / 16
        return split((images, torch.tensor(digits.target)), 0.2, self.seed)


class Noise(Images):
    """Random images with random labels, to see whether a network can be trained at all."""

    scale = 1.0

    def __init__(
        self,
        input_shape: Sequence[int],
        classes: int,
        count: int = 80,
        batch_size: int = 16,
        val_share: float = 0.25,
        seed: int = 0,
    ) -> None:
        """Set what the images are like; the rest as for `Images`.

        Args:
            input_shape: Channels, height and width.
            classes: Number of them.
            count: Images.
            batch_size: Of every loader.
            val_share: Share of the training images that validates.
            seed: Of the images and splits.
        """
        super().__init__(batch_size, val_share, seed)
        self.names = tuple(str(each) for each in range(classes))
        self._shape = tuple(input_shape)
        self._count = count

    def load(self) -> tuple[Part, Part]:
        """Training and test images."""
        generator = torch.Generator().manual_seed(self.seed)
        images = torch.rand(self._count, *self._shape, generator=generator)
        return split((images, torch.arange(self._count) % len(self.names)), 0.25, self.seed)


class Torchvision(Images):
    """A data set of torchvision, downloaded to ``root`` when absent."""

    kind: str
    files: str

    def __init__(
        self, root: str, batch_size: int = 128, val_share: float = 0.1, seed: int = 0
    ) -> None:
        """Set where the files are; the rest as for `Images`."""
        super().__init__(batch_size, val_share, seed)
        self.root = root

    def prepare_data(self) -> None:
        """Download what is absent.

        Raises:
            DatasetUnavailableError: That was not possible.
        """
        from torchvision import datasets

        kind = getattr(datasets, self.kind)
        try:
            for train in (True, False):
                kind(self.root, train=train, download=True)
        except (OSError, RuntimeError) as error:
            raise DatasetUnavailableError(
                f"{self.kind} is not in {self.root} and cannot be downloaded "
                f"({' '.join(str(error).split())[:200]}); put {self.files} into {self.root}"
            ) from error

    def load(self) -> tuple[Part, Part]:
        """Training and test images."""
        return self._part(train=True), self._part(train=False)

    def _part(self, *, train: bool) -> Part:
        from torchvision import datasets

        found = getattr(datasets, self.kind)(self.root, train=train)
        self.names = tuple(found.classes)
        images = torch.as_tensor(found.data)
        images = images.unsqueeze(1) if images.ndim == 3 else images.permute(0, 3, 1, 2)
        return images.float() / 255, torch.as_tensor(found.targets)


class Mnist(Torchvision):
    """70,000 handwritten digits of 28x28."""

    kind = "MNIST"
    files = "MNIST/raw/{train,t10k}-{images-idx3,labels-idx1}-ubyte.gz"


class FashionMnist(Torchvision):
    """70,000 garments of 28x28."""

    kind = "FashionMNIST"
    files = "FashionMNIST/raw/{train,t10k}-{images-idx3,labels-idx1}-ubyte.gz"


class Cifar10(Torchvision):
    """60,000 colour photographs of 32x32, 10 classes."""

    kind = "CIFAR10"
    files = "the folder cifar-10-batches-py or cifar-10-python.tar.gz"


class Cifar100(Torchvision):
    """60,000 colour photographs of 32x32, 100 classes."""

    kind = "CIFAR100"
    files = "the folder cifar-100-python or cifar-100-python.tar.gz"


class ImageFolder(Images):
    """Any folder of images with one subfolder per class.

    Where the folder holds ``train`` and ``test`` these are the parts; otherwise
    20% of the images test.
    """

    def __init__(
        self,
        root: str,
        input_shape: list[int],
        batch_size: int = 64,
        val_share: float = 0.2,
        seed: int = 0,
    ) -> None:
        """Set where the images are and what they are resized to; the rest as for `Images`.

        Args:
            root: The folder.
            input_shape: Channels (1 or 3), height and width.
            batch_size: Of every loader.
            val_share: Share of the training images that validates.
            seed: Of the splits.
        """
        super().__init__(batch_size, val_share, seed)
        self.root = Path(root)
        self.input_shape = input_shape

    def prepare_data(self) -> None:
        """See that the folder is there.

        Raises:
            DatasetUnavailableError: It is not, or does not hold what it should.
        """
        where = self.root.absolute()
        if not where.is_dir():
            raise DatasetUnavailableError(f"{where}: there is no such folder (dataset.root)")
        parts = {each.name for each in where.iterdir() if each.is_dir()}
        if not parts:
            raise DatasetUnavailableError(f"{where} holds no subfolder of images for each class")
        if "train" in parts and "test" not in parts:
            raise DatasetUnavailableError(
                f"{where} holds {', '.join(sorted(parts))}: beside train there must be test, the "
                "images to test on (some of train validate); or a subfolder for each class alone"
            )

    def load(self) -> tuple[Part, Part]:
        """Training and test images."""
        parts = (self.root / "train", self.root / "test")
        if all(part.is_dir() for part in parts):
            (train, names), (test, others) = self._read(parts[0]), self._read(parts[1])
            if names != others:
                raise DatasetUnavailableError(
                    f"{parts[0]} has the classes {names}, but {parts[1]} has {others}"
                )
            return train, test
        whole, _ = self._read(self.root)
        return split(whole, 0.2, self.seed)

    def _read(self, folder: Path) -> tuple[Part, list[str]]:
        """Images and labels of a folder, and the names of its classes."""
        from torchvision import datasets
        from torchvision.transforms import v2

        channels, height, width = self.input_shape
        resize = [
            v2.Resize((height, width), antialias=True),
            v2.ToImage(),
            v2.ToDtype(torch.float32, scale=True),
        ]
        transform = v2.Compose([v2.Grayscale(), *resize] if channels == 1 else resize)
        try:
            found = datasets.ImageFolder(str(folder), transform=transform)
        except FileNotFoundError as error:
            raise DatasetUnavailableError(f"{folder}: {str(error).splitlines()[0]}") from error
        self.names = tuple(found.classes)
        images = []
        for place, (path, _) in enumerate(found.samples):
            try:
                images.append(found[place][0])
            except OSError as error:
                raise DatasetUnavailableError(f"{path}: {error}") from error
        return (torch.stack(images), torch.tensor(found.targets)), found.classes


def split(whole: Part, share: float, seed: int) -> tuple[Part, Part]:
    """Take a stratified share out.

    Args:
        whole: Images and labels.
        share: Of each class, in (0, 1).
        seed: Of the draw.

    Returns:
        What is left, and the share.
    """
    from sklearn.model_selection import train_test_split

    images, labels = whole
    rest, taken = train_test_split(
        torch.arange(len(labels)).numpy(),
        test_size=share,
        random_state=seed,
        stratify=labels.numpy(),
    )
    return (images[rest], labels[rest]), (images[taken], labels[taken])
