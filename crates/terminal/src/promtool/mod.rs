//! promtool, the companion of Prometheus, in its words, streams and exit codes.
//!
//! Source: cmd/promtool/main.go.
//!
//! | module | commands |
//! | --- | --- |
//! | `commands` | the table of commands and flags |
//! | `check_config` | `check config` |
//! | `check_rules` | `check rules`, and the rule files of a configuration |
//! | `check_metrics` | `check metrics` |
//! | `service_discovery` | `check service-discovery` |
//! | `test_rules` | `test rules` |
//! | `query` | `query`, `check healthy`, `check ready` |
//! | `promql` | `promql` |

mod analyze;
mod check_config;
mod check_metrics;
mod check_rules;
mod commands;
mod promql_text;
mod query;
mod service_discovery;
mod test_rules;

pub use commands::PROMTOOL;
pub use query::HttpServer;

use promql::syntax::ParserOptions;
pub use server::Files;

use crate::Output;
use kingpin::{Matches, Parsed};

/// Exit codes. Source: cmd/promtool/main.go.
const FAILURE: i32 = 1;
const LINT_FAILURE: i32 = 3;

/// The inputs of a command: files, standard input, a server, features.
pub(crate) struct World<'a> {
    pub files: &'a Files,
    pub stdin: &'a str,
    pub server: Option<&'a dyn HttpServer>,
    /// PromQL features of `--enable-feature`.
    pub parser: ParserOptions,
    pub delayed_name_removal: bool,
}

/// Runs promtool with arguments that a shell has divided.
///
/// `server` answers requests; without one every connection is refused.
pub fn run(args: &[String], stdin: &str, files: &Files, server: Option<&dyn HttpServer>) -> Output {
    let mut output = Output::default();
    let matches = match kingpin::parse(&PROMTOOL, args, &FilePaths(files)) {
        Ok(Parsed::Command(matches)) => matches,
        Ok(Parsed::Help(path)) => {
            output.stdout = kingpin::usage("promtool", &PROMTOOL, &path);
            return output;
        }
        Ok(Parsed::NoCommand) => {
            output.stdout = kingpin::usage("promtool", &PROMTOOL, &[]);
            return output;
        }
        Ok(Parsed::Version) => {
            output.stdout = VERSION.to_owned();
            return output;
        }
        Err(error) => {
            output.err(format!("promtool: error: {error}, try --help"));
            return output.ended(FAILURE);
        }
    };
    let mut world = World {
        files,
        stdin,
        server,
        parser: ParserOptions::default(),
        delayed_name_removal: false,
    };
    enable_features(&matches, &mut world, &mut output);
    let exit = dispatch(&matches, &world, &mut output);
    output.ended(exit)
}

/// There is no build to tell about.
const VERSION: &str = "promtool, version 3.14.0 (branch: HEAD, revision: simulated)\n  build user:       playground\n  build date:       n/a\n  go version:       n/a\n  platform:         wasm32\n  tags:             n/a\n";

fn enable_features(matches: &Matches, world: &mut World<'_>, output: &mut Output) {
    for feature in matches.flags("enable-feature").iter().flat_map(|list| list.split(',')) {
        match feature {
            "promql-experimental-functions" => world.parser.experimental_functions = true,
            "promql-delayed-name-removal" => world.delayed_name_removal = true,
            "promql-extended-range-selectors" => world.parser.extended_range_selectors = true,
            "promql-binop-fill-modifiers" => world.parser.fill_modifiers = true,
            // On for all.
            "promql-duration-expr" | "" => {}
            // Without a line feed, as promtool prints it.
            other => output.stdout.push_str(&format!(
                "  WARNING: Unknown feature passed to --enable-feature: {other}"
            )),
        }
    }
}

fn dispatch(matches: &Matches, world: &World<'_>, output: &mut Output) -> i32 {
    match matches.command.as_slice() {
        ["check", "config"] => check_config::run(matches, world, output),
        ["check", "rules"] => check_rules::run(matches, world, output),
        ["check", "metrics"] => check_metrics::run(matches, world, output),
        ["check", "web-config"] => check_web_config(matches, world, output),
        ["check", "service-discovery"] => service_discovery::run(matches, world, output),
        ["check", "healthy"] => query::check_server(matches, world, "/-/healthy", output),
        ["check", "ready"] => query::check_server(matches, world, "/-/ready", output),
        ["query", "analyze"] => analyze::run(matches, world, output),
        ["query", what] => query::run(what, matches, world, output),
        ["test", "rules"] => test_rules::run(matches, world, output),
        ["promql", rest @ ..] => promql_text::run(rest, matches, world, output),
        path => {
            output.err(format!(
                "promtool {}: this command works on the files of a real server and is not part of \
                 the playground",
                path.join(" ")
            ));
            FAILURE
        }
    }
}

/// `check web-config`.
fn check_web_config(matches: &Matches, world: &World<'_>, output: &mut Output) -> i32 {
    let mut exit = 0;
    for file in matches.args("web-config-files") {
        match server::validate_web_config(file, world.files) {
            Ok(()) => output.err(format!("{file} SUCCESS")),
            Err(error) => {
                output.err(format!("{file} FAILED: {error}"));
                exit = FAILURE;
            }
        }
    }
    exit
}

/// The files as paths of arguments.
struct FilePaths<'a>(&'a Files);

impl kingpin::Paths for FilePaths<'_> {
    fn is_file(&self, path: &str) -> Option<bool> {
        self.0.is_file(path)
    }
}

#[cfg(test)]
mod tests;
