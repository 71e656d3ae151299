"""Learns to read digits from a data set that a server draws, with NumPy alone.

    npm run serve                                # in another terminal; or any server of Edge Digits
    python docs/learn.py http://localhost:8787
"""

import struct
import sys
import urllib.request

import numpy as np

SERVER = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8787"
SEED = "7"
# Images in a request: the default budget of a Worker allows about 110, npm run serve 1000.
STEP = int(sys.argv[2]) if len(sys.argv) > 2 else 1000


def read(file: str, start: int, count: int) -> np.ndarray:
    """Consecutive images or labels: uint8 [count, 28, 28] or [count]."""
    address = f"{SERVER}/dataset/{SEED}/{file}?start={start}&count={count}"
    with urllib.request.urlopen(address) as reply:
        data = reply.read()
    rank = data[3]
    shape = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def read_part(part: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Images as float32 [count, 784] from 0 to 1, and labels."""
    starts = range(0, count, STEP)
    sizes = [min(STEP, count - start) for start in starts]
    images = [read(f"{part}-images-idx3-ubyte", *stretch) for stretch in zip(starts, sizes)]
    labels = [read(f"{part}-labels-idx1-ubyte", *stretch) for stretch in zip(starts, sizes)]
    return np.concatenate(images).reshape(count, 784).astype(np.float32) / 255, np.concatenate(labels)


def main() -> None:
    x, y = read_part("train", 6000)
    x_test, y_test = read_part("t10k", 1000)

    # 784 - 128 - 10, ReLU and softmax, by stochastic gradient descent with momentum.
    random = np.random.default_rng(0)
    w1, b1 = random.normal(0, 784**-0.5, (784, 128)).astype(np.float32), np.zeros(128, np.float32)
    w2, b2 = random.normal(0, 128**-0.5, (128, 10)).astype(np.float32), np.zeros(10, np.float32)
    weights = [w1, b1, w2, b2]
    speeds = [np.zeros_like(weight) for weight in weights]
    for epoch in range(1, 11):
        order = random.permutation(len(x))
        for start in range(0, len(x), 50):
            rows = order[start : start + 50]
            hidden = np.maximum(x[rows] @ w1 + b1, 0)
            scores = hidden @ w2 + b2
            errors = np.exp(scores - scores.max(1, keepdims=True))
            errors /= errors.sum(1, keepdims=True)
            errors[np.arange(len(rows)), y[rows]] -= 1
            errors /= len(rows)
            back = (errors @ w2.T) * (hidden > 0)
            gradients = [x[rows].T @ back, back.sum(0), hidden.T @ errors, errors.sum(0)]
            for weight, speed, gradient in zip(weights, speeds, gradients):
                speed *= 0.9
                speed -= 0.1 * gradient
                weight += speed
        guesses = (np.maximum(x_test @ w1 + b1, 0) @ w2 + b2).argmax(1)
        print(f"epoch {epoch:2}  {100 * (guesses == y_test).mean():.1f} % of 1,000 test images")


main()
