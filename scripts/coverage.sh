#!/usr/bin/env bash
# Line coverage of the crates below by their own tests, without the conformance data. Fails if a
# crate is under FLOOR percent.
source "$(dirname "$0")/tools.sh"
need rust llvm_cov

FLOOR=90
CRATES=(promql yaml discovery)

# The tests skip what needs the conformance data, so that the figures are the same everywhere.
export CONFORMANCE_DIR=/nonexistent

# Programs of earlier builds would count as not covered.
cargo llvm-cov clean --workspace

low=()
rows=()
for crate in "${CRATES[@]}"; do
  echo "── $crate" >&2
  # Profiles of another crate's tests would count here too.
  cargo llvm-cov clean --profraw-only
  report=$(cargo llvm-cov --quiet --no-clean --package "$crate" --json --summary-only)
  # {"data":[{"files":[…],"totals":{…,"lines":{"count":…,"covered":…,"percent":…},…}}],…}
  read -r total covered < <(grep -o '"lines":{"count":[0-9]*,"covered":[0-9]*' <<<"$report" |
    tail -n 1 | tr -c '0-9\n' ' ')
  [ "${total:-0}" -gt 0 ] || fail "no coverage was measured for $crate"
  percent=$(awk "BEGIN { printf \"%.1f\", 100 * $covered / $total }")
  rows+=("$(printf '%-12s %8d %8d %7s %%' "$crate" "$total" "$covered" "$percent")")
  awk "BEGIN { exit !(100 * $covered < $FLOOR * $total) }" && low+=("$crate")
done

printf '%-12s %8s %8s %9s\n' crate lines covered percent
printf '%s\n' "${rows[@]}"
if [ ${#low[@]} -gt 0 ]; then
  fail "under $FLOOR % of the lines: ${low[*]}"
fi
