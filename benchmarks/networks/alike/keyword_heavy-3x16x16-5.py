import torch.nn as nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()

        self.feature_extractor = nn.Sequential(
            nn.Conv2d(in_channels=3, out_channels=12, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=(2, 2), stride=(2, 2)),
            nn.Dropout2d(p=0.1),
            nn.Conv2d(in_channels=12, out_channels=24, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(kernel_size=(2, 2), stride=(2, 2)),
        )
        self.classification_head = nn.Sequential(
            nn.Flatten(start_dim=1),
            nn.Linear(in_features=24 * 4 * 4, out_features=64),
            nn.ReLU(inplace=True),
            nn.Dropout(p=0.5),
            nn.Linear(in_features=64, out_features=5),
        )

    def forward(self, batch):
        features = self.feature_extractor(batch)
        return self.classification_head(features)
