# Each target works alone on a fresh clone: it makes .venv and installs what it needs, once.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST_ARGS ?= -n 2
export PIP_DISABLE_PIP_VERSION_CHECK ?= 1

.PHONY: demo test programs lint docs bench examples venv
.NOTPARALLEL:

demo: $(VENV)/.installed
	$(BIN)/chainrule show examples/staged.py:f --at x=3 --at y=-4
	$(BIN)/python examples/train_mlp.py

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest $(PYTEST_ARGS)

# Random programs against numeric differentiation: thousands more than `make test` tries.
programs: $(VENV)/.installed-dev
	CHAINRULE_PROGRAMS=$(or $(PROGRAMS),2000) $(BIN)/python -m pytest $(PYTEST_ARGS) \
		tests/run/test_generated_control.py

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/.installed-docs
	$(BIN)/sphinx-build -W -q docs docs/_build/html

bench: $(VENV)/.installed-bench
	$(BIN)/python bench/run.py
	$(BIN)/python bench/compiled.py --plot bench/compiled.svg

GALLERY := gaussian_process hidden_markov kalman neural_ode rosenbrock variational

examples: $(VENV)/.installed-examples
	for name in $(GALLERY); do \
	  $(BIN)/python examples/gallery/$$name.py --plot docs/gallery/$$name.svg || exit 1; \
	done

venv: $(VENV)/.installed-dev

# A stamp per extra, renewed when the dependencies or the version change.
INPUTS := pyproject.toml src/chainrule/_version.py

$(VENV)/.installed: $(INPUTS) | $(BIN)/python
	$(BIN)/python -m pip install -q -e .
	@touch $@

$(VENV)/.installed-%: $(INPUTS) | $(BIN)/python
	$(BIN)/python -m pip install -q -e ".[$*]"
	@touch $@

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
