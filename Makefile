# Two commands do all that a new machine needs: `make handouts` and `make test`.
# Each sets up .venv first (.ci/setup), which takes a moment only the first time.

# As a module, because a checkout that was moved leaves the scripts in .venv/bin behind.
PYTHON_OF_VENV := .venv/bin/python
HANDOUTS := $(PYTHON_OF_VENV) -m handouts
PYTEST := $(PYTHON_OF_VENV) -m pytest
# A process a processor; what a file's tests share is made once.
PARALLEL := --numprocesses auto --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help handouts test coverage lint golden bench words schemas pictures clean

help: ## Show these lines.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 16

handouts: ## Set up everything and render the five handouts into output/.
	@.ci/setup
	@$(HANDOUTS) render --all --output output

test: ## Set up everything and pass the tests (ARGS="tests/model -x" chooses).
	@.ci/setup test
	@$(PYTEST) $(PARALLEL) $(ARGS)

coverage: ## Pass the tests and say which lines none of them reaches.
	@.ci/setup test
	@$(PYTEST) $(PARALLEL) --cov $(ARGS)

lint: ## Check style and types.
	@.ci/setup test lint
	@$(PYTHON_OF_VENV) -m ruff check
	@$(PYTHON_OF_VENV) -m ruff format --check
	@$(PYTHON_OF_VENV) -m mypy

golden: ## Write the golden HTML and pictures anew; look at the diff before you commit it.
	@.ci/setup test
	@$(PYTEST) --golden-refresh $(ARGS) tests/theme tests/press/test_raster.py tests/figure/test_raster.py

bench: ## Measure against Typst, WeasyPrint and Chromium; writes docs/benchmarks.md.
	@.ci/setup test bench
	@$(PYTHON_OF_VENV) -m tests.bench.bench_render $(ARGS)
	@$(PYTHON_OF_VENV) -m tests.bench.bench_batch $(ARGS)

words: ## Collect the printed words from templates and code into templates/words/*.po.
	@.ci/setup test
	@$(PYTHON_OF_VENV) .ci/words.py

schemas: ## Write the JSON Schemas of the data files anew from the models.
	@.ci/setup
	@$(PYTHON_OF_VENV) -c 'from handouts.assets import SCHEMAS; \
	  from handouts.model.schema import SCHEMA_MODELS, schema_text; \
	  [(SCHEMAS / f"{name}.schema.json").write_text(schema_text(name), encoding="utf-8") \
	  for name in SCHEMA_MODELS]'

pictures: ## Make the README's pictures anew from real pages.
	@.ci/setup
	@$(PYTHON_OF_VENV) docs/images/draw.py

clean: ## Delete what was made: .venv, caches, reports and the PDFs in output/.
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage htmlcov dist build
	rm -f output/*.pdf output/*.html
