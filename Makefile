# Each command brings what it needs: see scripts/tools.sh. A second run does no work twice.

.PHONY: serve test test-web test-e2e build size bench measure load apply keys day pages conformance coverage screenshot fuzz fmt

# Runs the playground; PORT=8080 by default.
serve:
	@scripts/serve.sh

# All tests: format, lints, native, conformance, in the browser, end to end.
test:
	@scripts/test.sh

# Widgets and bindings, in Chromium.
test-web:
	@scripts/test-web.sh

# What a person does, in Chromium; FILES chooses tests.
test-e2e:
	@scripts/test-e2e.sh $(FILES)

# The release build, in dist/.
build:
	@scripts/build.sh

# Sizes of the files of the release build.
size: build
	@node scripts/size.mjs

# Benchmarks of the parts that have a budget.
bench:
	@scripts/bench.sh

# Measures the release build in Chromium; `make measure load` measures the load alone.
measure: build
	@node scripts/measure.mjs $(filter load keys day pages apply,$(MAKECMDGOALS))

# Records under CONFORMANCE_DIR, passed and total for each folder; NAMES="apply api/shop" selects.
conformance:
	@scripts/conformance.sh $(NAMES)

# Line coverage of promql, yaml and discovery by their own tests; fails under 90 %.
coverage:
	@scripts/coverage.sh

# Each fuzz target for SECONDS (30); TARGET=regex chooses one. Crashes are left in fuzz/artifacts.
fuzz:
	@fuzz/run $(or $(TARGET),all) $(or $(SECONDS),30)

# The picture in the README, made from the running page.
screenshot: build
	@node scripts/screenshot.mjs

fmt:
	@cargo fmt

# Words after `make measure`. A line must not begin with `load`, which is a directive of make.
apply keys day pages load:
	@:
