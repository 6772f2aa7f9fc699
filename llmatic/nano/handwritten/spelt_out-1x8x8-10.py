import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.expand = torch.nn.Conv2d(1, 24, kernel_size=3)
        self.depth = torch.nn.Conv2d(24, 24, kernel_size=3, groups=24)
        self.contract = torch.nn.Conv2d(24, 12, kernel_size=1)
        self.dropout = torch.nn.Dropout2d(p=0.1)
        self.linear = torch.nn.Linear(12 * 4 * 4, 10)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        hidden = torch.nn.functional.relu6(self.expand(image))
        hidden = torch.nn.functional.relu6(self.depth(hidden))
        hidden = self.dropout(self.contract(hidden))
        hidden = torch.flatten(hidden, start_dim=1)
        return self.linear(hidden)
