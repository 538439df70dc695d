"""The examples in which a user's own compiled code calls a compiled gradient."""

import importlib.util
from pathlib import Path

import numpy as np

EXAMPLES = Path(__file__).parents[2] / "examples"


def example(name):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_optimiser_finds_the_curve():
    module = example("compiled_descent")
    found, value = module.adam(module.START, *module.data(), 3000, 0.01)
    assert np.allclose(found, module.WANTED, atol=1e-6)
    assert value < 1e-12


def test_the_sampler_finds_the_weights():
    module = example("compiled_hmc")
    X, y = module.data()
    chain, taken = module.sample(np.zeros(3), X, y, 400, 0.05, 20, 0)
    assert taken > 0.9
    spread = chain[100:].std(axis=0)
    assert np.all(np.abs(chain[100:].mean(axis=0) - module.WANTED) < 4 * spread)
    assert np.all((spread > 0.05) & (spread < 0.5))


def test_the_leapfrog_integrator_keeps_the_energy():
    module = example("compiled_hmc")
    X, y = module.data(50)
    w, p = np.array([0.5, -1.0, 0.2]), np.array([0.3, 0.1, -0.4])
    value, dw = module.gradient(w, X, y)
    _, q, _, there = module.leapfrog(w, p, dw, X, y, 0.001, 200)
    assert abs((there - 0.5 * q @ q) - (value - 0.5 * p @ p)) < 1e-4
