SHELL := /usr/bin/env bash
# Moim. `make help` lists what can be made; the work is in scripts/.

.DEFAULT_GOAL := help
.PHONY: help setup run dev build fmt lint test fuzz chaos sbom reproduce size bench audit clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what building and testing need (quick when it is there already)
	@scripts/setup.sh

run: setup build ## Build for release and start, with a demo world
	@scripts/run.sh

dev: setup ## Build for development, start, and do both again at every change
	@scripts/dev.sh

build: setup ## Build for release: target/release/moim and target/site
	@scripts/build.sh

fmt: ## Format the code
	@cargo fmt

lint: setup ## Check format, lints, licences and types
	@scripts/lint.sh

test: ## Everything: lint, tests on both databases, release build, sizes, API fuzzing, browser tests
	@scripts/test.sh

fuzz: setup build ## Call the API with made-up questions, three minutes as strangers and three as members
	@scripts/fuzz.sh 180

chaos: setup build ## Kill it 100 times, crash its database, cut Redis, fill its disk, move its clock: nothing may be lost
	@scripts/chaos.sh

sbom: setup ## What the program is made of, as CycloneDX: target/sbom
	@scripts/sbom.sh

reproduce: setup build ## Build what is committed once more in another place, and compare every byte that is served
	@scripts/reproduce.sh

size: ## Check the size budgets of the release build
	@node scripts/size.mjs

bench: setup build ## Measure against peers and limits (bench/README.md); BAR=list measures one bar
	@scripts/bench.sh $(BAR)

audit: setup ## Look up known vulnerabilities of dependencies (asks GitHub and npm)
	@scripts/audit.sh

clean: ## Remove everything that was built (not the tools, not data/)
	@cargo clean
	@rm -rf node_modules bench/node_modules bench/target bench/.venv
