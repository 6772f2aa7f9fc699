"""Lightning parts for training image classifiers: usable without LLMatic.

`classifier` wraps any ``nn.Module`` that returns class scores, `data` holds the
data sets, `callbacks` what watches a training run, `shares` what several processes need
to train as one would.
"""
