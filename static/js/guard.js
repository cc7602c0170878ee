// Highlighting parsers recurse as deep as the text is nested. A text that is nested too deeply is shown
// without highlighting.
import { NodeType, Tree } from "@lezer/common";

class Guard {
  constructor(inner, input) {
    this.inner = inner;
    this.input = input;
  }

  advance() {
    try {
      return this.inner.advance();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return new Tree(NodeType.none, [], [], this.input.length);
    }
  }

  get parsedPos() {
    return this.inner.parsedPos;
  }

  get stoppedAt() {
    return this.inner.stoppedAt;
  }

  stopAt(pos) {
    this.inner.stopAt(pos);
  }
}

/** The language with a guarded parser. */
export const guarded = (language) => language.configure({ wrap: (inner, input) => new Guard(inner, input) });
