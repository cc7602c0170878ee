// The part of the editor that the first view does without. editor.js fetches it and adds it to its views.
import {
  acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, closeCompletion, completionKeymap, completionStatus,
  moveCompletionSelection, selectedCompletionIndex,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, foldKeymap, indentOnInput } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { keymap } from "@codemirror/view";
import { promQLLanguage } from "@prometheus-io/codemirror-promql/dist/esm/promql.js";
import { guarded } from "./guard.js";

/** Extensions of a document. `complete` is a completion source. */
export const texts = (complete) => [
  history(), indentOnInput(), bracketMatching(), closeBrackets(), highlightSelectionMatches(), search({ top: true }),
  autocompletion({ override: [complete], icons: false, closeOnBlur: true }),
  keymap.of([
    ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap,
    indentWithTab,
  ]),
];

export { closeCompletion };

/** Whether a completion is open and one of its options is chosen. */
export const hasChosenCompletion = (state) => (selectedCompletionIndex(state) ?? -1) >= 0;

/** Accepts the chosen completion, or the first one. */
function acceptFirst(view) {
  if (completionStatus(view.state) !== "active") return false;
  if (!hasChosenCompletion(view.state)) moveCompletionSelection(true)(view);
  return acceptCompletion(view);
}

/** Extensions of an expression input. */
export const queries = (complete) => [
  history(), bracketMatching(), closeBrackets(), guarded(promQLLanguage("PromQL")),
  // No completion is chosen until an arrow key or Tab is pressed, so that Enter always runs the query.
  autocompletion({ override: [complete], icons: false, selectOnOpen: false }),
  keymap.of([{ key: "Tab", run: acceptFirst }, ...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap]),
];
