//! Documentation of the diagnostics about YAML syntax.

use text::Code;

/// Codes of this crate.
pub static CODES: &[Code] = &[
    Code {
        code: "yaml-syntax",
        title: "Invalid YAML",
        doc: "The parser cannot continue at this place. Prometheus and Kubernetes reject the whole \
              file. This page still reads and checks the lines around it.",
        example: "? : ? :\n- x: ]",
    },
    Code {
        code: "yaml-missing-colon",
        title: "Missing colon after a key",
        doc: "In a mapping, every line is `key: value`, or `key:` with an indented value below. A \
              word alone is neither. Go's library reports it on the line that follows.",
        example: "global:\n  scrape_interval: 15s\n  evaluation_interval\n  scrape_timeout: 10s",
    },
    Code {
        code: "yaml-missing-space",
        title: "Missing space after a colon",
        doc: "`key:value` is a single string in YAML, because a colon is allowed inside a word, as \
              in `localhost:9090`. A key ends at a colon that is followed by a space or the end of \
              the line.",
        example: "global:\n  scrape_interval:15s\n  scrape_timeout: 10s",
    },
    Code {
        code: "yaml-unexpected-colon",
        title: "Mapping value not allowed",
        doc: "There are three usual causes: the line is indented deeper than the line above, which \
              already has a value; the line above has no space after its colon; or a string \
              contains a colon and a space and must be quoted.",
        example: "description: hint: use quotes",
    },
    Code {
        code: "yaml-indentation",
        title: "Indentation that matches no line above",
        doc: "Indentation defines the structure of YAML. The keys of a mapping start in the same \
              column, and so do the dashes of a list. The value of a key is indented deeper than \
              the key.",
        example: "global:\n    scrape_interval: 15s\n  scrape_timeout: 10s",
    },
    Code {
        code: "yaml-ends-early",
        title: "The document ends before the file does",
        doc: "The first line is indented, and a later line is indented less. That line ends the \
              document. Prometheus and Kubernetes read one document and ignore the rest without an \
              error.",
        example: "  global:\n    scrape_interval: 15s\nscrape_configs: []",
    },
    Code {
        code: "yaml-tab",
        title: "Tab instead of spaces",
        doc: "Tabs are not allowed for indentation, because the structure depends on columns and \
              editors show tabs with different widths.",
        example: "global:\n\tscrape_interval: 15s",
    },
    Code {
        code: "yaml-unclosed-quote",
        title: "Missing closing quote",
        doc: "A quoted string ends at the next quote of the same kind, on any later line. If the \
              closing quote is missing, the rest of the file is part of the string, and Go reports \
              the error at the end of the file.",
        example: "regex: \"web-.*\nreplacement: $1",
    },
    Code {
        code: "yaml-unclosed-bracket",
        title: "Missing bracket or comma",
        doc: "Lists can be written `[a, b]` and mappings `{a: 1, b: 2}`. Every bracket needs \
              its counterpart, and commas separate the entries.",
        example: "targets: ['localhost:9090', 'localhost:9100'\nlabels: {}",
    },
    Code {
        code: "yaml-reserved-character",
        title: "Value starts with a reserved character",
        doc: "A plain value cannot start with `@`, `` ` `` or `%`, which YAML reserves. Quote the \
              value.",
        example: "name: @home",
    },
    Code {
        code: "yaml-escape",
        title: "Unknown escape sequence",
        doc: "In double quotes, a backslash starts an escape sequence. Regular expressions are the \
              usual case: `\"\\d+\"` is invalid; write `'\\d+'` or `\"\\\\d+\"`.",
        example: "regex: \"\\d+\"",
    },
    Code {
        code: "yaml-text-after-quote",
        title: "Text after the closing quote",
        doc: "A value that starts with a quote ends at the closing quote. Put the whole value \
              between the quotes, and double a single quote inside single quotes.",
        example: "replacement: '$1':9100",
    },
    Code {
        code: "yaml-anchor",
        title: "Invalid alias or merge key",
        doc: "`&name` is an anchor on a value, and `*name` an alias that repeats the value; \
              `<<: *name` merges the entries of a mapping. An anchor must precede its aliases and \
              must not contain itself, and only mappings can be merged.\n\nQuote a string that \
              starts with `*` or `&`.",
        example: "targets: [*.example.com]",
    },
    Code {
        code: "yaml-unexpected-dash",
        title: "List item not allowed",
        doc: "A block list starts on its own line, below its key.",
        example: "targets: - localhost:9090",
    },
    Code {
        code: "yaml-block-header",
        title: "Text after a block indicator",
        doc: "The line ends after `|` or `>` and an optional `+`, `-` or digit. The text follows on \
              the next lines, indented.",
        example: "prometheus.yml: | global:",
    },
    Code {
        code: "yaml-control-character",
        title: "Control character",
        doc: "Control characters, and byte order marks in the middle of the text, are not allowed. \
              They are invisible in most editors and usually come from pasted text.",
        example: "job_name: a\u{1}b",
    },
    Code {
        code: "yaml-too-deep",
        title: "Collections are nested too deeply",
        doc: "Collections deeper than a hundred levels are not read. Go's limit is 10,000 levels.",
        example: "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]",
    },
    Code {
        code: "yaml-too-many-aliases",
        title: "Too many values from aliases",
        doc: "A few lines of aliases of aliases can stand for billions of values. Go rejects such \
              documents. This page reads the aliases beyond the limit as null.",
        example: "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]",
    },
    Code {
        code: "yaml-too-long",
        title: "Text too long",
        doc: "Texts over 4 MiB are not analyzed. Prometheus has no such limit.",
        example: "# four million characters",
    },
];
