// Put into the glue of a divided module by scripts/split.mjs.
const REST = new URL("NAME", import.meta.url);
let restIsHere = false;

function takeRest(module) {
    if (restIsHere) return;
    restIsHere = true;
    const first = { ...wasm };
    for (let index = 0; index < wasm.shared.length; index++) first[index] = wasm.shared.get(index);
    new WebAssembly.Instance(module, { ...__wbg_get_imports(), first });
}

/** Fetches the rest at once: whoever called a function of it waits for its answer. */
function fetchRest() {
    if (restIsHere) return;
    let bytes;
    try {
        const request = new XMLHttpRequest();
        request.open("GET", REST, false);
        // A page may not ask for bytes while it waits, but for letters that are bytes.
        request.overrideMimeType("text/plain; charset=x-user-defined");
        request.send();
        if (request.status !== 200) throw new Error(`HTTP status ${request.status}`);
        bytes = Uint8Array.from(request.responseText, (letter) => letter.charCodeAt(0) & 255);
    } catch (error) {
        const sentence = "A part of the playground could not be fetched; is the network there?";
        if (typeof document === "undefined") {
            postMessage(sentence);
        } else {
            const note = document.createElement("p");
            note.className = "broken";
            note.setAttribute("role", "alert");
            note.textContent = `${sentence} Your text is kept: load the page again.`;
            document.body.prepend(note);
        }
        throw error;
    }
    takeRest(new WebAssembly.Module(bytes));
}

let restIsComing = false;

/** Fetches the rest while nobody waits for it. Where that fails, the first call tries again. */
export function fetchRestAhead() {
    if (restIsHere || restIsComing) return;
    restIsComing = true;
    WebAssembly.compileStreaming(fetch(REST)).then(takeRest).catch(() => {});
}

// In a worker nobody asks for it ahead: it comes when the first answers are out.
if (typeof document === "undefined") {
    globalThis.addEventListener?.("message", () => setTimeout(fetchRestAhead, 1000), { once: true });
}

