//! Documentation of the diagnostics that the tables of fields produce.

use text::Code;

/// Codes of this crate.
pub static CODES: &[Code] = &[
    Code {
        code: "unknown-field",
        title: "Unknown field",
        doc: "Prometheus and Kubernetes refuse unknown keys. The usual causes are a misspelled name, \
              wrong indentation, and a key of another version.",
        example: "global:\n  scrape_intervl: 15s",
    },
    Code {
        code: "duplicate-key",
        title: "A key is set twice",
        doc: "The keys of a mapping must be unique. The strict decoder of Go refuses duplicates.",
        example: "global:\n  scrape_interval: 15s\n  scrape_interval: 30s",
    },
    Code {
        code: "wrong-type",
        title: "The value has the wrong type",
        doc: "The field requires a value of another type, such as a number instead of a string, or a \
              list instead of a single value.\n\nPrometheus reads YAML as Go does: `yes` and `on` are \
              booleans, and a number in quotes is a string. Kubernetes is stricter: a string field \
              refuses an unquoted `true` or `8080`.",
        example: "global:\n  sample_limit: many",
    },
    Code {
        code: "missing-field",
        title: "A required field is missing",
        doc: "A section without this field is refused.",
        example: "scrape_configs:\n  - static_configs:\n      - targets: ['localhost:9090']",
    },
    Code {
        code: "deprecated-field",
        title: "The field is deprecated",
        doc: "The field still works but will be removed in a later version. The message names the \
              replacement.",
        example: "kind: Service\nspec:\n  loadBalancerIP: 10.0.0.1",
    },
    Code {
        code: "value-not-allowed",
        title: "The value is not allowed",
        doc: "The field accepts a fixed set of values. They are case sensitive.",
        example: "relabel_configs:\n  - action: delete",
    },
    Code {
        code: "number-out-of-range",
        title: "The number is out of range",
        doc: "The field accepts integers in a range. The bounds are included.",
        example: "ports:\n  - containerPort: 70000",
    },
    Code {
        code: "invalid-duration",
        title: "The duration is not valid",
        doc: "A duration is a sequence of integers with a unit each: `y`, `w`, `d`, `h`, `m`, `s`, \
              `ms`, from the largest to the smallest, such as `1h30m`. Fractions, spaces and numbers \
              without a unit are refused, except `0`.",
        example: "global:\n  scrape_interval: 1.5m",
    },
    Code {
        code: "invalid-regex",
        title: "The regular expression is not valid",
        doc: "The expression does not compile. Prometheus uses RE2, which has no lookahead, \
              lookbehind or backreferences, and allows repetitions up to 1000. The expression is \
              anchored at both ends.",
        example: "relabel_configs:\n  - regex: '(?=web).*'",
    },
    Code {
        code: "invalid-label",
        title: "The label name or value is not valid",
        doc: "Since version 3 a label name can be any UTF-8 string that is not empty, and a value any \
              UTF-8 string. In the legacy scheme names consist of letters, digits and underscores.",
        example: "labels:\n  '': web",
    },
    Code {
        code: "invalid-metric-name",
        title: "The metric name is not valid",
        doc: "A metric name is a string that is not empty. In the legacy scheme it consists of \
              letters, digits, underscores and colons and does not begin with a digit.",
        example: "record: 'rate{5m}'",
    },
    Code {
        code: "invalid-size",
        title: "The size is not valid",
        doc: "A size is a number with a unit, such as `512MB` or `10GB`. All units are powers of \
              1024.",
        example: "body_size_limit: 10 apples",
    },
    Code {
        code: "invalid-url",
        title: "The URL is not valid",
        doc: "The value cannot be parsed as a URL.",
        example: "remote_write:\n  - url: '::nope'",
    },
    Code {
        code: "invalid-promql",
        title: "The PromQL expression is not valid",
        doc: "The expression cannot be parsed.",
        example: "expr: sum(rate(",
    },
    Code {
        code: "invalid-template",
        title: "The template is not valid",
        doc: "The text between `{{` and `}}` is not a valid action of Go's templates.",
        example: "summary: '{{ $labels.instance '",
    },
    Code {
        code: "invalid-value",
        title: "The value is not valid",
        doc: "The value has the correct type but is not valid for this field.",
        example: "start: tomorrow",
    },
    Code {
        code: "invalid-quantity",
        title: "The quantity is not valid",
        doc: "A quantity is a number with an optional suffix: `m` for thousandths, `k`, `M`, `G` for \
              powers of 1000, `Ki`, `Mi`, `Gi` for powers of 1024.",
        example: "storage: 5GB",
    },
    Code {
        code: "invalid-base64",
        title: "The value is not valid base64",
        doc: "The values under `data` of a Secret are base64. Use `stringData` for plain text.",
        example: "data:\n  password: hunter2!",
    },
];
