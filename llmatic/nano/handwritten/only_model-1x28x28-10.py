import torch


def block(cin, cout, **kw):
    return torch.nn.Sequential(
        torch.nn.Conv2d(cin, cout, bias=False, **kw),
        torch.nn.InstanceNorm2d(cout, affine=True),
        torch.nn.GELU(),
    )


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.model = torch.nn.Sequential(
            block(1, 8, kernel_size=5, stride=2),
            block(8, 8, kernel_size=3, groups=8, padding='same'),
            block(8, 16, kernel_size=1),
            torch.nn.AvgPool2d(3, stride=3),
            block(16, 16, kernel_size=3, padding=1, groups=4),
            torch.nn.Flatten(),
            torch.nn.Linear(16 * 16, 10),
        )

    def forward(self, x):
        return self.model(x)
