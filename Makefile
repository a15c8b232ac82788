# Everything a developer or a pipeline does with the project. `make` alone lists it.
# The scripts hold the steps; this file only names them.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help serve build test check bench faults fuzz scan format clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: ## build in release mode, import the example on first start, serve it (HOST, PORT … from the environment)
	@scripts/bootstrap
	@scripts/build-release
	@exec scripts/serve-example

build: ## debug build of everything with coverage counters: the one build that check and test share
	@scripts/bootstrap tests
	@scripts/build-tests

test: ## build, run every test, print coverage and hold it to its floors
	@scripts/bootstrap tests
	@scripts/build-tests
	@scripts/run-tests
	@scripts/coverage

check: ## every gate on its fixtures, then on the project: format, imports, sizes, forbidden calls, secrets, compose.yaml; then the build
	@scripts/bootstrap tests
	@scripts/check-all
	@scripts/build-tests

bench: ## measure against the baselines; takes a release build and a quiet machine
	@scripts/bootstrap
	@Benchmarks/run

faults: ## attack the release build from outside: kills, full disk, held lock, damaged page, bad clients (docs/robustness.md)
	@scripts/bootstrap
	@scripts/build-release
	@scripts/faults/run

fuzz: ## thousands of made requests after the OpenAPI document, and sqlmap; installs pinned tools into .build-fuzz/
	@scripts/bootstrap
	@scripts/build-release
	@scripts/fuzz-api
	@scripts/inject-sql

scan: ## look for holes with tools that others wrote: wapiti, testssl.sh, slowhttptest, sqlmap, forged tokens (docs/security.md)
	@scripts/bootstrap scan
	@scripts/build-release
	@scripts/security-scan

format: ## rewrite every Swift file in the project's format
	@swift format --in-place --recursive --parallel Sources Tests Benchmarks Package.swift

clean: ## remove what was built and measured; the example's database stays
	@rm -rf .build .build-release .build-fuzz .build-s3 .build-smtp .build-otlp .build-sentry .build-oidc .build-compose coverage
