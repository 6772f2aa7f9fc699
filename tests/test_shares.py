"""The parts of a training that several processes share, in one."""

import math

import pytest
import torch
from torch import distributed, nn

from lightning_modules.shares import Shares, synchronised


@pytest.mark.parametrize("world", [1, 2, 3, 5])
def test_shares_make_up_each_batch(world):
    batches = [(torch.arange(count * 2.0).view(count, 2), torch.arange(count)) for count in (7, 2)]
    shares = [list(Shares(batches, rank, world)) for rank in range(world)]
    assert {len(Shares(batches, rank, world)) for rank in range(world)} == {2}
    for number, batch in enumerate(batches):
        mine = [share[number] for share in shares]
        for place, whole in enumerate(batch):
            counted = [rows[place] for rows, weight in mine if weight]
            assert torch.equal(torch.cat(counted), whole)
        losses = [weight * rows[0].mean() for rows, weight in mine]
        assert torch.stack(losses).mean() == pytest.approx(batch[0].mean().item())
        assert all(len(rows[0]) for rows, _ in mine)


@pytest.fixture
def alone():
    """A group of one process."""
    store = distributed.HashStore()
    distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    yield
    distributed.destroy_process_group()


def network(norm, shape):
    torch.manual_seed(0)
    return nn.Sequential(norm, nn.Flatten(), nn.Linear(math.prod(shape[1:]), 3))


KINDS = {
    "one dimension": (lambda: nn.BatchNorm1d(4), (6, 4)),
    "two": (lambda: nn.BatchNorm2d(4, momentum=0.3), (6, 4, 3, 3)),
    "three": (lambda: nn.BatchNorm3d(4, momentum=None), (6, 4, 2, 2, 2)),
    "no parameters": (lambda: nn.BatchNorm2d(4, affine=False), (6, 4, 3, 3)),
    "no memory": (lambda: nn.BatchNorm2d(4, track_running_stats=False), (6, 4, 3, 3)),
}


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("kind", KINDS)
def test_batch_norm_is_what_it_was(kind):
    make, shape = KINDS[kind]
    plain, other = network(make(), shape), network(make(), shape)
    images = [torch.randn(shape) * 3 + 1 for _ in range(3)]
    with synchronised(other) as norms:
        assert len(norms) == 1
        for each in images:
            results = [net(each) for net in (plain, other)]
            torch.testing.assert_close(*results)
            for result in results:
                result.square().sum().backward()
    assert type(other[0]) is type(plain[0])
    for one, another in zip(plain.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(one.grad, another.grad)
    torch.testing.assert_close(plain.state_dict(), other.state_dict())
    torch.testing.assert_close(plain.eval()(images[0]), other.eval()(images[0]))


@pytest.mark.usefixtures("alone")
def test_layers_of_other_kinds_are_left_alone():
    class Own(nn.BatchNorm2d):
        pass

    layers = nn.Sequential(Own(4), nn.InstanceNorm2d(4), nn.GroupNorm(2, 4))
    with synchronised(layers) as norms:
        assert not norms
