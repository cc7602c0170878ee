// The text editor: a thin wrapper around CodeMirror 6. It knows text, positions and decorations; the
// meaning of the text and all words come from the caller. Positions are UTF-16 offsets.
import { yamlLanguage } from "@codemirror/lang-yaml";
import { HighlightStyle, codeFolding, foldGutter, indentService, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { Annotation, Compartment, EditorState, Prec, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration, EditorView, WidgetType, drawSelection, highlightActiveLine, highlightActiveLineGutter,
  highlightSpecialChars, hoverTooltip, keymap, lineNumbers, placeholder, rectangularSelection,
} from "@codemirror/view";
import { tags as t } from "@lezer/highlight";
import { card, info } from "./card.js";
import { guarded } from "./guard.js";
// The names that editor_rest.js takes from the same packages; scripts/bundle.mjs writes the module.
import shared from "shared";
import { imported } from "./load.js";

// History, search, completion and the PromQL language are in a separate file, which is fetched after
// the first text is shown. If the file does not load, the page says so and the next focus tries again.
globalThis.codemirror = shared;
let rest;
let fetched;
let attempts = 0;
const incomplete = new Set();

function fetchRest() {
  fetched ??= imported("editor_rest.js", attempts++).then((module) => {
    rest = module;
    for (const editor of incomplete) editor.arrived();
    incomplete.clear();
    document.documentElement.dataset.editor = "complete";
  }).catch((error) => {
    fetched = undefined;
    globalThis.playground?.report({
      kind: "file",
      message: error?.message ?? String(error),
      explanation: "A part of the editor did not load: undo, search and completion are not available. Check the network connection, then try again.",
      retry: { label: "Try again", run: fetchRest },
    });
  });
}

/** Registers an editor that is created before editor_rest.js has loaded. */
function awaitRest(editor) {
  if (rest) return;
  incomplete.add(editor);
  editor.view.contentDOM.addEventListener("focus", fetchRest);
}

let shown = false;

/** Called when the first text has its annotations: fetches what the first view does without. */
function firstView() {
  if (shown) return;
  shown = true;
  performance.mark("first-answer");
  (globalThis.requestIdleCallback ?? setTimeout)(() => {
    fetchRest();
    dispatchEvent(new Event("first-answer"));
  });
}

const NONCE = EditorView.cspNonce.of("editor-styles");

// Colors are custom properties of the page, so that a change of theme needs no new state.
const highlight = HighlightStyle.define([
  { tag: [t.definition(t.propertyName), t.propertyName, t.labelName], color: "var(--y-key)" },
  { tag: [t.string, t.special(t.string), t.content, t.attributeValue], color: "var(--y-str)" },
  { tag: [t.number, t.bool, t.null], color: "var(--y-num)" },
  { tag: [t.comment, t.lineComment], color: "var(--y-com)", fontStyle: "italic" },
  { tag: [t.keyword, t.modifier, t.function(t.variableName)], color: "var(--y-fun)" },
  { tag: [t.typeName, t.labelName], color: "var(--y-key)" },
  { tag: [t.punctuation, t.separator, t.squareBracket, t.brace, t.operator], color: "var(--ink-2)" },
  { tag: t.invalid, color: "var(--bad)" },
]);

// Marks a change by the program, which is not reported as typing.
const fromProgram = Annotation.define();

/** A field with decorations: an effect replaces them, edits move them. */
function decorations(effect, make) {
  return StateField.define({
    create: () => Decoration.none,
    update(set, tr) {
      set = set.map(tr.changes);
      for (const e of tr.effects) if (e.is(effect)) set = make(e.value, tr.state);
      return set;
    },
    provide: (field) => EditorView.decorations.from(field),
  });
}

class Note extends WidgetType {
  constructor(text, kind) {
    super();
    this.text = text;
    this.kind = kind;
  }
  eq(other) {
    return other.text === this.text && other.kind === this.kind;
  }
  toDOM() {
    const span = document.createElement("span");
    span.className = `cm-note cm-note-${this.kind}`;
    span.textContent = this.text;
    // A note can be longer than the line has room for.
    span.title = this.text;
    return span;
  }
  ignoreEvent() {
    return false;
  }
}

const setNotes = StateEffect.define();
const notes = decorations(setNotes, (list, state) =>
  Decoration.set(
    list.map(({ at, text, kind }) => {
      const line = state.doc.lineAt(Math.min(at, state.doc.length));
      return Decoration.widget({ widget: new Note(text, kind), side: 1 }).range(line.to);
    }),
    true,
  ));

/** Lines of a stored object that the text does not have. */
class Defaults extends WidgetType {
  constructor(fields) {
    super();
    this.fields = fields;
  }
  eq(other) {
    return JSON.stringify(other.fields) === JSON.stringify(this.fields);
  }
  get estimatedHeight() {
    return 20 * this.fields.reduce((count, { lines }) => count + lines.length, 0);
  }
  toDOM() {
    const block = document.createElement("div");
    block.className = "cm-defaults";
    for (const { lines, by, why } of this.fields) {
      lines.forEach((text, number) => {
        const line = block.appendChild(document.createElement("div"));
        line.title = why;
        line.append(text);
        if (number > 0) return;
        const who = line.appendChild(document.createElement("span"));
        who.className = "by";
        who.textContent = by;
      });
    }
    return block;
  }
  ignoreEvent() {
    return false;
  }
}

const setDefaults = StateEffect.define();
const defaults = decorations(setDefaults, (list, state) => {
  const lines = new Map();
  for (const field of list) {
    const { to } = state.doc.lineAt(Math.min(field.at, state.doc.length));
    lines.set(to, [...(lines.get(to) ?? []), field]);
  }
  return Decoration.set(
    [...lines].map(([to, fields]) => Decoration.widget({ widget: new Defaults(fields), block: true, side: 1 }).range(to)),
    true,
  );
});

const TOKENS = ["key", "str", "num", "com", "punct"].map((name) => Decoration.mark({ class: `cm-y-${name}` }));
const setTokens = StateEffect.define();
const tokens = Prec.high(decorations(setTokens, (flat, state) => {
  const ranges = [];
  for (let i = 0; i + 2 < flat.length; i += 3) {
    const [from, to, kind] = [flat[i], Math.min(flat[i + 1], state.doc.length), flat[i + 2]];
    if (from < to && TOKENS[kind]) ranges.push(TOKENS[kind].range(from, to));
  }
  return Decoration.set(ranges, true);
}));

/** Gives a class to the lines of each span. */
function lineField(effect, cls) {
  const mark = Decoration.line({ class: cls });
  return decorations(effect, (spans, state) => {
    const ranges = [];
    for (const [from, to] of spans) {
      if (from > state.doc.length) continue;
      const last = state.doc.lineAt(Math.min(to, state.doc.length)).number;
      for (let n = state.doc.lineAt(from).number; n <= last; n++) ranges.push(mark.range(state.doc.line(n).from));
    }
    return Decoration.set(ranges, true);
  });
}
const setSpot = StateEffect.define();
const spot = lineField(setSpot, "cm-spot");
const setInner = StateEffect.define();
const inner = lineField(setInner, "cm-inner");

/**
 * Indents a new line like the line before it, or deeper if that line opens a mapping. Applies inside block
 * scalars too, where the rule of the YAML language does not.
 */
const indentation = indentService.of((context, pos) => {
  const { doc } = context.state;
  let line = doc.lineAt(pos);
  let text = line.text.slice(0, pos - line.from);
  if (!text.trim() || context.simulatedBreak !== pos) {
    do {
      if (line.number === 1) return 0;
      line = doc.line(line.number - 1);
      text = line.text;
    } while (!text.trim());
  }
  const [, spaces, dashes, rest] = /^( *)((?:- +)*)(.*)$/.exec(text);
  const opens = /^[^#]*:(\s+[|>][-+0-9]*)?\s*(#.*)?$/.test(rest);
  return spaces.length + dashes.length + (opens ? context.unit : 0);
});

/** One view of many documents. Each document keeps its history, selection, folds and scroll position. */
export class Editor {
  constructor(parent, label, on) {
    this.on = on;
    this.documents = new Map();
    this.key = undefined;
    this.rest = new Compartment();
    this.writing = new Compartment();
    this.readOnly = false;
    this.extensions = [
      NONCE, lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(),
      foldGutter({ openText: "⌄", closedText: "›" }), codeFolding(), drawSelection(),
      EditorState.allowMultipleSelections.of(true), indentUnit.of("  "), rectangularSelection(), highlightActiveLine(),
      lintGutter({ hoverTime: 200 }), guarded(yamlLanguage), Prec.high(indentation), syntaxHighlighting(highlight), notes, defaults, tokens, spot, inner,
      hoverTooltip((view, pos) => this.hover(view, pos), { hoverTime: 250 }),
      EditorView.contentAttributes.of({ tabindex: "0", "aria-label": label }),
      EditorView.updateListener.of((update) => this.updated(update)),
    ];
    this.view = new EditorView({ parent, state: this.state("") });
    awaitRest(this);
  }

  state(text) {
    const extensions = [...this.extensions, this.rest.of(this.later()), this.writing.of(EditorState.readOnly.of(this.readOnly)), keymap.of(lintKeymap)];
    return EditorState.create({ doc: text, extensions });
  }

  /** Forbids changes of all documents, or allows them. */
  setReadOnly(on) {
    if (on === this.readOnly) return;
    this.readOnly = on;
    const effects = this.writing.reconfigure(EditorState.readOnly.of(on));
    this.view.dispatch({ effects });
    for (const kept of this.documents.values()) kept.state = kept.state.update({ effects }).state;
  }

  later() {
    return rest?.texts((context) => this.complete(context)) ?? [];
  }

  /** Adds the extensions of editor_rest.js to the open document and to the others. */
  arrived() {
    const effects = this.rest.reconfigure(this.later());
    this.view.dispatch({ effects });
    for (const kept of this.documents.values()) kept.state = kept.state.update({ effects }).state;
  }

  updated(update) {
    if (this.key === undefined) return;
    const own = update.transactions.some((tr) => tr.annotation(fromProgram));
    if (update.docChanged && !own) this.on.change(this.key, update.state.doc.toString());
    if (update.selectionSet || update.docChanged) this.on.cursor(this.key, update.state.selection.main.head);
  }

  /** Shows the document `key` with this text. */
  open(key, text) {
    if (this.key !== key) {
      this.leavePanel();
      if (this.key !== undefined) {
        this.documents.set(this.key, { state: this.view.state, scroll: this.view.scrollSnapshot() });
      }
      const kept = this.documents.get(key);
      this.key = undefined;
      this.view.setState(kept?.state ?? this.state(text));
      if (kept) this.view.dispatch({ effects: kept.scroll });
      this.key = key;
    }
    this.replace(text);
  }

  /**
   * Takes the focus from a field of the search panel. A field with a new value reports it when it is removed,
   * and the view refuses a change while its state is replaced.
   */
  leavePanel() {
    const { dom, contentDOM } = this.view;
    const field = document.activeElement;
    if (field !== contentDOM && dom.contains(field)) field.blur();
  }

  /** Replaces the text in one step of the history. */
  replace(text) {
    const old = this.view.state.doc.toString();
    if (old === text) return;
    let from = 0;
    const least = Math.min(old.length, text.length);
    while (from < least && old.charCodeAt(from) === text.charCodeAt(from)) from++;
    let tail = 0;
    while (tail < least - from && old.charCodeAt(old.length - 1 - tail) === text.charCodeAt(text.length - 1 - tail)) tail++;
    this.view.dispatch({
      changes: { from, to: old.length - tail, insert: text.slice(from, text.length - tail) },
      annotations: fromProgram.of(true),
    });
  }

  /** Drops the state of a document, or of all documents. */
  forget(key) {
    if (key === undefined) this.documents.clear();
    else this.documents.delete(key);
    if (key === undefined || key === this.key) this.key = undefined;
  }

  /** Sets the decorations. `json`: { diagnostics, notes, defaults, inner }, where `inner` has the spans of embedded YAML. */
  annotate(key, json, flatTokens) {
    if (key !== this.key) return;
    const data = JSON.parse(json);
    const length = this.view.state.doc.length;
    const diagnostics = data.diagnostics.map((d) => ({
      from: Math.min(d.from, length),
      to: Math.min(d.to, length),
      severity: d.severity,
      message: d.message,
      renderMessage: () => card({ title: d.message, kind: d.grade, body: d.body }),
      actions: d.fixes.map((name, index) => ({ name, apply: () => this.on.fix(d.id, index) })),
    }));
    this.view.dispatch({
      effects: [setNotes.of(data.notes), setDefaults.of(data.defaults), setTokens.of(flatTokens), setInner.of(data.inner)],
    });
    this.view.dispatch(setDiagnostics(this.view.state, diagnostics));
    firstView();
  }

  spot(from, to) {
    this.view.dispatch({ effects: setSpot.of(from === undefined ? [] : [[from, to]]) });
  }

  reveal(from, to, focus) {
    const length = this.view.state.doc.length;
    [from, to] = [Math.min(from, length), Math.min(to, length)];
    this.view.dispatch({
      selection: { anchor: from, head: from },
      effects: [EditorView.scrollIntoView(from, { y: "center" }), setSpot.of([[from, to]])],
    });
    if (focus) this.view.focus();
  }

  focus() {
    this.view.focus();
  }

  async complete(context) {
    if (this.destroyed) return null;
    const reply = await this.on.complete(this.key, context.pos, context.explicit);
    const list = reply && JSON.parse(reply);
    if (!list || !list.options.length) return null;
    return {
      from: list.from,
      to: list.to,
      options: list.options.map((option) => ({ ...option, info: option.info ? () => info(option.info) : undefined })),
      validFor: list.open ? /^[\w.$/-]*$/ : undefined,
    };
  }

  async hover(view, pos) {
    const { key, view: { state: { doc } } } = this;
    const reply = await this.on.hover(key, pos);
    // The positions of the answer are those of this text.
    if (!reply || key !== this.key || doc !== this.view.state.doc) return null;
    const data = JSON.parse(reply);
    return {
      pos: data.from,
      end: data.to,
      above: true,
      create: () => ({ dom: card(data) }),
    };
  }

  /** A completion that waits for a pause in typing still asks afterwards. The callbacks are gone then. */
  destroy() {
    this.destroyed = true;
    incomplete.delete(this);
    this.view.destroy();
  }
}

/** An input for one expression: Enter runs it, Shift-Enter inserts a line break. */
export class QueryInput {
  constructor(parent, label, hint, on) {
    this.on = on;
    this.rest = new Compartment();
    this.view = new EditorView({
      parent,
      state: EditorState.create({
        extensions: [
          NONCE, drawSelection(), syntaxHighlighting(highlight), highlightSpecialChars(), placeholder(hint), EditorView.lineWrapping,
          hoverTooltip((view, pos) => this.hover(pos), { hoverTime: 250 }),
          EditorView.contentAttributes.of({ tabindex: "0", "aria-label": label }),
          Prec.highest(keymap.of([{ key: "Enter", run: (view) => this.enter(view), shift: () => false }])),
          this.rest.of(this.later()), spot,
          EditorView.updateListener.of((update) => {
            const own = update.transactions.some((tr) => tr.annotation(fromProgram));
            if (update.docChanged && !own) on.change(update.state.doc.toString());
          }),
        ],
      }),
    });
    awaitRest(this);
    fetchRest();
  }

  later() {
    return rest?.queries((context) => this.complete(context)) ?? [];
  }

  arrived() {
    this.view.dispatch({ effects: this.rest.reconfigure(this.later()) });
  }

  /** Enter runs the query. It accepts a completion only if one was chosen with the arrow keys. */
  enter(view) {
    if (rest?.hasChosenCompletion(view.state)) return false;
    rest?.closeCompletion(view);
    this.on.run(view.state.doc.toString());
    return true;
  }

  set(text) {
    const { state } = this.view;
    if (state.doc.toString() === text) return;
    this.view.dispatch({ changes: { from: 0, to: state.doc.length, insert: text }, annotations: fromProgram.of(true) });
  }

  /** Diagnostics as for the editor, without fixes. */
  annotate(json) {
    const length = this.view.state.doc.length;
    const list = JSON.parse(json).map((d) => ({ ...d, from: Math.min(d.from, length), to: Math.min(d.to, length) }));
    this.view.dispatch(setDiagnostics(this.view.state, list));
  }

  async complete(context) {
    if (this.destroyed) return null;
    const reply = await this.on.complete(context.state.doc.toString(), context.pos);
    const list = reply && JSON.parse(reply);
    if (!list || !list.options.length) return null;
    return {
      from: list.from,
      to: list.to,
      options: list.options.map((option) => ({ ...option, info: option.info ? () => info(option.info) : undefined })),
      validFor: list.open ? /^[\w:]*$/ : undefined,
    };
  }

  async hover(pos) {
    const { doc } = this.view.state;
    const reply = await this.on.hover(doc.toString(), pos);
    if (!reply || doc !== this.view.state.doc) return null;
    const data = JSON.parse(reply);
    return { pos: data.from, end: data.to, above: true, create: () => ({ dom: card(data) }) };
  }

  /** A completion that waits for a pause in typing still asks afterwards. The callbacks are gone then. */
  destroy() {
    this.destroyed = true;
    incomplete.delete(this);
    this.view.destroy();
  }
}
