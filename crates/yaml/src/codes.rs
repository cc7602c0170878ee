//! Documentation of the diagnostics about YAML itself.

use text::Code;

/// Codes of this room.
pub static CODES: &[Code] = &[
    Code {
        code: "yaml-syntax",
        title: "The text is not YAML",
        doc: "The text cannot be read any further at this place. Prometheus and Kubernetes refuse \
              the whole file then; here the lines around it are still read and checked.",
        example: "? : ? :\n- x: ]",
    },
    Code {
        code: "yaml-missing-colon",
        title: "A line has no colon",
        doc: "In a mapping every line is `key: value`, or `key:` with what belongs to it indented \
              below. A word alone is neither, and Go's library reports it only on the line that \
              follows.",
        example: "global:\n  scrape_interval: 15s\n  evaluation_interval\n  scrape_timeout: 10s",
    },
    Code {
        code: "yaml-missing-space",
        title: "No space behind a colon",
        doc: "`key:value` is one piece of text for YAML, because a colon is allowed inside a word \
              (think of `localhost:9090`). Only a colon followed by a space or the end of the line \
              parts a key from its value.",
        example: "global:\n  scrape_interval:15s\n  scrape_timeout: 10s",
    },
    Code {
        code: "yaml-unexpected-colon",
        title: "A value begins where none can",
        doc: "There are three usual causes: the line is indented deeper than the line above, which \
              already has a value; the line above lacks the space behind its colon; or a text \
              contains a colon and a space and must be put between quotes.",
        example: "description: hint: use quotes",
    },
    Code {
        code: "yaml-indentation",
        title: "A line's indentation fits nothing above it",
        doc: "Indentation is what tells YAML which lines belong together. The keys of one mapping \
              begin in the same column, and so do the dashes of one list; what belongs to a key is \
              indented deeper than the key.",
        example: "global:\n    scrape_interval: 15s\n  scrape_timeout: 10s",
    },
    Code {
        code: "yaml-ends-early",
        title: "The document ends before the file does",
        doc: "The first line is indented, and a later one stands to the left of it. That ends the \
              document. Prometheus and Kubernetes read one document and look no further, so what \
              follows is lost without a word.",
        example: "  global:\n    scrape_interval: 15s\nscrape_configs: []",
    },
    Code {
        code: "yaml-tab",
        title: "A tab where spaces belong",
        doc: "Tabs are not allowed for indentation, since every editor shows them with another \
              width and the structure depends on columns.",
        example: "global:\n\tscrape_interval: 15s",
    },
    Code {
        code: "yaml-unclosed-quote",
        title: "A quote is not closed",
        doc: "A text that begins with a quote goes on until the same quote, over as many lines as \
              it takes. If it is missing, the rest of the file is swallowed and the error is \
              reported at the end of the file.",
        example: "regex: \"web-.*\nreplacement: $1",
    },
    Code {
        code: "yaml-unclosed-bracket",
        title: "A bracket or a comma is missing",
        doc: "Lists can be written `[a, b]` and mappings `{a: 1, b: 2}`. Each bracket wants its \
              counterpart, and entries are parted by commas.",
        example: "targets: ['localhost:9090', 'localhost:9100'\nlabels: {}",
    },
    Code {
        code: "yaml-reserved-character",
        title: "A value begins with a reserved character",
        doc: "Values cannot begin with `@`, `` ` `` or `%`, which YAML reserves. Quotes around the \
              value help.",
        example: "name: @home",
    },
    Code {
        code: "yaml-escape",
        title: "An escape that does not exist",
        doc: "Between double quotes a backslash begins an escape, and only some exist. In regular \
              expressions this hurts most: `\"\\d+\"` is refused, `'\\d+'` and `\"\\\\d+\"` are what \
              was meant.",
        example: "regex: \"\\d+\"",
    },
    Code {
        code: "yaml-text-after-quote",
        title: "Text behind a closing quote",
        doc: "A value that begins with a quote ends with it. Put everything between the quotes, \
              and double a single quote inside single quotes.",
        example: "replacement: '$1':9100",
    },
    Code {
        code: "yaml-anchor",
        title: "An alias or a merge that leads nowhere",
        doc: "`&name` names a value and `*name` repeats it further down; `<<: *name` takes over the \
              entries of a mapping. The anchor must stand above its aliases, must not contain \
              itself, and a merge wants mappings.\n\nA text that begins with `*` or `&` needs quotes.",
        example: "targets: [*.example.com]",
    },
    Code {
        code: "yaml-unexpected-dash",
        title: "A list begins where none can",
        doc: "A list in dashes begins on a line of its own below its key.",
        example: "targets: - localhost:9090",
    },
    Code {
        code: "yaml-block-header",
        title: "Text on the line that begins a block",
        doc: "Behind `|` or `>`, with their `+`, `-` or digit, the line ends. The text follows on \
              the next lines, indented.",
        example: "prometheus.yml: | global:",
    },
    Code {
        code: "yaml-control-character",
        title: "A control character",
        doc: "Characters such as NUL, escape or a byte order mark in the middle of the text are \
              refused. They come with pasted text and are invisible in most editors.",
        example: "job_name: a\u{1}b",
    },
    Code {
        code: "yaml-too-deep",
        title: "Collections are nested too deep",
        doc: "What lies deeper than a hundred levels is not read. Go's own limit is 10,000 levels; \
              no configuration needs either.",
        example: "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]",
    },
    Code {
        code: "yaml-too-many-aliases",
        title: "Aliases that grow beyond bounds",
        doc: "A few lines of aliases of aliases can stand for billions of values. Go refuses such \
              documents, and here the aliases beyond the limit are read as null.",
        example: "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]",
    },
    Code {
        code: "yaml-too-long",
        title: "The text is too long to be read here",
        doc: "Texts over 4 MiB are not analysed in the browser. Prometheus itself has no such limit.",
        example: "# four million characters",
    },
];
