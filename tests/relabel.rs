//! Relabelling against the cases of Prometheus. Skipped where the data is not there.

use std::path::PathBuf;

use playground::model::Labels;
use playground::prometheus::config::{RelabelAction, RelabelConfig};
use playground::targets::{Outcome, Rules, explain_rules};
use playground::text::Location;
use serde_json::Value;

fn labels(value: &Value) -> Labels {
    let pairs = value.as_object().into_iter().flatten();
    Labels::from_pairs(pairs.map(|(name, value)| (name.as_str(), value.as_str().unwrap())))
}

fn action(name: &str) -> RelabelAction {
    match name {
        "replace" => RelabelAction::Replace,
        "keep" => RelabelAction::Keep,
        "drop" => RelabelAction::Drop,
        "keepequal" => RelabelAction::KeepEqual,
        "dropequal" => RelabelAction::DropEqual,
        "hashmod" => RelabelAction::HashMod,
        "labelmap" => RelabelAction::LabelMap,
        "labeldrop" => RelabelAction::LabelDrop,
        "labelkeep" => RelabelAction::LabelKeep,
        "lowercase" => RelabelAction::Lowercase,
        "uppercase" => RelabelAction::Uppercase,
        other => panic!("unknown action {other}"),
    }
}

fn rule(value: &Value) -> RelabelConfig {
    let text = |key: &str, default: &str| value[key].as_str().unwrap_or(default).into();
    let sources = value["source_labels"].as_array().into_iter().flatten();
    RelabelConfig {
        location: Location::default(),
        source_labels: sources.map(|name| name.as_str().unwrap().into()).collect(),
        separator: text("separator", ";"),
        regex: text("regex", "(.*)"),
        modulus: value["modulus"].as_u64().unwrap_or(0),
        target_label: text("target_label", ""),
        replacement: text("replacement", "$1"),
        action: action(&value["action"].as_str().unwrap_or("replace").to_lowercase()),
    }
}

#[test]
fn cases_of_prometheus() {
    let root = std::env::var_os("CONFORMANCE_DIR")
        .map_or_else(|| PathBuf::from("../shared/conformance"), PathBuf::from);
    let path = root.join("relabel/cases.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: no {}", path.display());
        return;
    };
    let cases: Vec<Value> = serde_json::from_str(&text).expect("data is JSON");
    let mut failures = Vec::new();
    for case in &cases {
        let configs: Vec<RelabelConfig> =
            case["relabel_configs"].as_array().unwrap().iter().map(rule).collect();
        let rules = Rules::new(&configs, false);
        assert!(rules.errors.is_empty(), "{case}");
        let input = labels(&case["input"]);
        let found = match rules.relabel(&input) {
            Outcome::Kept(labels) => Some(labels),
            Outcome::Dropped { .. } => None,
        };
        let expected = (case["drop"] != true).then(|| labels(&case["output"]));
        let (_, explained) = explain_rules(&rules, &input);
        if found != expected || explained != expected {
            failures.push(format!("{case}\n  gave {found:?}, explained {explained:?}"));
        }
    }
    println!("relabel {}/{}", cases.len() - failures.len(), cases.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
