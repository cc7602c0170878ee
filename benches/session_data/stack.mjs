// Measures the application of the monitoring stack in WebAssembly, in Node and in a browser.

const sorted = (numbers) => numbers.toSorted((a, b) => a - b);
const middle = (numbers) => sorted(numbers)[Math.floor(numbers.length / 2)];

/** The fastest, the middle and the slowest of some times, and the first two as ratios. */
function summary({ times, ratios }) {
  const all = sorted(times);
  const shown = [all[0], middle(times), all.at(-1)].map((time) => time.toFixed(2)).join(", ");
  return `${shown} (${sorted(ratios)[0].toFixed(2)}, ${middle(ratios).toFixed(2)} × the reference loop)`;
}

/** Applies the stack afresh and after an edit of each file. Each time stands beside that of the reference loop. */
export function measureStack(exports, runs) {
  const { stack_prepare, stack_edit, stack_apply, stack_reference } = exports;
  const timed = (act) => {
    const start = performance.now();
    act();
    return performance.now() - start;
  };
  const add = (measured) => {
    const reference = timed(stack_reference);
    const taken = timed(stack_apply);
    measured.times.push(taken);
    measured.ratios.push(taken / reference);
  };
  const [fresh, edits] = [0, 0].map(() => ({ times: [], ratios: [] }));
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
