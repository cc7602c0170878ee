// Measures the application of the monitoring stack in WebAssembly, in Node and in a browser.

const sorted = (numbers) => numbers.toSorted((a, b) => a - b);
const middle = (numbers) => sorted(numbers)[Math.floor(numbers.length / 2)];

/** The fastest, the middle and the slowest of some times, and the first two as ratios. */
function summary({ times, references }) {
  const [all, beside] = [times, references].map(sorted);
  const shown = [all[0], middle(times), all.at(-1)].map((time) => time.toFixed(2)).join(", ");
  const ratios = [all[0] / beside[0], middle(times) / middle(references)].map((ratio) => ratio.toFixed(2)).join(", ");
  return `${shown} (${ratios} × the reference loop)`;
}

/** Applies the stack afresh and after an edit of each file. The reference loop runs before each of them. */
export function measureStack(exports, runs) {
  const { stack_prepare, stack_edit, stack_apply, stack_reference } = exports;
  const timed = (act) => {
    const start = performance.now();
    act();
    return performance.now() - start;
  };
  const add = (measured) => {
    measured.references.push(timed(stack_reference));
    measured.times.push(timed(stack_apply));
  };
  const [fresh, edits] = [0, 0].map(() => ({ times: [], references: [] }));
  let lines = 0;
  for (let run = 0; run < runs; run += 1) {
    lines = stack_prepare();
    add(fresh);
  }
  for (let file = 0, count = 1; file < count; file += 1) {
    count = stack_edit(file);
    add(edits);
  }
  return `apply ${edits.times.length} files, ${lines} lines: afresh ${summary(fresh)}; an edit of each file ${summary(edits)}`;
}
