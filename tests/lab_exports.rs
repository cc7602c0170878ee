//! Exports of the rate lab, run by Debian's promtool: it must compute the lab's own numbers.
//! Without promtool the tests print a note and pass.

#![expect(
    clippy::unwrap_used,
    reason = "a test may stop where a file of its own cannot be written"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use go::Duration;
use go::number::format_float;
use promql::promqltest::{ScriptEngine, run_script};
use protocol::Labels;
use protocol::lab::{Function, ImportedSeries, Lab, LabAction, PRESETS, RangeMode, update};
use session::lab::evaluate;
use session::lab::export::{openmetrics, script, unit_test};

/// The version that is installed: before 3 a window holds the sample at its very start.
fn promtool() -> Option<u32> {
    let Ok(output) = Command::new("promtool").arg("--version").output() else {
        println!("skipped: promtool is not installed (Debian: apt install prometheus)");
        return None;
    };
    // Older ones write to the standard error.
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    let version = text.split("version ").nth(1)?.split('.').next()?.parse().ok();
    assert!(version.is_some(), "no version in {text}");
    version
}

/// A folder of its own that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lab-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new("promtool").args(args).current_dir(folder).output().unwrap()
}

/// Changes of a lab by a visitor: windows and samples that were dragged, samples more and
/// less, another rhythm, restarts.
const DONE: [&[LabAction]; 8] = [
    &[],
    &[LabAction::Slide(3_000)],
    &[LabAction::MissLast],
    &[LabAction::Move { id: 7, at: 103_250, value: 40.0 }, LabAction::Drop(6)],
    &[LabAction::Add { at: 98_750, value: 21.5 }, LabAction::Range(Duration(41_000))],
    &[LabAction::Jitter(Duration(2_000)), LabAction::Slide(-7_000)],
    &[LabAction::ScrapeInterval(Duration(10_000)), LabAction::Restart, LabAction::Slide(25_000)],
    &[LabAction::Move { id: 5, at: 83_000, value: 1.0 }, LabAction::Drop(7), LabAction::Drop(8)],
];

/// A series of the simulation, with labels that have to be quoted.
fn taken() -> Lab {
    let labels = Labels::from_pairs([
        ("__name__", "shop_orders_total"),
        ("instance", "shop:8080"),
        ("job", "shop"),
        ("path", "/a \"b\"\\c\nd\te é"),
    ]);
    let samples = [(2_000, 5.0), (17_000, 5.5), (32_000, 9.0), (47_000, 2.0), (62_000, 3e9)];
    let origin = 1_767_225_600_000;
    let samples = samples.to_vec();
    Lab {
        taken: Some(ImportedSeries { labels, origin, samples, known: false }),
        at: 60_000,
        ..Lab::default()
    }
}

/// Every preset, and a series that was taken, as they are and with something done to them, for each
/// function.
fn labs() -> Vec<(String, Lab)> {
    let presets = PRESETS.iter().map(|preset| (preset.id, (preset.lab)()));
    let all = presets.chain([("taken", taken())]);
    let mut labs = Vec::new();
    for (id, lab) in all {
        for function in Function::ALL {
            let lab = update(&lab, LabAction::Function(function));
            for actions in DONE {
                let lab = actions.iter().fold(lab.clone(), |lab, action| update(&lab, *action));
                labs.push((format!("{id} {function:?} {actions:?}"), lab));
            }
        }
    }
    labs
}

#[test]
fn the_script_gives_the_lab_s_numbers_in_the_test_language() {
    for (name, lab) in labs() {
        let text = script(&lab).text;
        let report = run_script(&name, &text, &ScriptEngine::default());
        let failures: Vec<_> = report.failures.iter().map(ToString::to_string).collect();
        assert!(failures.is_empty(), "{name}\n{}\n{text}", failures.join("\n"));
        assert!(report.total >= 3, "{text}");
    }
}

#[test]
fn the_unit_test_succeeds_in_promtool_and_fails_with_another_number() {
    let Some(version) = promtool() else { return };
    let folder = Folder::new("unit");
    let (mut agreed, mut edges) = (0, 0);
    for (name, lab) in labs() {
        let outcome = evaluate(&lab);
        let usual = outcome.result(lab.function, RangeMode::Usual);
        let closed = outcome.result(lab.function, RangeMode::Closed);
        let [rules, mut tests] = unit_test(&lab);
        if version < 3 && usual != closed {
            // Debian's promtool has closed windows, so it must compute the lab's result of version 2.
            edges += 1;
            let (Some(usual), Some(closed)) = (usual, closed) else { continue };
            let [usual, closed] =
                [usual, closed].map(|one| format!("value: {}\n", format_float(one)));
            assert_eq!(tests.text.matches(&usual).count(), 2, "{}", tests.text);
            tests.text = tests.text.replace(&usual, &closed);
        }
        folder.write(rules.name, &rules.text);
        folder.write(tests.name, &tests.text);
        let output = run(&folder.0, &["test", "rules", tests.name]);
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{name}\n{said}\n{}\n{}", rules.text, tests.text);
        agreed += 1;
        if let Some(usual) = usual.filter(|_| usual == closed) {
            let value = format!("value: {}", format_float(usual));
            folder.write(tests.name, &tests.text.replace(&value, "value: 77"));
            assert!(!run(&folder.0, &["test", "rules", tests.name]).status.success(), "{name}");
        }
    }
    println!("{agreed} labs agree with promtool {version}, {edges} with a sample on the edge");
    assert!(agreed > 300 && (edges > 0 || version >= 3), "{agreed} {edges}");
}

#[test]
fn the_series_can_be_backfilled_and_come_out_as_they_went_in() {
    if promtool().is_none() {
        return;
    }
    for (number, (name, lab)) in labs().into_iter().step_by(13).enumerate() {
        let folder = Folder::new(&format!("blocks{number}"));
        folder.write("lab.om.txt", &openmetrics(&lab).text);
        let output =
            run(&folder.0, &["tsdb", "create-blocks-from", "openmetrics", "lab.om.txt", "data"]);
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{name}: {said}");
        // It reads a server's folder, which has a log of what is in no block yet.
        std::fs::create_dir_all(folder.0.join("data/wal")).unwrap();
        let output = run(&folder.0, &["tsdb", "dump", "data"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let dumped = String::from_utf8_lossy(&output.stdout).into_owned();
        let found: Vec<(f64, i64)> = dumped
            .lines()
            .map(|line| {
                let (series, rest) = line.rsplit_once("} ").unwrap();
                assert_eq!(format!("{series}}}"), lab.labels().to_string());
                let (value, time) = rest.split_once(' ').unwrap();
                (value.parse().unwrap(), time.parse().unwrap())
            })
            .collect();
        let origin = 1_767_225_600_000;
        let exported: Vec<(f64, i64)> =
            lab.samples().iter().map(|sample| (sample.value, origin + sample.at)).collect();
        assert_eq!(found, exported, "{name}");
    }
}
