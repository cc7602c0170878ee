//! Documentation of workload diagnostics.

use text::Code;

const fn code(
    code: &'static str,
    title: &'static str,
    doc: &'static str,
    example: &'static str,
) -> Code {
    Code { code, title, doc, example }
}

/// All diagnostics of workloads and pasted bodies.
#[rustfmt::skip] // one on each line
pub static CODES: &[Code] = &[
    code("workload-fits-nothing", "No container gets this workload", "A workload is used for the containers that one of its `matches` fits; all that a match states must be true of the container. A pasted body says it in a comment at its top, `# for: container=web port=8080`, or by its file's name.", "matches: [{ container: wbe }]"),
    code("workload-overruled", "Another file comes first", "When several workload files fit a container on the same port, the first one in the order of the tabs is used.", "matches: [{ image: web }]  # and so says another file"),
    code("workload-unknown-stream", "There is no such stream of events", "A counter, histogram or summary counts the events of a stream, which has to be declared under `streams`, here or in an included workload.", "families: [{ name: a, type: counter, help: A., of: nothing }]"),
    code("workload-unknown-include", "There is no such ready-made workload", "`includes` takes names of ready-made workloads only.", "includes: [pyton]"),
    code("workload-without-motion", "Nothing moves this series", "A counter, a histogram or a summary needs a stream of events (`of`); a counter may have a `level` instead. Without one it stays at zero.", "families: [{ name: a, type: counter, help: A. }]"),
    code("workload-no-effect", "The field has no meaning for this type", "Each type of metric has fields of its own: `buckets` for histograms, `quantiles` for summaries, `by` for counters.", "families: [{ name: a, type: gauge, help: A., buckets: [1] }]"),
    code("workload-out-of-range", "The value makes no sense here", "Rates are between 0 and a million events a second, bounds of buckets ascend, quantiles and shares are between 0 and 1, medians are above 0.", "streams: { requests: { random: { rate: -1 } } }"),
    code("workload-one-way", "One way to move is wanted", "A stream is either `steady`, `random`, `daily` or `bursty`; a level is either `constant`, `between`, `sawtooth`, `start_time`, `uptime` or `now`.", "streams: { requests: {} }"),
    code("workload-duplicate", "It is there twice", "A family's name must be unique, and so must the labels of a series in its family: Prometheus takes the first of two samples for one series and leaves out the other.", "families: [{ name: a, type: gauge, help: A. }, { name: a, type: gauge, help: A. }]"),
    code("workload-too-large", "The workload has more series than are exposed", "20,000 samples of one program are shown, and 200,000 written values; what is beyond is left out.", "series: [{ series: a, values: 0+1x1000000 }]"),
    code("series-notation", "The series is not in promtool's notation", "A series is a name with labels, `http_requests_total{code=\"200\"}`; its values are numbers, `0+10x100` (the start, the step, how many steps), `_` for none, `_x3` for three times none, `stale`, or a histogram, `{{schema:0 count:3 sum:5 buckets:[1 2]}}`.", "series: [{ series: a, values: 1 two }]"),
    code("exposition-error", "Prometheus cannot read this body", "A scrape of a body with a mistake fails as a whole: no sample is stored, `up` is 0, and the target's error is this one.", "requests_total{code=200} 1"),
    code("exposition-head", "The comment cannot be understood", "A pasted body may begin with `# for: container=web namespace=shop port=8080 image=shop/web`, `# path: /metrics` and `# uptime: 1h`.", "# for: kontainer=web"),
    code("exposition-timestamp", "The sample's own time is left out", "The numbers of a pasted body go on from where they were, so the times that they were exposed with would be wrong.", "requests_total 1 1700000000000"),
];
