import torch.nn as nn


class ConvUnit(nn.Module):

    def __init__(self, inChannels, outChannels, useBias=False):
        super(ConvUnit, self).__init__()
        self.convLayer = nn.Conv2d(inChannels, outChannels, 3, padding=1, bias=useBias)
        self.normLayer = nn.BatchNorm2d(outChannels)
        self.actLayer = nn.ReLU(inplace=True)

    def forward(self, inputTensor):
        return self.actLayer(self.normLayer(self.convLayer(inputTensor)))


class Net(nn.Module):

    def __init__(self):
        super(Net, self).__init__()
        self.firstUnit = ConvUnit(1, 12)
        self.downSample = nn.AvgPool2d(2)
        self.secondUnit = ConvUnit(12, 24)
        self.globalPool = nn.AdaptiveAvgPool2d((2, 2))
        self.flattenOp = nn.Flatten()
        self.finalClassifier = nn.Linear(24 * 2 * 2, 4)

    def forward(self, inputTensor):
        featureMap = self.downSample(self.firstUnit(inputTensor))
        featureMap = self.downSample(self.secondUnit(featureMap))
        flatFeatures = self.flattenOp(self.globalPool(featureMap))
        return self.finalClassifier(flatFeatures)
