"""Draws hand-written-like digits: a random pen runs along a randomly bent path of glyphs.py."""

from typing import NamedTuple

import numpy as np

from glyphs import VARIANTS

SIZE = 28  # pixels per side of an image
SCAN = 8  # pixels per side of a coarse scan, as in scikit-learn's digits
MARGIN = 2  # pixels left free around a coarse scan when it is scaled up
DOTS = 96  # the pen is stamped this often along a path

Array = np.ndarray


class Style(NamedTuple):
    """How freely digits are drawn; lengths in pixels, angles in radians, everything else relative to the digit."""

    height: tuple[float, float]
    width: tuple[float, float]  # factor on the natural width
    pen: tuple[float, float]  # diameter, as a share of the height
    slant: float
    rotation: float
    jitter: float  # each point of a path on its own
    bend: float  # neighbouring points together
    coarse: float  # share of images seen through a coarse scan
    noise: float


TRAINING = Style((16, 27), (0.7, 1.15), (0.07, 0.2), 0.35, 0.2, 0.035, 0.06, 0.5, 0.1)
NEAT = Style((19, 21), (0.85, 1.0), (0.11, 0.13), 0.1, 0.05, 0.015, 0.02, 0.0, 0.0)


def parse(path: str) -> list[tuple[Array, list[int]]]:
    """The strokes of a path: points in [0, 1] and the order in which a spline visits them (corners twice)."""
    strokes = []
    for stroke in path.split(";"):
        words = stroke.split()
        points = [[float(v) / 100 for v in word.rstrip("!").split(",")] for word in words]
        visits = [i for i, word in enumerate(words) for _ in range(2 if word.endswith("!") else 1)]
        strokes.append((np.array(points), visits))
    return strokes


def spline(visits: list[int], points: int, dots: int) -> Array:
    """Matrix [dots, points] that places dots along the Catmull-Rom spline through the visited points."""
    order = np.array([visits[0], *visits, visits[-1]])
    time = np.linspace(0, len(visits) - 1, dots)
    segment = np.minimum(time.astype(int), len(visits) - 2)
    t = time - segment
    weights = np.stack([-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2]) / 2
    matrix = np.zeros((dots, points))
    for k in range(4):
        np.add.at(matrix, (np.arange(dots), order[segment + k]), weights[k])
    return matrix


def compile_path(path: str) -> tuple[Array, Array]:
    """The control points [points, 2] of a path and the matrix [DOTS, points] from them to the pen's dots."""
    strokes = parse(path)
    lengths = [np.hypot(*np.diff(points, axis=0).T).sum() for points, _ in strokes]
    ends = np.round(np.cumsum(lengths) / sum(lengths) * DOTS).astype(int)
    matrix = np.zeros((DOTS, sum(len(points) for points, _ in strokes)))
    row = column = 0
    for (points, visits), end in zip(strokes, ends):
        matrix[row:end, column : column + len(points)] = spline(visits, len(points), end - row)
        row, column = end, column + len(points)
    return np.concatenate([points for points, _ in strokes]), matrix


def bent_path(rng: np.random.Generator, path: tuple[Array, Array], style: Style) -> Array:
    """The pen's dots [DOTS, 2] for one digit, in a unit box: every point shaken, then the plane bent by two waves."""
    points, matrix = path
    dots = matrix @ (points + rng.normal(0, style.jitter, points.shape))
    for _ in range(2):
        wave, phase = rng.normal(0, 3, 2), rng.uniform(0, 2 * np.pi)
        dots = dots + np.sin(dots @ wave + phase)[:, None] * rng.normal(0, style.bend, 2)
    return dots


def placed(rng: np.random.Generator, dots: Array, style: Style, height: Array, pen: Array) -> Array:
    """Slants, turns and scales paths [n, DOTS, 2] and places them so that their ink lies inside the image."""
    n = len(dots)
    angle, slant = rng.normal(0, style.rotation / 2, n), rng.normal(0, style.slant / 2, n)
    wide = rng.uniform(*style.width, n) * 0.75  # a digit's box is narrower than high
    cos, sin = np.cos(angle), np.sin(angle)
    affine = np.array([[cos * wide, -cos * slant - sin], [sin * wide, cos - sin * slant]]).transpose(2, 0, 1)
    dots = dots @ affine.transpose(0, 2, 1)
    low, high = dots.min(1), dots.max(1)
    span = np.maximum(high - low, 1e-3)
    scale = np.minimum((height - pen) / span[:, 1], (SIZE - 2 - pen) / span[:, 0])
    room = (SIZE - pen)[:, None] - span * scale[:, None]
    centre = SIZE / 2 + np.clip(rng.normal(0, 0.15, (n, 2)), -0.5, 0.5) * np.maximum(room, 0)
    return (dots - ((low + high) / 2)[:, None]) * scale[:, None, None] + centre[:, None]


def inked(dots: Array, radius: Array) -> Array:
    """Images [n, SIZE, SIZE] of a round pen stamped at dots [n, DOTS, 2], edges smoothed over one pixel."""
    axis = np.arange(SIZE, dtype=np.float32) + 0.5
    pixels = np.stack([*np.meshgrid(axis, axis)], -1).reshape(-1, 2)
    squares = (dots**2).sum(2)[:, None] - 2 * pixels @ dots.transpose(0, 2, 1)
    distance = np.sqrt(np.maximum(squares.min(2) + (pixels**2).sum(1), 0))
    return np.clip(radius[:, None] - distance + 0.5, 0, 1).reshape(-1, SIZE, SIZE)


def enlarge(scans: Array) -> Array:
    """Scales coarse scans [n, SCAN, SCAN] up to [n, SIZE, SIZE] by linear interpolation, with an empty margin."""
    cell = (np.arange(SIZE) + 0.5 - MARGIN) * SCAN / (SIZE - 2 * MARGIN) - 0.5
    weights = np.maximum(1 - np.abs(cell[:, None] - np.arange(SCAN)), 0).astype(np.float32)
    return weights @ scans @ weights.T


def coarse_scan(images: Array) -> Array:
    """Means over square cells of the images' inner part: [n, SIZE, SIZE] to [n, SCAN, SCAN]."""
    inner = images[:, MARGIN:-MARGIN, MARGIN:-MARGIN]
    cell = inner.shape[1] // SCAN
    return inner.reshape(-1, SCAN, cell, SCAN, cell).mean((2, 4))


def blurred(images: Array, sigma: Array) -> Array:
    """Gaussian blur, one sigma (pixels) per image."""
    distance = np.arange(SIZE)[:, None] - np.arange(SIZE)
    kernel = np.exp(-(distance**2) / (2 * sigma[:, None, None] ** 2))
    kernel = (kernel / kernel.sum(2, keepdims=True)).astype(np.float32)
    return kernel @ images @ kernel.transpose(0, 2, 1)


def render(rng: np.random.Generator, dots: Array, style: Style) -> Array:
    """Images [n, SIZE, SIZE] in [0, 1] of bent paths [n, DOTS, 2]: placed, inked, blurred or scanned, noisy."""
    n = len(dots)
    height = rng.uniform(*style.height, n)
    pen = height * rng.uniform(*style.pen, n)
    images = inked(placed(rng, dots, style, height, pen).astype(np.float32), (pen / 2).astype(np.float32))
    soft = blurred(images, rng.uniform(0.2, 0.9, n))
    scanned = rng.random(n) < style.coarse
    soft[scanned] = enlarge(coarse_scan(images[scanned]))
    gain = 1 + style.noise * rng.normal(0, 1, (n, 1, 1))
    grain = style.noise * rng.random((n, 1, 1)) * rng.normal(0, 1, soft.shape)
    return np.clip(soft * gain + grain, 0, 1).astype(np.float32)


PATHS = [compile_path(path) for _, _, path in VARIANTS]
DIGITS = np.array([digit for digit, _, _ in VARIANTS])
WEIGHTS = np.array([weight for _, weight, _ in VARIANTS])


def draw(rng: np.random.Generator, labels: Array, style: Style = TRAINING, batch: int = 64) -> Array:
    """One image [SIZE, SIZE] in [0, 1], white ink on black, for each label."""
    shares = (DIGITS == np.arange(10)[:, None]) * WEIGHTS
    shares /= shares.sum(1, keepdims=True)
    images = np.empty((len(labels), SIZE, SIZE), np.float32)
    for start in range(0, len(labels), batch):
        chosen = [rng.choice(len(PATHS), p=shares[label]) for label in labels[start : start + batch]]
        dots = np.stack([bent_path(rng, PATHS[variant], style) for variant in chosen])
        images[start : start + batch] = render(rng, dots, style)
    return images
