// Cards for hovers and completions. All words are inserted as text, never as markup.

function element(tag, cls, text) {
  const node = document.createElement(tag);
  if (cls) node.className = cls;
  if (text !== undefined) node.append(...inline(text));
  return node;
}

/** Puts text between backticks into <code> elements. */
function inline(text) {
  return text.split("`").map((part, index) => {
    if (index % 2 === 0) return document.createTextNode(part);
    const code = document.createElement("code");
    code.textContent = part;
    return code;
  });
}

/** `data`: { title, kind, body: [paragraph], facts: [[name, value]], code }. */
export function card(data) {
  const dom = element("div", "card-hover");
  if (data.title) {
    const head = element("div", "card-head");
    head.append(element("strong", "", data.title));
    if (data.kind) head.append(element("span", "card-kind", data.kind));
    dom.append(head);
  }
  for (const paragraph of data.body ?? []) dom.append(element("p", "", paragraph));
  if (data.facts?.length) {
    const list = element("dl", "");
    for (const [name, value] of data.facts) list.append(element("dt", "", name), element("dd", "", value));
    dom.append(list);
  }
  if (data.code) {
    const pre = element("pre", "");
    pre.textContent = data.code;
    dom.append(pre);
  }
  return dom;
}

/** The panel beside a completion. `data` is a card or a text. */
export function info(data) {
  return card(typeof data === "string" ? { body: [data] } : data);
}
