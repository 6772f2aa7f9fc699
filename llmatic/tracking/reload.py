"""Loads a model as a stranger would, in a clean process, and writes what it predicts.

Run as a plain file: ``python -I reload.py MODEL IMAGES.npy PREDICTED.npy [FOLDER...]``, with
the folders where packages are. Needs MLflow and NumPy; packages of LLMatic cannot be imported.
"""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder

__all__ = ["main"]


class Absent(MetaPathFinder):
    """Finds none of LLMatic's packages."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: object = None) -> None:
        """Refuse them; leave all others to whoever comes next."""
        if name.partition(".")[0] in ("llmatic", "lightning_modules"):
            raise ModuleNotFoundError(f"{name} is not here")


def main() -> None:
    """Load, predict one image by itself and the others together, write."""
    folder, images, predicted, *packages = sys.argv[1:]
    sys.meta_path.insert(0, Absent())
    sys.path += packages
    import mlflow.pyfunc
    import numpy as np

    model, batch = mlflow.pyfunc.load_model(folder), np.load(images)
    found = [model.predict(each) for each in (batch[:1], batch[1:])]
    np.save(predicted, np.concatenate(found))


if __name__ == "__main__":
    main()
