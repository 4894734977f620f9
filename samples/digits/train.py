#!/usr/bin/env python3
"""Trains a small convolutional network on digits that it draws itself, and writes everything the sample needs.

No data set is involved: every epoch draws new digits (drawing.py).  scikit-learn's scanned digits serve only to measure
how well the result reads real handwriting.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

from drawing import NEAT, draw, enlarge
from export import Weights, onnx_model, probabilities, write_pgm, write_weights

BATCH = 64
DIGITS_PER_EPOCH = 20_000
LOOKED_AT = 897  # the first scans, seen while the glyphs were designed


class LeNet(nn.Module):
    """Two convolutions and two dense layers; returns logits, the exported model adds the softmax."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 5, padding=2)
        self.conv2 = nn.Conv2d(12, 32, 5)
        self.fc1 = nn.Linear(32 * 5 * 5, 80)
        self.fc2 = nn.Linear(80, 10)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        """[batch, 1, 28, 28] to [batch, 10]."""
        pool1 = torch.max_pool2d(torch.relu(self.conv1(image)), 2)
        pool2 = torch.max_pool2d(torch.relu(self.conv2(pool1)), 2)
        return self.fc2(torch.relu(self.fc1(pool2.flatten(1))))


def balanced_labels(rng: np.random.Generator, count: int) -> np.ndarray:
    """Labels in random order, each digit equally often."""
    return rng.permutation(np.arange(count) % 10)


def logits(network: nn.Module, images: np.ndarray) -> torch.Tensor:
    """The network's answer [n, 10] to images [n, 28, 28]."""
    with torch.no_grad():
        return network(torch.from_numpy(images)[:, None])


def accuracy(network: nn.Module, images: np.ndarray, labels: np.ndarray) -> float:
    """The share of images [n, 28, 28] that the network reads correctly."""
    return float((logits(network, images).argmax(1).numpy() == labels).mean())


def train(rng: np.random.Generator, epochs: int) -> nn.Module:
    """Trains with Adam and a one-cycle learning rate; no digit is ever shown twice."""
    network = LeNet()
    optimizer = torch.optim.Adam(network.parameters())
    steps = epochs * -(-DIGITS_PER_EPOCH // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=steps)
    for epoch in range(epochs):
        labels = balanced_labels(rng, DIGITS_PER_EPOCH)
        images = torch.from_numpy(draw(rng, labels))[:, None]
        total = 0.0
        for x, y in zip(images.split(BATCH), torch.from_numpy(labels).split(BATCH)):
            loss = nn.functional.cross_entropy(network(x), y, label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item() * len(y)
        print(f"epoch {epoch + 1:2}/{epochs}: loss {total / len(labels):.3f}", flush=True)
    return network.eval()


def scanned_digits() -> tuple[np.ndarray, np.ndarray]:
    """scikit-learn's 1797 real digits, scaled from 8x8 up to 28x28, and their labels."""
    scans = load_digits()
    return enlarge(scans.images.astype(np.float32) / 16), scans.target


def report(network: nn.Module, rng: np.random.Generator) -> None:
    """Prints the accuracy on newly drawn digits and on scanned ones."""
    labels = balanced_labels(rng, 5_000)
    print(f"drawn digits, never trained on: {accuracy(network, draw(rng, labels), labels):.2%} of {len(labels)}")
    images, labels = scanned_digits()
    for name, part in (
        ("all", slice(None)),
        ("looked at in design", slice(LOOKED_AT)),
        ("never looked at", slice(LOOKED_AT, None)),
    ):
        share = accuracy(network, images[part], labels[part])
        print(f"scikit-learn's digits, {name}: {share:.2%} of {len(labels[part])}")


def write_samples(network: nn.Module, rng: np.random.Generator, folder: Path) -> None:
    """Writes digits.onnx, digits.weights and one neatly drawn image per digit; the model must agree with torch."""
    weights: Weights = {name: value.detach().numpy() for name, value in network.named_parameters()}
    images = draw(rng, np.arange(10), NEAT)
    model = onnx_model(weights)
    expected = logits(network, images).softmax(1).numpy()
    np.testing.assert_allclose(probabilities(model, images), expected, rtol=0, atol=1e-5)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    (folder / "digits.onnx").write_bytes(model.SerializeToString(deterministic=True))
    write_weights(folder / "digits.weights", weights)
    for digit, image in enumerate(images):
        write_pgm(folder / "images" / f"digit_{digit}.pgm", image)
    print(f"images/digit_0.pgm ... digit_9.pgm: {accuracy(network, images, np.arange(10)):.0%} read correctly")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--seed", type=int, default=1, help="determines every random choice")
    parser.add_argument("--epochs", type=int, default=12, help="passes, each over 20000 new digits")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder to write to")
    return parser.parse_args()


def main() -> None:
    """Trains, measures and writes."""
    options = arguments()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(options.seed)
    for_training, for_report, for_images = np.random.default_rng(options.seed).spawn(3)
    network = train(for_training, options.epochs)
    report(network, for_report)
    write_samples(network, for_images, options.out)


if __name__ == "__main__":
    main()
