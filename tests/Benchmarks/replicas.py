"""Runs trained one after the other in PyTorch, the counterpart of ReplicaBenchmark.cs: prints seconds and processor seconds for all of them.
usage: replicas.py mlp|conv WIDTH BATCH THREADS RUNS UPDATES"""
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

kind, width, batch, threads, runs, updates = sys.argv[1], *map(int, sys.argv[2:7])
torch.set_num_threads(threads)
images, labels = torch.randn(10000, 1, 28, 28), torch.randint(10, (10000,))


def train(seed, count):
    torch.manual_seed(seed)
    if kind == "mlp":
        network = nn.Sequential(nn.Flatten(), nn.Linear(784, width), nn.ReLU(), nn.Linear(width, 10))
    else:
        network = nn.Sequential(
            nn.Conv2d(1, 16, 5, stride=2, padding=2), nn.ReLU(), nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(1568, 10)
        )
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
    order, at = torch.randperm(10000), 0
    for _ in range(count):
        if at + batch > 10000:
            order, at = torch.randperm(10000), 0
        indices = order[at : at + batch]
        at += batch
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(network(images[indices]), labels[indices])
        loss.backward()
        optimizer.step()
        loss.item()


train(0, 50)
start, processor = time.perf_counter(), time.process_time()
for seed in range(runs):
    train(seed, updates)
print(time.perf_counter() - start, time.process_time() - processor)
