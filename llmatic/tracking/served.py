"""The model as MLflow loads it, wherever that is: this file goes along with every version.

Needs MLflow, NumPy and PyTorch, and nothing of LLMatic.
"""

import types
import warnings
from pathlib import Path
from typing import Any

import mlflow.pyfunc
import numpy as np
import torch

__all__ = ["ImageClassifier"]


with warnings.catch_warnings():  # MLflow wants a type for rows of a table
    warnings.simplefilter("ignore")

    class ImageClassifier(mlflow.pyfunc.PythonModel):  # type: ignore[misc, name-defined]
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

        def predict(self, context, model_input, params=None):  # type: ignore[no-untyped-def]  # MLflow would read types as a schema
            """Probabilities of classes, float32."""
            images = torch.from_numpy(np.array(model_input, np.float32))
            with torch.no_grad():
                return self.network(images).numpy()


mlflow.models.set_model(ImageClassifier())
