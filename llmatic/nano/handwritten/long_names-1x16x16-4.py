import torch.nn as nn
import torch.nn.functional as functional


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        number_of_initial_filters = 8
        number_of_later_filters = 2 * number_of_initial_filters
        self.initial_convolution = nn.Conv2d(
            1, number_of_initial_filters, kernel_size=5, padding=2
        )
        self.later_convolution = nn.Conv2d(
            number_of_initial_filters, number_of_later_filters, kernel_size=3, padding=1
        )
        self.fully_connected_classifier = nn.Linear(number_of_later_filters * 4, 4)

    def forward(self, batch_of_images):
        initial_features = functional.selu(self.initial_convolution(batch_of_images))
        reduced_features = functional.avg_pool2d(initial_features, kernel_size=4)
        later_features = functional.selu(self.later_convolution(reduced_features))
        quarter_maxima = functional.adaptive_max_pool2d(later_features, output_size=2)
        return self.fully_connected_classifier(quarter_maxima.flatten(start_dim=1))
