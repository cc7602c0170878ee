// The part of the editor that the first view does without. editor.js fetches it and adds it to its views.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
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

/** Extensions of an expression input. */
export const queries = (complete) => [
  history(), bracketMatching(), closeBrackets(), guarded(promQLLanguage("PromQL")),
  autocompletion({ override: [complete], icons: false }),
  keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap]),
];
