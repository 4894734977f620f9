#!/usr/bin/env python3
"""Runs real dynamic models at three shape sets through one plan each and compares with ONNX Runtime.

dynamic_models.py TENON MODELS      MODELS holds the folders named below, each with a model.onnx; missing ones are said and counted.
Printed per shape set: the largest error of every output, relative to the largest magnitude that ONNX Runtime gives. Exit code 1 when one
exceeds 1e-4.
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnxruntime

RANDOM = np.random.default_rng(3)


def noise(*dims: int) -> np.ndarray:
    return (RANDOM.standard_normal(dims) * 0.1).astype(np.float32)


# name: inputs of the smallest and the largest shape, then those of the three runs
MODELS = {
    "vespa_transformer": lambda b, n: {"input": RANDOM.integers(0, 100, (b, n)).astype(np.int32)},
    "ppocr_v2_rec_en_number": lambda b, n: {"x": noise(b, 3, 32, n)},
    "silero_vad_16k_op15": lambda b, n: {"input": noise(b, n), "state": np.zeros((2, b, 128), np.float32), "sr": np.array(16000, np.int64)},
}
SETS = {
    "vespa_transformer": [(1, 1), (4, 64), (1, 7), (4, 64), (3, 1)],
    "ppocr_v2_rec_en_number": [(1, 32), (4, 320), (1, 48), (2, 320), (4, 100)],
    "silero_vad_16k_op15": [(1, 512), (8, 512), (1, 512), (3, 512), (8, 512)],
}


def shapes(feed: dict) -> str:
    return ",".join(f"{name}:{'x'.join(map(str, value.shape))}" for name, value in feed.items() if value.ndim)


def errors(tenon: str, plan: pathlib.Path, session: onnxruntime.InferenceSession, feed: dict) -> dict:
    folder = plan.parent
    command = [tenon, "run", str(plan), "--shapes=" + shapes(feed)]
    for name, value in feed.items():
        np.save(folder / f"{name}.npy", value)
        command.append(f"--input={name}={folder / name}.npy")
    names = [o.name for o in session.get_outputs()]
    command += [f"--output={name}={folder}/output{i}.npy" for i, name in enumerate(names)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wanted = session.run(None, feed)
    return {name: float(np.abs(np.load(folder / f"output{i}.npy") - wanted[i]).max() / np.abs(wanted[i]).max()) for i, name in enumerate(names)}


def main() -> int:
    tenon, models = sys.argv[1], pathlib.Path(sys.argv[2])
    worst, missing = 0.0, 0
    for name, inputs in MODELS.items():
        model = models / name / "model.onnx"
        if not model.exists():
            print(f"{name}: skipped, {model} is missing")
            missing += 1
            continue
        session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
        with tempfile.TemporaryDirectory() as folder:
            plan = pathlib.Path(folder) / "model.plan"
            low, high, *runs = SETS[name]
            subprocess.run([tenon, "build", str(model), "-o", str(plan), "--builderOptimizationLevel=1", "--minShapes=" + shapes(inputs(*low)),
                            "--optShapes=" + shapes(inputs(*runs[0])), "--maxShapes=" + shapes(inputs(*high))], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for run in runs:
                found = errors(tenon, plan, session, inputs(*run))
                worst = max(worst, *found.values())
                print(name, run, " ".join(f"{output} {error:.1e}" for output, error in found.items()))
    print(f"largest error {worst:.1e}, {missing} models missing")
    return int(worst > 1e-4)


if __name__ == "__main__":
    sys.exit(main())
