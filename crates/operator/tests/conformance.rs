//! Compares generated configurations with those of the real Operator, byte for byte.
//!
//! A case of the data has more than configurations (status, Events, StatefulSets), so this is not
//! the suite of the folder.
#![cfg(not(target_arch = "wasm32"))]

use std::path::Path;

use conformance::{file_name, files, folder, folders, read};
use kubernetes::object::{Value, from_yaml};
use operator::{Refusal, configuration};

/// Configurations that were equal when this was last measured.
const EQUAL: usize = 144;

fn objects(case: &Path) -> Vec<Value> {
    let parsed = yaml::parse(text::FileId::default(), &read(&case.join("input.yaml")));
    let roots = parsed.documents.iter().map(|document| &document.root);
    roots.filter_map(|root| from_yaml(root).ok()).collect()
}

#[test]
fn configurations_are_equal_to_the_operators() {
    let Some(data) = folder("operator") else { return };
    let (mut equal, mut differ, mut not_covered) = (0, Vec::new(), 0);
    for case in folders(&data.join("cases")) {
        let objects = objects(&case);
        for file in files(&case, &[".prometheus.yaml"]) {
            let name = file_name(&file).replace(".prometheus.yaml", "");
            let prometheus = objects
                .iter()
                .find(|one| one.str("kind") == "Prometheus" && one["metadata"].str("name") == name);
            let Some(prometheus) = prometheus else { continue };
            match configuration(prometheus, &objects) {
                Ok(made) if made.document.text == read(&file) => {
                    assert_eq!(made.document.origins.len(), made.document.text.lines().count());
                    equal += 1;
                }
                Err(Refusal::NotCovered(_)) => not_covered += 1,
                Ok(made) => {
                    differ.push((case.clone(), first_difference(&made.document.text, &read(&file))))
                }
                Err(refusal) => differ.push((case.clone(), format!("{refusal:?}"))),
            }
        }
    }
    for (case, difference) in &differ {
        println!("{}: {difference}", file_name(case));
    }
    println!(
        "operator configurations: {equal} equal, {} differ, {not_covered} not covered",
        differ.len()
    );
    assert!(equal >= EQUAL, "fell from {EQUAL} to {equal}");
}

fn first_difference(found: &str, expected: &str) -> String {
    let mut lines = found.lines().zip(expected.lines()).enumerate();
    match lines.find(|(_, (found, expected))| found != expected) {
        Some((at, (found, expected))) => {
            format!("line {}: {found:?}, expected {expected:?}", at + 1)
        }
        None => "one is longer".to_owned(),
    }
}
