//! `test`, `[` and `[[`: comparisons as exit codes.

use super::mistake;
use crate::Output;
use crate::shell::World;

pub(super) fn test(name: &str, arguments: &[&str], world: &dyn World) -> Output {
    let close = match name {
        "[" => Some("]"),
        "[[" => Some("]]"),
        _ => None,
    };
    let words = match (close, arguments.split_last()) {
        (None, _) => arguments,
        (Some(close), Some((last, words))) if *last == close => words,
        (Some(close), _) => return mistake(name, &format!("missing `{close}'")).ended(2),
    };
    match evaluate(words, world) {
        Ok(holds) => Output::default().ended(i32::from(!holds)),
        Err(message) => mistake(name, &message).ended(2),
    }
}

/// `-o` binds less than `-a`.
fn evaluate(words: &[&str], world: &dyn World) -> Result<bool, String> {
    let mut any = false;
    for part in words.split(|word| matches!(*word, "-o" | "||")) {
        let mut all = true;
        for part in part.split(|word| matches!(*word, "-a" | "&&")) {
            all &= comparison(part, world)?;
        }
        any |= all;
    }
    Ok(any)
}

fn comparison(words: &[&str], world: &dyn World) -> Result<bool, String> {
    let number = |text: &str| {
        text.trim().parse::<i64>().map_err(|_| format!("{text}: integer expression expected"))
    };
    Ok(match words {
        [] => false,
        ["!", rest @ ..] => !comparison(rest, world)?,
        [word] => !word.is_empty(),
        ["-z", text] => text.is_empty(),
        ["-n", text] => !text.is_empty(),
        ["-f" | "-e" | "-r" | "-s", path] => world.read_file(path).is_some(),
        ["-d", path] => world.list_folder(path).is_some(),
        [left, "=" | "==", right] => left == right,
        [left, "!=", right] => left != right,
        [left, "-eq", right] => number(left)? == number(right)?,
        [left, "-ne", right] => number(left)? != number(right)?,
        [left, "-lt", right] => number(left)? < number(right)?,
        [left, "-le", right] => number(left)? <= number(right)?,
        [left, "-gt", right] => number(left)? > number(right)?,
        [left, "-ge", right] => number(left)? >= number(right)?,
        words => return Err(format!("{}: unknown condition", words.join(" "))),
    })
}
