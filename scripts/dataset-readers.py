"""Shows that readers of MNIST take a generated data set: NumPy, and torchvision and Keras where they are installed.

    npm run dataset -- --count 600 --seed 7 --out data/plain
    npm run dataset -- --count 600 --seed 7 --out data/packed --gzip
    python scripts/dataset-readers.py data/plain data/packed
"""

import functools
import http.server
import importlib.util
import json
import os
import pathlib
import shutil
import sys
import tempfile
import threading

import numpy as np

plain, packed = map(pathlib.Path, sys.argv[1:3])


def read_idx(path: pathlib.Path) -> np.ndarray:
    data = path.read_bytes()
    shape = np.frombuffer(data, ">u4", data[3], offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


expected = [
    (read_idx(plain / f"{part}-images-idx3-ubyte"), read_idx(plain / f"{part}-labels-idx1-ubyte"))
    for part in ("train", "t10k")
]


def check(reader: str, found: list) -> None:
    for (images, labels), (its_images, its_labels) in zip(expected, found, strict=True):
        assert np.array_equal(images, its_images) and np.array_equal(labels, its_labels), reader
    print(f"{reader}: {len(expected[0][0])} training and {len(expected[1][0])} test images, as NumPy reads them")


def torchvision_over_http() -> None:
    """Its own download, with its own check of digests, from a server of the folder."""
    from torchvision.datasets import MNIST

    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(packed))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    files = json.loads((packed / "card.json").read_text())["files"]
    MNIST.mirrors = [f"http://127.0.0.1:{server.server_port}/"]
    MNIST.resources = [(name, file["md5"]) for name, file in files.items()]
    with tempfile.TemporaryDirectory() as root:
        sets = [MNIST(root, train=train, download=True) for train in (True, False)]
        check("torchvision", [(each.data.numpy(), each.targets.numpy()) for each in sets])
    server.shutdown()


def keras_from_folder() -> None:
    """Its reader of Fashion-MNIST, which has MNIST's form, finds the files where it would have put them."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["KERAS_HOME"] = home
        folder = pathlib.Path(home, "datasets", "fashion-mnist")
        folder.mkdir(parents=True)
        for file in packed.glob("*.gz"):
            shutil.copy(file, folder)
        from keras.datasets import fashion_mnist

        check("Keras", list(fashion_mnist.load_data()))


print(f"NumPy: {expected[0][0].shape} and {expected[1][0].shape}")
for library, demonstrate in {"torchvision": torchvision_over_http, "keras": keras_from_folder}.items():
    if importlib.util.find_spec(library):
        demonstrate()
    else:
        print(f"{library} is not installed")
