//! `test rules`.
//!
//! Source: cmd/promtool/unittest.go `RulesUnitTestResult`.

use std::sync::Arc;

use go::Regex;
use prometheus::rule_files::RuleOptions;
use promql::engine::{Engine, EngineOptions};
use rules::PromqlRules;
use rules::unit_test::{self, RuleFiles, TestOptions};
use text::FileId;
use yaml::Parsed;

use super::{FAILURE, Files, World};
use crate::Output;
use kingpin::Matches;
use server::beside;

pub(super) fn run(matches: &Matches, world: &World<'_>, output: &mut Output) -> i32 {
    let patterns = matches.flags("run");
    let wanted = match patterns.is_empty() {
        true => None,
        // Found anywhere in the name.
        false => match Regex::new(&format!("(?s:.*)(?:{})(?s:.*)", patterns.join("|"))) {
            Ok(regex) => Some(regex),
            Err(error) => {
                output.err(format!(
                    "regexp: Compile({}): {error}",
                    go::quote::quote(&patterns.join("|"))
                ));
                return 2;
            }
        },
    };
    let mut exit = 0;
    for file in matches.args("test-rule-file") {
        let errors = test(file, wanted.as_ref(), matches, world, output);
        if errors.is_empty() {
            output.out("  SUCCESS");
        } else {
            output.err("  FAILED:");
            for error in errors {
                output.err(error);
                output.out("");
            }
            exit = FAILURE;
        }
        output.out("");
    }
    exit
}

/// Runs the tests of a file whose names are wanted.
fn test(
    path: &str,
    wanted: Option<&Regex>,
    matches: &Matches,
    world: &World<'_>,
    output: &mut Output,
) -> Vec<String> {
    let text = match world.files.read(path) {
        Ok(text) => text,
        Err(error) => return vec![error],
    };
    let file = match unit_test::load(&yaml::parse(FileId(0), text)) {
        Ok(file) => file,
        Err(errors) => return errors,
    };
    let rule_files = Named { files: world.files, beside: path };
    for pattern in &file.rule_files {
        let pattern = beside(path, pattern);
        if world.files.glob(&pattern).is_empty() {
            output.err(format!("  WARNING: no file match pattern {pattern}"));
        }
    }
    let options = test_options(matches, world);
    let engine = EngineOptions {
        default_subquery_step: file.evaluation_interval,
        delayed_name_removal: world.delayed_name_removal,
        ..EngineOptions::default()
    };
    let engine = PromqlRules { engine: Engine::new(engine), parser: world.parser };
    let mut errors = Vec::new();
    for (number, test) in file.tests.iter().enumerate() {
        if wanted.is_some_and(|wanted| !wanted.is_match(&test.name)) {
            continue;
        }
        let name = match &*test.name {
            "" => format!("unnamed#{number}"),
            name => name.to_owned(),
        };
        if options.debug {
            output.err(format!("DEBUG: Starting test {name}"));
        }
        let report = unit_test::run_test(test, &file, &rule_files, &options, &engine);
        if let Some(dump) = &report.dump {
            output.err(format!("DEBUG: {dump}"));
        }
        if options.debug {
            // Tests take no simulated time.
            output.err(format!("DEBUG: Test {name} finished, took 0s"));
        }
        errors.extend(report.errors);
    }
    errors
}

fn test_options(matches: &Matches, world: &World<'_>) -> TestOptions {
    TestOptions {
        rules: RuleOptions {
            promql: world.parser,
            ignore_unknown_fields: matches.is_on("ignore-unknown-fields"),
            ..RuleOptions::default()
        },
        diff: matches.is_on("diff"),
        debug: matches.is_on("debug"),
    }
}

/// Rule files beside a file of tests.
struct Named<'a> {
    files: &'a Files,
    beside: &'a str,
}

impl RuleFiles for Named<'_> {
    fn matching(&self, pattern: &str) -> Vec<(String, Arc<str>, Arc<Parsed>)> {
        let paths = self.files.glob(&beside(self.beside, pattern));
        let read = paths.into_iter().filter_map(|path| {
            let text = self.files.read(&path).ok()?;
            Some((path, Arc::from(text), Arc::new(yaml::parse(FileId(2), text))))
        });
        read.collect()
    }
}
