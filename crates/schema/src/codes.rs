//! Documentation of the diagnostics that follow from the tables of fields.

use text::Code;

/// Codes of this room.
pub static CODES: &[Code] = &[
    Code {
        code: "unknown-field",
        title: "There is no such field",
        doc: "Prometheus and Kubernetes refuse a key that they do not know, so that a typing \
              mistake does not go unnoticed. The usual causes are a misspelt name, a key that is \
              indented too little or too much, and a key of another version.",
        example: "global:\n  scrape_intervl: 15s",
    },
    Code {
        code: "duplicate-key",
        title: "A key is set twice",
        doc: "A mapping can hold a key once. Go's strict decoding refuses the second one rather than \
              letting it win silently.",
        example: "global:\n  scrape_interval: 15s\n  scrape_interval: 30s",
    },
    Code {
        code: "wrong-type",
        title: "The value has the wrong type",
        doc: "The field wants another kind of value: a number and not a text, a list and not a single \
              value, a mapping and not a list.\n\nPrometheus reads YAML as Go does: `yes` and `on` are \
              booleans, a number between quotes is a text. Kubernetes is stricter still: where a text \
              is wanted, a bare `true` or `8080` is refused and needs quotes.",
        example: "global:\n  sample_limit: many",
    },
    Code {
        code: "missing-field",
        title: "A required field is missing",
        doc: "Without this field the section means nothing, and it is refused.",
        example: "scrape_configs:\n  - static_configs:\n      - targets: ['localhost:9090']",
    },
    Code {
        code: "deprecated-field",
        title: "The field is deprecated",
        doc: "It still works, but a later version will take it away. The finding says what to write \
              instead.",
        example: "kind: Service\nspec:\n  loadBalancerIP: 10.0.0.1",
    },
    Code {
        code: "value-not-allowed",
        title: "Not one of the allowed values",
        doc: "The field takes one of a few words, spelt exactly so.",
        example: "relabel_configs:\n  - action: delete",
    },
    Code {
        code: "number-out-of-range",
        title: "The number is too small or too large",
        doc: "The field takes whole numbers between two bounds, both included.",
        example: "ports:\n  - containerPort: 70000",
    },
    Code {
        code: "invalid-duration",
        title: "Not a duration",
        doc: "Prometheus writes durations as whole numbers with a unit each: `ms`, `s`, `m`, `h`, `d`, \
              `w`, `y`, from the largest to the smallest, `1h30m`. Fractions, blanks and a bare number \
              are refused; only `0` may stand alone.",
        example: "global:\n  scrape_interval: 1.5m",
    },
    Code {
        code: "invalid-regex",
        title: "Not a regular expression",
        doc: "The expression does not compile. Prometheus uses RE2: no lookahead, no lookbehind, no \
              back references, and repetitions up to 1000. It is anchored at both ends.",
        example: "relabel_configs:\n  - regex: '(?=web).*'",
    },
    Code {
        code: "invalid-label",
        title: "Not a valid label name or value",
        doc: "Since version 3 a label name can be any text in UTF-8 that is not empty; a value can be \
              any text in UTF-8. Under the legacy scheme names are letters, digits and underscores.",
        example: "labels:\n  '': web",
    },
    Code {
        code: "invalid-metric-name",
        title: "Not a valid metric name",
        doc: "A metric name is a text that is not empty; in the legacy scheme it is made of letters, \
              digits, underscores and colons and does not begin with a digit.",
        example: "record: 'rate{5m}'",
    },
    Code {
        code: "invalid-size",
        title: "Not a size",
        doc: "Sizes are numbers with a unit such as `512MB` or `10GB`; in Prometheus all units are \
              powers of 1024.",
        example: "body_size_limit: 10 apples",
    },
    Code {
        code: "invalid-url",
        title: "Not a URL",
        doc: "The text cannot be read as a URL.",
        example: "remote_write:\n  - url: '::nope'",
    },
    Code {
        code: "invalid-promql",
        title: "Not a PromQL expression",
        doc: "The expression cannot be parsed.",
        example: "expr: sum(rate(",
    },
    Code {
        code: "invalid-template",
        title: "Not a template",
        doc: "The text between `{{` and `}}` is not what Go's templates allow.",
        example: "summary: '{{ $labels.instance '",
    },
    Code {
        code: "invalid-value",
        title: "The value is not understood",
        doc: "The value has the right type and yet no meaning for this field.",
        example: "start: tomorrow",
    },
    Code {
        code: "invalid-quantity",
        title: "Not a quantity",
        doc: "Kubernetes writes amounts as a number with an optional suffix: `m` for thousandths, \
              `k`, `M`, `G` for powers of a thousand, `Ki`, `Mi`, `Gi` for powers of 1024.",
        example: "storage: 5GB",
    },
    Code {
        code: "invalid-base64",
        title: "Not base64",
        doc: "The values under `data` of a Secret are base64. Clear text goes under `stringData`.",
        example: "data:\n  password: hunter2!",
    },
];
