"""One training step in PyTorch, the counterpart of TrainingBenchmark.cs: median milliseconds of a step.
usage: step.py mlp|conv|penalty BATCH THREADS WARMUP CALLS"""
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

kind, batch, threads, warm_up, calls = sys.argv[1], *map(int, sys.argv[2:6])
torch.set_num_threads(threads)
torch.manual_seed(0)
if kind != "conv":
    network = nn.Sequential(nn.Flatten(), nn.Linear(784, 800), nn.ReLU(), nn.Linear(800, 10))
else:
    network = nn.Sequential(
        nn.Conv2d(1, 16, 5, stride=2, padding=2), nn.ReLU(), nn.Conv2d(16, 32, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(1568, 10)
    )
optimizer = torch.optim.SGD(network.parameters(), lr=1e-3, momentum=0.9)
images, labels = torch.randn(batch, 1, 28, 28), torch.randint(10, (batch,))


def step():
    optimizer.zero_grad(set_to_none=True)
    F.cross_entropy(network(images), labels).backward()
    optimizer.step()


def penalised():
    """the gradient of C + (λ/4)‖∇C‖², λ = 0.1, without an optimizer's step"""
    parameters = list(network.parameters())
    loss = F.cross_entropy(network(images), labels)
    gradients = torch.autograd.grad(loss, parameters, create_graph=True)
    total = loss + 0.025 * sum(gradient.square().sum() for gradient in gradients)
    return torch.autograd.grad(total, parameters)


if kind == "penalty":
    step = penalised
for _ in range(warm_up):
    step()
times = []
for _ in range(calls):
    start = time.perf_counter()
    step()
    times.append((time.perf_counter() - start) * 1e3)
print(sorted(times)[calls // 2])
