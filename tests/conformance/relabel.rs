//! `cases.json`: label sets through rules.

use std::path::Path;

use discovery::targets::{RelabelResult, Rules};
use prometheus::config::{RelabelAction, RelabelConfig};
use promql::Labels;
use serde_json::Value;
use text::Location;

use conformance::{Tally, json, list};

pub fn run(folder: &Path, tally: &mut Tally) {
    for (number, case) in list(&json(&folder.join("cases.json"))).iter().enumerate() {
        tally.case(&format!("case {number}"), || {
            let configs: Option<Vec<RelabelConfig>> =
                list(&case["relabel_configs"]).iter().map(rule).collect();
            let rules = Rules::new(&configs.ok_or("unknown action")?, false);
            let found = match rules.relabel(&labels(&case["input"])) {
                RelabelResult::Kept(labels) => Some(labels),
                RelabelResult::Dropped { .. } | RelabelResult::TooLarge { .. } => None,
            };
            let expected = (case["drop"] != true).then(|| labels(&case["output"]));
            if found == expected {
                Ok(())
            } else {
                Err(format!("{found:?}, expected {expected:?}"))
            }
        });
    }
}

fn labels(value: &Value) -> Labels {
    let pairs = value.as_object().into_iter().flatten();
    Labels::from_pairs(
        pairs.map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default())),
    )
}

fn rule(value: &Value) -> Option<RelabelConfig> {
    use RelabelAction as A;
    let text = |key: &str, default: &str| value[key].as_str().unwrap_or(default).into();
    let action = value["action"].as_str().unwrap_or("replace").to_lowercase();
    let action = match &*action {
        "replace" => A::Replace,
        "keep" => A::Keep,
        "drop" => A::Drop,
        "keepequal" => A::KeepEqual,
        "dropequal" => A::DropEqual,
        "hashmod" => A::HashMod,
        "labelmap" => A::LabelMap,
        "labeldrop" => A::LabelDrop,
        "labelkeep" => A::LabelKeep,
        "lowercase" => A::Lowercase,
        "uppercase" => A::Uppercase,
        _ => return None,
    };
    let sources = list(&value["source_labels"]);
    Some(RelabelConfig {
        location: Location::default(),
        source_labels: sources.iter().filter_map(Value::as_str).map(Into::into).collect(),
        separator: text("separator", ";"),
        regex: text("regex", "(.*)"),
        modulus: value["modulus"].as_u64().unwrap_or(0),
        target_label: text("target_label", ""),
        replacement: text("replacement", "$1"),
        action: Some(action),
    })
}
