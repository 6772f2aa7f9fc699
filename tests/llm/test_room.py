"""Memory that is taken once remembers what the library's own memory does."""

import torch
from llm.tiny import make_tiny
from transformers import AutoModelForCausalLM, LlamaConfig, MistralConfig
from transformers.cache_utils import DynamicCache

from llmatic.llm.room import RoomyLayer, room_for


def test_it_remembers_what_the_usual_memory_does(tmp_path):
    model = AutoModelForCausalLM.from_pretrained(make_tiny(tmp_path)).eval()
    tokens = torch.randint(0, model.config.vocab_size, (3, 20))
    caches = [DynamicCache(config=model.config), room_for(model.config, 20)]
    for start, end in ((0, 12), (12, 13), (13, 20)):
        scores = [
            model(input_ids=tokens[:, start:end], cache=each, use_cache=True).logits
            for each in caches
        ]
        assert torch.equal(*scores)
    for usual, roomy in zip(*(each.layers for each in caches), strict=True):
        assert isinstance(roomy, RoomyLayer)
        assert torch.equal(usual.keys, roomy.keys)
        assert torch.equal(usual.values, roomy.values)


def test_a_model_that_does_not_remember_all_keeps_its_own_memory():
    of_all = room_for(LlamaConfig(num_hidden_layers=2), 10)
    of_some = room_for(MistralConfig(num_hidden_layers=2, sliding_window=8), 10)
    assert [type(each) for each in of_all.layers] == [RoomyLayer] * 2
    assert RoomyLayer not in [type(each) for each in of_some.layers]
