//! The registry of diagnostic codes of all crates, with their documentation.

use text::Code;

/// One slice for each crate or module that reports diagnostics.
#[rustfmt::skip] // one on each line
static CODES: &[&[Code]] = &[
    prometheus::CODES,
    kubernetes::decode::CODES,
    super::verdicts::CODES,
    promql::assist::lints::CODES,
    simulation::exposition::review::CODES.as_slice(),
    simulation::workload::CODES,
    schema::CODES,
    yaml::CODES,
    super::unrecognized::CODES,
    super::flags::CODES,
    super::rule_files::CODES,
    super::live::CODES,
    super::version_2::CODES,
    super::grafana::CODES,
    crate::operator::findings::CODES,
    super::drift::CODES,
    crate::workspace::charts::errors::CODES,
    crate::workspace::charts::findings::CODES,
];

/// Returns all codes, crate by crate.
pub fn all() -> impl Iterator<Item = &'static Code> {
    CODES
        .iter()
        .copied()
        .flatten()
        .chain(prometheus::lints::codes())
        .chain(kubernetes::checks::codes())
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// Codes in the sources: the first literal after `Diagnostic::error(` and its variants.
    fn used(folder: &Path, codes: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                used(&path, codes);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                for maker in ["error", "warning", "info"] {
                    let maker = format!("Diagnostic::{maker}(");
                    for (at, _) in text.match_indices(&maker) {
                        let after = text[at + maker.len()..].trim_start();
                        if let Some(quoted) = after.strip_prefix('"') {
                            codes.extend(quoted.split('"').next().map(str::to_owned));
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn every_code_is_documented_once_and_in_full() {
        let mut seen = BTreeSet::new();
        for entry in all() {
            assert!(seen.insert(entry.code.to_owned()), "{} stands twice", entry.code);
            let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(entry.code.chars().all(kebab), "{}", entry.code);
            assert!(!entry.title.is_empty() && !entry.title.ends_with('.'), "{}", entry.code);
            assert!(
                entry.doc.ends_with(['.', '`', '?', '!', ')']),
                "{}: {}",
                entry.code,
                entry.doc
            );
            assert!(!entry.example.is_empty(), "{}", entry.code);
        }
        let mut in_sources = BTreeSet::new();
        used(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), &mut in_sources);
        let missing: Vec<&String> = in_sources.difference(&seen).collect();
        assert!(missing.is_empty(), "codes without documentation: {missing:?}");
    }
}
