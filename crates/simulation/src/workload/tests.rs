//! Built-in workloads, workload files, and pasted bodies.

use super::*;
use crate::exposition::{Format, parse, review, write};
use promql::Timestamp;
use schema::{self, Dialect, NoHooks, Subject, Type};
use text::FileId;

const START: Timestamp = 1_700_000_000_000;
const FILE: FileId = FileId(1);

fn values(process: &Process, t: Timestamp) -> Vec<f64> {
    let mut readings = Readings::default();
    process.readings(t, Influences::default(), (true, false), &mut readings);
    readings.floats
}

/// Returns all diagnostics of a text.
fn found(text: &str) -> Vec<String> {
    let parsed = yaml::parse(FILE, text);
    let hooks = NoHooks;
    let ty = Type::Record(&fields::WORKLOAD);
    let subject = Subject::first(&parsed, ty, Dialect::Prometheus, &hooks).unwrap();
    let mut found = schema::check(&subject);
    found.extend(decode_file(&parsed, library()).diagnostics);
    found.iter().map(|one| format!("{} {:?}", one.code, one.location.span.slice(text))).collect()
}

#[test]
fn every_ready_made_file_is_of_the_right_form() {
    assert!(library().iter().count() >= 15);
    for workload in library().iter() {
        let text = library().text(&workload.name).expect("files are named as their workload");
        assert_eq!(found(text), [""; 0], "{}", workload.name);
        assert!(!workload.title.is_empty(), "{}", workload.name);
        for family in &workload.families {
            assert!(!family.help.is_empty(), "{} needs a help text", family.name);
        }
    }
}

#[test]
fn what_is_exposed_reads_back_in_both_formats() {
    for workload in library().iter() {
        let process = Process::new(workload.clone(), 1, START);
        let families = process.families(START + 3_600_000, Influences::default(), false);
        let samples: usize = families.iter().map(|family| family.samples.len()).sum();
        for format in [Format::PrometheusText, Format::OpenMetrics] {
            let body = write(&families, format);
            let read = parse(&body, format);
            assert_eq!(read.error, None, "{}\n{body}", workload.name);
            assert_eq!(read.samples().count(), samples, "{}", workload.name);
            if format == Format::PrometheusText {
                let planned = process.plan().samples.iter();
                let planned = planned
                    .filter(|sample| !matches!(sample.role, Role::Native | Role::Converted { .. }))
                    .map(|sample| &sample.labels);
                assert!(read.samples().map(|sample| &sample.labels).eq(planned));
            }
        }
    }
}

/// Conventions that workloads break because the real programs do.
const ON_PURPOSE: [(&str, &str, &str); 6] = [
    ("prometheus", "prometheus_target_interval_length_histogram_seconds", "type-in-name"),
    ("nginx", "nginx_connections_", "counter-without-total"),
    ("postgres", "pg_stat_database_", "counter-without-total"),
    ("celery", "celery_task_runtime", "unit-missing"),
    ("django", "django_migrations_applied_total", "total-that-is-no-counter"),
    ("django", "django_migrations_unapplied_total", "total-that-is-no-counter"),
];

#[test]
fn ready_made_bodies_keep_to_the_conventions() {
    for workload in library().iter() {
        let process = Process::new(workload.clone(), 1, START);
        let families = process.families(START + 3_600_000, Influences::default(), false);
        let bare = families.iter().any(|family| family.bare);
        for format in [Format::PrometheusText, Format::OpenMetrics] {
            // A program with such counters does not offer OpenMetrics.
            if bare && format == Format::OpenMetrics {
                continue;
            }
            for finding in review::findings(&parse(&write(&families, format), format)) {
                let known = ON_PURPOSE.iter().any(|(name, metric, code)| {
                    *name == &*workload.name
                        && finding.metric.starts_with(metric)
                        && *code == finding.code.code()
                });
                assert!(known, "{}: {}", workload.name, finding.message);
            }
        }
    }
}

#[test]
fn counters_never_fall_while_a_process_runs_and_start_at_zero() {
    for workload in library().iter() {
        let process = Process::new(workload.clone(), 9, START);
        let mut last: Option<Vec<f64>> = None;
        for step in 0..40 {
            let families = process.families(START + step * 15_000, Influences::default(), false);
            let now: Vec<f64> = families
                .iter()
                .filter(|family| {
                    matches!(family.metric_type, MetricType::Counter | MetricType::Histogram)
                })
                .flat_map(|family| family.samples.iter())
                .filter(|sample| sample.suffix != "_created")
                .map(|sample| sample.value)
                .collect();
            let before = last.unwrap_or_else(|| vec![0.0; now.len()]);
            for (before, now) in before.iter().zip(&now) {
                assert!(now >= before, "{}: {before} then {now}", workload.name);
            }
            last = Some(now);
        }
    }
}

#[test]
fn containers_get_their_workload() {
    for (image, port, expected) in [
        ("giftcard/proxy:v1", 8080, Some("giftcard")),
        ("prom/prometheus:v3.14.0", 9090, Some("prometheus")),
        ("quay.io/prometheuscommunity/postgres-exporter", 9187, Some("postgres")),
        ("oliver006/redis_exporter:v1.62.0", 9121, Some("redis")),
        ("nginx/nginx-prometheus-exporter:1.4", 9113, Some("nginx")),
        ("quay.io/prometheus/node-exporter:v1.9.1", 9100, Some("node-exporter")),
        (
            "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.15.0",
            8080,
            Some("kube-state-metrics"),
        ),
        ("gcr.io/cadvisor/cadvisor:v0.52.1", 8080, Some("cadvisor")),
        ("registry.k8s.io/coredns/coredns:v1.12.1", 9153, Some("coredns")),
        ("danihodovic/celery-exporter:0.11", 9808, Some("celery")),
        ("shop/django:2", 8000, Some("django")),
        ("shop/fastapi:2", 8000, Some("fastapi")),
        ("shop/flask:2", 5000, Some("flask")),
        ("registry.example/sidecar", 9113, Some("nginx")),
        ("postgres:16", 5432, None),
        ("nginx:1.27", 80, None),
    ] {
        let workload = library().for_container(image, port).map(|found| &*found.name);
        assert_eq!(workload, expected, "{image}:{port}");
    }
}

/// Every field of the table, once.
fn records() -> Vec<&'static schema::Record> {
    fn walk(ty: Type, all: &mut Vec<&'static schema::Record>) {
        match ty {
            Type::Record(record) if !all.iter().any(|known| std::ptr::eq(*known, record)) => {
                all.push(record);
                record.fields.iter().for_each(|field| walk(field.ty, all));
            }
            Type::List(inner) => walk(*inner, all),
            Type::Map { value, .. } => walk(*value, all),
            Type::OneOf(types) => types.iter().for_each(|ty| walk(*ty, all)),
            _ => {}
        }
    }
    let mut all = Vec::new();
    walk(Type::Record(&fields::WORKLOAD), &mut all);
    all
}

#[test]
fn every_field_is_documented_and_its_example_is_right() {
    let records = records();
    assert!(records.len() > 12, "{}", records.len());
    for record in records {
        assert!(record.doc.ends_with('.'), "{}", record.name);
        for field in record.fields {
            assert!(field.doc.ends_with('.'), "{}.{}", record.name, field.key);
            let parsed = yaml::parse(FILE, field.example);
            assert!(parsed.root().unwrap().get(field.key).is_some(), "{}", field.example);
            let hooks = NoHooks;
            let ty = Type::Record(record);
            let subject = Subject::first(&parsed, ty, Dialect::Prometheus, &hooks).unwrap();
            let wrong: Vec<_> = schema::check(&subject)
                .into_iter()
                .filter(|one| one.code != "missing-field" && one.severity == text::Severity::Error)
                .collect();
            assert!(wrong.is_empty(), "{}: {wrong:?}", field.example);
        }
    }
}

#[test]
fn mistakes_are_found_where_they_are() {
    for (text, expected) in [
        (
            "streams: { a: { random: { rate: 1 } } }\nfamilies:\n- { name: x, type: counter, help: X., of: b }",
            vec!["workload-unknown-stream \"b\""],
        ),
        ("includes: [pyton]", vec!["workload-unknown-include \"pyton\""]),
        (
            "families:\n- { name: x, type: counter, help: X. }",
            vec!["workload-without-motion \"x\""],
        ),
        (
            "families:\n- { name: x, type: gauge, help: X., buckets: [1] }",
            vec!["workload-no-effect \"buckets\""],
        ),
        ("streams: { a: { random: { rate: -1 } } }", vec!["workload-out-of-range \"-1\""]),
        (
            "streams: { a: { random: { rate: 1 }, steady: { rate: 1 } } }",
            vec!["workload-one-way \"{ random: { rate: 1 }, steady: { rate: 1 } }\""],
        ),
        (
            "families:\n- { name: x, type: gauge, help: X. }\n- { name: x, type: gauge, help: X. }",
            vec!["workload-duplicate \"x\""],
        ),
        (
            "families:\n- { name: x, type: gauge, help: X., series: [{ labels: { a: b } }, { labels: { a: b } }] }",
            vec!["workload-duplicate \"{ a: b }\""],
        ),
        ("series:\n- { series: a, values: 1 two }", vec!["series-notation \"1 two\""]),
        ("series:\n- { series: 'a{', values: 1 }", vec!["series-notation \"'a{'\""]),
        (
            "series:\n- { series: a, values: 0x150000 }\n- { series: b, values: 0x150000 }",
            vec!["workload-too-large \"0x150000\""],
        ),
        ("families:\n- { name: x, type: guage, help: X. }", vec!["value-not-allowed \"guage\""]),
        ("familys: []", vec!["unknown-field \"familys\""]),
        ("matches: [{ port: 70000 }]\nseries: []", vec!["wrong-type \"70000\""]),
        ("matches: [{ port: 80 }]", vec!["workload-without-motion \"matches\""]),
        (
            "families:\n- { name: x, type: gauge, help: X., each: { a: ['1','2','3','4','5','6','7','8','9','10'], b: ['1','2','3','4','5','6','7','8','9','10'], c: ['1','2','3','4','5','6','7','8','9','10'], d: ['1','2','3','4','5','6','7','8','9','10'], e: ['1','2','3','4','5','6','7','8','9','10'] } }",
            vec!["workload-too-large \"families\""],
        ),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}

fn process_of(text: &str) -> Process {
    let parsed = yaml::parse(FILE, text);
    let file = decode_file(&parsed, library());
    assert!(file.diagnostics.is_empty(), "{:?}", file.diagnostics);
    Process::new(file.workload, 1, START)
}

#[test]
fn written_values_come_one_for_each_interval() {
    let process = process_of(
        "interval: 15s\nseries:\n- { series: 'a_total{x=\"y\"}', values: 0+10x2 _x2 stale 7, type: counter }",
    );
    let shown = |t| {
        let families = process.families(t, Influences::default(), false);
        write(&families, Format::PrometheusText).replace("# TYPE a_total counter\n", "")
    };
    for (seconds, expected) in [
        (0, "a_total{x=\"y\"} 0\n"),
        (14, "a_total{x=\"y\"} 0\n"),
        (15, "a_total{x=\"y\"} 10\n"),
        (30, "a_total{x=\"y\"} 20\n"),
        (45, ""),
        (60, ""),
        (75, ""),
        (90, "a_total{x=\"y\"} 7\n"),
        (105, ""),
    ] {
        assert_eq!(shown(START + seconds * 1000), expected, "{seconds}");
    }
}

#[test]
fn native_histograms_travel_beside_their_count() {
    let process = process_of(
        "streams: { r: { steady: { rate: 10 } } }\nfamilies:\n\
         - { name: t_seconds, type: histogram, help: T., of: r, native_factor: 1.1, takes: { median: 0.1, spread: 0.5 } }",
    );
    let mut readings = Readings::default();
    process.readings(START + 60_000, Influences::default(), (true, true), &mut readings);
    let roles: Vec<Role> = process.plan().samples.iter().map(|sample| sample.role).collect();
    let classic = Role::Classic { native: true, buckets: false };
    assert_eq!(roles, [Role::Native, classic, classic, classic, Role::Converted { native: true }]);
    let native = &readings.histograms[0].1;
    assert_eq!((native.schema, native.count), (3, 600.0));
    let counted: f64 = native.positive.counts.iter().sum();
    assert_eq!(counted, 600.0);
    native.validate().unwrap();
    let (median, _) = native.quantile(0.5);
    assert!((median - 0.1).abs() < 0.01, "{median}");
    // Buckets never fall, so no reset is seen.
    let mut later = Readings::default();
    process.readings(START + 75_000, Influences::default(), (true, false), &mut later);
    assert!(!later.histograms[0].1.detect_reset(native));
    assert!(readings.histograms[1].1.uses_custom_buckets());
}

#[test]
fn a_pasted_body_goes_on_from_its_values() {
    let body = "# for: container=web port=8080\n# uptime: 1000s\n\
        # HELP r_total Requests.\n# TYPE r_total counter\nr_total{code=\"200\"} 2000\n\
        # TYPE t_seconds histogram\nt_seconds_bucket{le=\"0.1\"} 50\nt_seconds_bucket{le=\"+Inf\"} 100\n\
        t_seconds_sum 20\nt_seconds_count 100\n\
        # TYPE q gauge\nq 40\n# TYPE cpu_seconds_total counter\ncpu_seconds_total 12.5\n\
        # TYPE s summary\ns{quantile=\"0.5\"} 0.2\ns_sum 30\ns_count 100\nbuild_info{v=\"1\"} 1\n";
    let (file, notes) = paste(body, "x", FILE);
    let errors = |one: &&text::Diagnostic| one.severity != text::Severity::Info;
    assert_eq!(file.diagnostics.iter().filter(errors).count(), 0, "{:?}", file.diagnostics);
    let wanted = WorkloadQuery { image: "", container: "web", namespace: "n", port: 8080 };
    assert!(file.workload.matches[0].fits(wanted));
    assert!(!file.workload.matches[0].fits(WorkloadQuery { port: 80, ..wanted }));
    let texts: Vec<(&str, &str)> =
        notes.iter().map(|note| (note.span.slice(body), &*note.text)).collect();
    assert!(texts.contains(&("r_total{code=\"200\"} 2000", "moves on at 2 a second")), "{texts:?}");
    assert!(texts.contains(&("q 40", "wanders between 36 and 44")), "{texts:?}");
    let process = Process::new(file.workload.clone(), 1, START);
    let at = |t| write(&process.families(t, Influences::default(), false), Format::PrometheusText);
    let first = parse(&at(START), Format::PrometheusText);
    assert_eq!(first.error, None);
    let counts = |body: &str| parse(body, Format::PrometheusText).samples().count();
    assert_eq!(counts(&at(START)), counts(body));
    let value = |t, name: &str| {
        let parsed = parse(&at(t), Format::PrometheusText);
        let mut samples = parsed.samples();
        samples.find(|sample| sample.labels.metric_name() == name).unwrap().value
    };
    assert_eq!(value(START, "r_total"), 2000.0);
    let after = value(START + 1_000_000, "r_total");
    assert!((after - 4000.0).abs() < 100.0, "{after}");
    assert!((value(START + 1_000_000, "cpu_seconds_total") - 25.0).abs() < 1.0);
    let buckets = value(START + 1_000_000, "t_seconds_bucket");
    let count = value(START + 1_000_000, "t_seconds_count");
    assert!(
        (count - 200.0).abs() < 20.0 && (buckets - count / 2.0).abs() < 2.0,
        "{buckets} {count}"
    );
    assert_eq!(value(START + 1_000_000, "build_info"), 1.0);
    // A restarted process has lost its counts.
    assert_eq!(values(&process.restarted(START), START).iter().filter(|v| **v > 1000.0).count(), 0);
}

#[test]
fn a_body_says_where_it_belongs_and_what_is_wrong_with_it() {
    let found = |body: &str| {
        let (file, _) = paste(body, "web_8080", FILE);
        let shown = file.diagnostics.iter();
        let shown = shown.filter(|one| !one.code.starts_with("metric-without"));
        shown
            .map(|one| format!("{} {:?}", one.code, one.location.span.slice(body)))
            .collect::<Vec<_>>()
    };
    assert_eq!(found("a 1\nb{c=1} 2\n"), ["exposition-error \"b{c=\""]);
    assert_eq!(found("# for: kontainer=web\na 1\n"), ["exposition-head \"# for: kontainer=web\""]);
    assert_eq!(found("# uptime: soon\na 1\n"), ["exposition-head \"# uptime: soon\""]);
    assert_eq!(found("a 1 1700000000000\n"), ["exposition-timestamp \"a 1 1700000000000\""]);
    assert_eq!(found("# TYPE a counter\na 1\n"), ["counter-without-total \"a 1\""]);
    let (file, _) = paste("a 1\n", "web_8080", FILE);
    assert_eq!(
        &*file.workload.matches,
        [Match { container: Some("web".into()), port: Some(8080), ..Match::default() }]
    );
    let (file, _) = paste("a 1\n", "my-app", FILE);
    assert_eq!(file.workload.matches[0].container.as_deref(), Some("my-app"));
    let (file, _) = paste("# TYPE a counter\na_total 1\na_created 2\n# EOF\n", "x", FILE);
    assert!(file.workload.formats.openmetrics);
}

#[test]
fn a_ready_made_body_pasted_exposes_the_same_series() {
    for workload in library().iter() {
        let process = Process::new(workload.clone(), 1, START);
        for format in [Format::PrometheusText, Format::OpenMetrics] {
            let t = START + 3_600_000;
            let body = write(&process.families(t, Influences::default(), false), format);
            let (file, _) = paste(&body, "x", FILE);
            let wrong: Vec<_> = file
                .diagnostics
                .iter()
                .filter(|one| one.severity == text::Severity::Error)
                .collect();
            assert!(wrong.is_empty(), "{}: {wrong:?}", workload.name);
            let pasted = Process::new(file.workload, 1, START);
            let again = write(
                &pasted.families(START, Influences::default(), false),
                Format::PrometheusText,
            );
            let series = |body: &str, format| {
                let mut all: Vec<String> = parse(body, format)
                    .samples()
                    .map(|sample| sample.labels.to_string())
                    .filter(|labels| !labels.contains("_created\""))
                    .collect();
                all.sort();
                all
            };
            let bare = workload.families.iter().any(|family| family.bare);
            if format == Format::PrometheusText || !bare {
                assert_eq!(
                    series(&again, Format::PrometheusText),
                    series(&body, format),
                    "{}",
                    workload.name
                );
            }
        }
    }
}

#[test]
fn exemplars_fall_into_the_bucket_of_their_value() {
    let process = process_of(
        "formats: [openmetrics]\nstreams: { r: { steady: { rate: 10 } } }\nfamilies:\n\
         - { name: t_seconds, type: histogram, help: T., of: r, exemplar: trace_id, buckets: [0.05, 0.1, 0.5], takes: { median: 0.1, spread: 0.5 } }",
    );
    let t = START + 60_000;
    let body = write(&process.families(t, Influences::default(), false), Format::OpenMetrics);
    let read = parse(&body, Format::OpenMetrics);
    assert_eq!(read.error, None, "{body}");
    let with: Vec<_> = read.samples().filter(|sample| sample.exemplar.is_some()).collect();
    assert_eq!(with.len(), 1, "{body}");
    let exemplar = with[0].exemplar.as_ref().unwrap();
    let bound: f64 = with[0].labels.get("le").parse().unwrap();
    assert!(exemplar.value <= bound, "{body}");
    assert!(exemplar.timestamp.unwrap() <= t);
    assert_eq!(exemplar.labels.get("trace_id").len(), 16);
    assert!(
        !write(&process.families(t, Influences::default(), false), Format::PrometheusText)
            .contains(" # ")
    );
}
