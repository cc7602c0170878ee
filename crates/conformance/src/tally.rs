//! Verdicts of the cases that were asked for.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// The folders and cases to run, as names: `apply`, or `apply/configmap-date` for one case.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    names: Vec<String>,
}

impl Selection {
    /// An empty list of names selects everything.
    pub fn new(names: Vec<String>) -> Self {
        Self { names }
    }

    /// Returns true if no name was given.
    pub fn is_everything(&self) -> bool {
        self.names.is_empty()
    }

    /// A selection in which what is selected of the suite `alias` is also selected of the folder.
    #[must_use]
    pub fn with_alias(&self, alias: &str, folder: &str) -> Self {
        let renamed = self.names.iter().filter_map(|name| {
            let rest = name.strip_prefix(alias)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{folder}{rest}"))
        });
        Self { names: self.names.iter().cloned().chain(renamed).collect() }
    }

    /// Returns true if the folder, or a case of it, is selected.
    pub fn has_folder(&self, folder: &str) -> bool {
        self.is_everything() || self.names.iter().any(|name| name.split('/').next() == Some(folder))
    }

    /// Returns true if a case of a selected folder is selected. A name of a case is complete, or
    /// ends with `*`.
    pub fn has_case(&self, folder: &str, case: &str) -> bool {
        let selects = |name: &String| match name.split_once('/') {
            None | Some((_, "")) => name.trim_end_matches('/') == folder,
            Some((of, wanted)) => {
                of == folder
                    && match wanted.strip_suffix('*') {
                        Some(start) => case.starts_with(start),
                        None => case == wanted,
                    }
            }
        };
        self.is_everything() || self.names.iter().any(selects)
    }
}

/// The verdicts of one folder.
#[derive(Debug, Default)]
pub struct Tally {
    folder: String,
    selection: Selection,
    /// Cases that passed.
    pub passed: usize,
    /// Cases that ran.
    pub total: usize,
    /// One text for each case that failed, beginning with the name of the case.
    pub failures: Vec<String>,
}

impl Tally {
    /// Returns an empty tally for the selected cases of a folder.
    pub fn new(folder: &str, selection: Selection) -> Self {
        Self { folder: folder.to_owned(), selection, ..Self::default() }
    }

    /// Returns true if a case is to be run. A suite that counts verdicts itself calls it first.
    pub fn wants(&self, case: &str) -> bool {
        self.selection.has_case(&self.folder, case)
    }

    /// Counts one verdict.
    pub fn count(&mut self, verdict: Result<(), String>) {
        self.total += 1;
        match verdict {
            Ok(()) => self.passed += 1,
            Err(failure) => self.failures.push(failure),
        }
    }

    /// Runs a case if it is selected. A panic is a failure.
    pub fn case(&mut self, name: &str, run: impl FnOnce() -> Result<(), String>) {
        if !self.wants(name) {
            return;
        }
        let verdict =
            catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err("panicked".to_owned()));
        self.count(verdict.map_err(|failure| format!("{name}: {failure}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection(names: &[&str]) -> Selection {
        Selection::new(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn names_select_folders_and_cases() {
        for (names, folder, case, expected) in [
            (&[][..], "apply", "a", true),
            (&["apply"], "apply", "a", true),
            (&["apply/"], "apply", "a", true),
            (&["apply/a"], "apply", "a", true),
            (&["apply/a"], "apply", "ab", false),
            (&["apply/a*"], "apply", "ab", true),
            (&["api"], "apply", "a", false),
            (&["promql", "apply/a"], "apply", "a", true),
        ] {
            assert_eq!(selection(names).has_case(folder, case), expected, "{names:?} {case}");
        }
        assert!(selection(&["apply/a"]).has_folder("apply"));
        assert!(!selection(&["apply/a"]).has_folder("api"));
    }

    #[test]
    fn a_panic_and_an_error_are_failures_and_other_cases_do_not_run() {
        let mut tally = Tally::new("apply", selection(&["apply/x*"]));
        tally.case("x1", || Ok(()));
        tally.case("x2", || Err("differs".to_owned()));
        tally.case("x3", || panic!("on purpose"));
        tally.case("y", || Ok(()));
        assert_eq!((tally.passed, tally.total), (1, 3));
        assert_eq!(tally.failures, ["x2: differs", "x3: panicked"]);
    }
}
