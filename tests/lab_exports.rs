//! What the rate lab exports, run through Debian's promtool: it must give the lab's own numbers.
//! Where promtool is absent the tests say so and end.

#![expect(
    clippy::unwrap_used,
    reason = "a test may stop where a file of its own cannot be written"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use playground::model::Duration;
use playground::simulation::lab::export::{openmetrics, unit_test};
use playground::simulation::lab::{Function, Lab, LabAction, PRESETS, Way, evaluate, update};

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

/// Every preset, as it is and with something done to it, for each function of counters.
fn labs() -> Vec<(String, Lab)> {
    let mut labs = Vec::new();
    for preset in PRESETS {
        for function in [Function::Increase, Function::Rate, Function::Irate, Function::Deriv] {
            for action in [LabAction::Slide(0), LabAction::Slide(3_000), LabAction::MissLast] {
                let lab = update(&update(&(preset.lab)(), LabAction::Function(function)), action);
                labs.push((format!("{} {function:?} {action:?}", preset.id), lab));
            }
        }
    }
    labs
}

#[test]
fn the_unit_test_succeeds_in_promtool_and_fails_with_another_number() {
    let Some(version) = promtool() else { return };
    let folder = Folder::new("unit");
    let (mut agreed, mut edges) = (0, 0);
    for (name, lab) in labs() {
        let outcome = evaluate(&lab);
        let usual = outcome.result(lab.function, Way::Usual);
        let closed = outcome.result(lab.function, Way::Closed);
        let [rules, mut tests] = unit_test(&lab);
        if version < 3 && usual != closed {
            // That promtool closes the window. What the lab says of version 2 must be what it gets.
            edges += 1;
            let (Some(usual), Some(closed)) = (usual, closed) else { continue };
            let (usual, closed) = (format!("value: {usual}\n"), format!("value: {closed}\n"));
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
            folder.write(tests.name, &tests.text.replace(&format!("value: {usual}"), "value: 77"));
            assert!(!run(&folder.0, &["test", "rules", tests.name]).status.success(), "{name}");
        }
    }
    println!("{agreed} labs agree with promtool {version}, {edges} with a sample on the edge");
    assert!(agreed > 60 && (edges > 0 || version >= 3));
}

#[test]
fn the_series_can_be_backfilled_and_come_out_as_they_went_in() {
    if promtool().is_none() {
        return;
    }
    for (number, (name, lab)) in labs().into_iter().step_by(12).enumerate() {
        let lab = update(&lab, LabAction::Jitter(Duration(1_700)));
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
                assert!(series.contains("lab_events_total"), "{line}");
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
