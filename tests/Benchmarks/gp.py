"""Median milliseconds of a Gaussian-process regression: scikit-learn's, and the same written out with scipy.

python3 gp.py EXAMPLES INPUTS POINTS THREADS CALLS
"""
import sys
import time

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular
from scipy.spatial.distance import cdist
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel
from threadpoolctl import threadpool_limits

examples, inputs, points, threads, calls = map(int, sys.argv[1:])
random = np.random.default_rng(1)
x = random.standard_normal((examples, inputs))
y = np.sin(x.sum(1)) + 0.1 * random.standard_normal(examples)
ask = random.standard_normal((points, inputs))


def scikit():
    model = GaussianProcessRegressor(ConstantKernel(1.0) * RBF(1.5), alpha=0.01, optimizer=None).fit(x, y)
    model.predict(ask, return_std=True)
    return model.log_marginal_likelihood_value_


def covariance(a, b):
    k = cdist(a / 1.5, b / 1.5, "sqeuclidean")
    k *= -0.5
    return np.exp(k, out=k)


def written_out():
    k = covariance(x, x)
    k[np.diag_indices_from(k)] += 0.01
    lower = cholesky(k, lower=True, overwrite_a=True, check_finite=False)
    alpha = cho_solve((lower, True), y, check_finite=False)
    cross = covariance(x, ask)
    cross.T @ alpha
    whitened = solve_triangular(lower, cross, lower=True, check_finite=False)
    1.0 - (whitened * whitened).sum(0)
    return -0.5 * y @ alpha - np.log(np.diag(lower)).sum() - 0.5 * examples * np.log(2 * np.pi)


def milliseconds(call):
    call()
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - start))
    return sorted(times)[calls // 2]


with threadpool_limits(threads):
    print(milliseconds(scikit), milliseconds(written_out))
