// What of the editor a first view does without: editor.js fetches it and puts it into its views.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, foldKeymap, indentOnInput } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { keymap } from "@codemirror/view";
import { promQLLanguage } from "@prometheus-io/codemirror-promql/dist/esm/promql.js";
import { guarded } from "./guard.js";

/** For a document; `complete` answers with what may stand at a place. */
export const texts = (complete) => [
  history(), indentOnInput(), bracketMatching(), closeBrackets(), highlightSelectionMatches(), search({ top: true }),
  autocompletion({ override: [complete], icons: false, closeOnBlur: true }),
  keymap.of([
    ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap,
    indentWithTab,
  ]),
];

/** For a field of one expression. */
export const queries = (complete) => [
  history(), bracketMatching(), closeBrackets(), guarded(promQLLanguage("PromQL")),
  autocompletion({ override: [complete], icons: false }),
  keymap.of([...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap]),
];
