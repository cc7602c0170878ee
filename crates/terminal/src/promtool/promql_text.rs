//! `promql format` and `promql label-matchers`.
//!
//! Source: cmd/promtool/main.go `formatPromQL`, `labelsSetPromQL`, `labelsDeletePromQL`.

use promql::syntax::{Ast, parse};
use promql::{MatchOp, Matcher};
use text::Span;

use super::{FAILURE, World};
use crate::Output;
use kingpin::Matches;

pub(super) fn run(
    command: &[&str],
    matches: &Matches,
    world: &World<'_>,
    output: &mut Output,
) -> i32 {
    if !matches.is_on("experimental") {
        output.err("This command is experimental and requires the --experimental flag to be set.");
        return FAILURE;
    }
    let ast = match parse(matches.arg("query"), &world.parser) {
        Ok(ast) => ast,
        Err(errors) => {
            output.err(errors.to_string());
            return FAILURE;
        }
    };
    let edited = match command {
        ["label-matchers", "set"] => set(ast, matches),
        ["label-matchers", _] => delete(ast, matches.arg("name")),
        _ => ast,
    };
    output.out(edited.pretty());
    0
}

/// The regular expression of a matcher is not looked at: the query is only printed.
fn set(mut ast: Ast, matches: &Matches) -> Ast {
    let op = match matches.flag("type") {
        Some("!=") => MatchOp::NotEqual,
        Some("=~") => MatchOp::Regex,
        Some("!~") => MatchOp::NotRegex,
        _ => MatchOp::Equal,
    };
    let (name, value) = (matches.arg("name"), matches.arg("value"));
    let mut matcher = Matcher::equal(name, value, Span::at(0));
    matcher.op = op;
    ast.edit_selectors(|selector| {
        match selector.matchers.iter_mut().find(|one| *one.name == *name) {
            Some(found) => *found = matcher.clone(),
            None => selector.matchers.push(matcher.clone()),
        }
    });
    ast
}

fn delete(mut ast: Ast, name: &str) -> Ast {
    ast.edit_selectors(|selector| selector.matchers.retain(|one| *one.name != *name));
    ast
}
