"""The model as MLflow loads it, wherever that is: this file goes along with every version.

Needs MLflow, NumPy and PyTorch, and nothing of LLMatic.
"""

import types
from pathlib import Path
from typing import Any

import mlflow.pyfunc
import numpy as np
import torch

__all__ = ["ImageClassifier"]


class ImageClassifier(mlflow.pyfunc.PythonModel):  # type: ignore[misc, name-defined]  # MLflow has no types
    """Raw images (n, channels, height, width) in, probabilities (n, classes) out."""

    def load_context(self, context: Any) -> None:
        """Load the exported graph; or execute the network's source where there is none."""
        path = Path(context.artifacts["network"])
        if path.suffix == ".pt2":
            self.network = torch.export.load(path).module()
        else:
            module = types.ModuleType("network")
            exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), module.__dict__)
            self.network = module.load()

    def predict(self, context: Any, model_input: np.ndarray, params: Any = None) -> np.ndarray:
        """Probabilities of classes, float32."""
        images = torch.from_numpy(np.array(model_input, np.float32))
        with torch.no_grad():
            found: np.ndarray = self.network(images).numpy()
        return found


mlflow.models.set_model(ImageClassifier())
