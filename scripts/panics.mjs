// Takes the words of panics out of a module. A panic ends the module either way, and nobody hears its
// words: the standard library has no place to print to in a browser, and no hook is set.
import binaryen from "binaryen";
import { FEATURES } from "./tree.mjs";

/** Functions of the standard library that only compose a message and never return, as the linker names them. */
const NAMES = [
  "4core9panicking", "4core6option13unwrap_failed", "4core6option13expect_failed", "4core6result13unwrap_failed",
  "4core3str16slice_error_fail", "5slice5index16slice_index_fail", "17len_mismatch_fail", "22panic_on_ord_violation",
  "4cell22panic_already_borrowed", "4cell30panic_already_mutably_borrowed", "7raw_vec12handle_error",
  "7raw_vec17capacity_overflow", "Fallibility17capacity_overflow", "5alloc18handle_alloc_error", "3vec\\w*13assert_failed",
  "14panic_poisoned", "19panic_access_error",
];
const SILENT = new RegExp(NAMES.join("|"));

/** The same module, where such functions trap at once. */
export function mute(bytes) {
  const module = binaryen.readBinary(bytes);
  module.setFeatures(FEATURES);
  for (let index = 0; index < module.getNumFunctions(); index++) {
    const { name, module: from, results } = binaryen.getFunctionInfo(module.getFunctionByIndex(index));
    if (!from && results === binaryen.none && SILENT.test(name)) {
      binaryen.Function(module.getFunction(name)).setBody(module.unreachable());
    }
  }
  binaryen.setDebugInfo(true);
  const muted = module.emitBinary();
  binaryen.setDebugInfo(false);
  module.dispose();
  return muted;
}
