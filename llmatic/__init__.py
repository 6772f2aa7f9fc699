"""LLMatic: neural architecture search in source code, guided by quality and diversity."""
