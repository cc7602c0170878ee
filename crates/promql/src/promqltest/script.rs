//! A script's lines into commands.

use super::ScriptError;
use super::load::Load;
use super::series::{SequenceValue, parse_series_line};
use super::start_times::parse_start_times;
use crate::{Labels, Timestamp};
use go::number::{parse_float, parse_int_literal};
use go::quote::{quote, unquote};
use go::{Duration, Regex};

/// Commands in the order of the text.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// The commands.
    pub commands: Vec<Command>,
}

/// A command of a script.
#[derive(Clone, Debug)]
pub enum Command {
    /// Forget all series.
    Clear,
    /// `load`: stores series.
    Load(Load),
    /// `eval`: evaluates a query and checks the result.
    Eval(Box<Eval>),
}

/// A query with its expected result.
#[derive(Clone, Debug)]
pub struct Eval {
    /// The line of the command, counting from 1.
    pub line: usize,
    /// The query.
    pub query: String,
    /// The evaluation time.
    pub when: EvalTime,
    /// True if the order of the series is checked.
    pub ordered: bool,
    /// The query must fail, and with this message.
    pub fail: Option<Expectation>,
    /// The expected warnings.
    pub warn: Vec<Expectation>,
    /// The expected infos.
    pub info: Vec<Expectation>,
    /// True if there must be no warnings.
    pub no_warn: bool,
    /// True if there must be no infos.
    pub no_info: bool,
    /// The expected result.
    pub expected: Expected,
}

/// The time at which a query is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvalTime {
    /// An instant query, in milliseconds.
    Instant(Timestamp),
    /// A range query.
    Range {
        /// The first time, in milliseconds.
        start: Timestamp,
        /// The time that no step is later than, in milliseconds.
        end: Timestamp,
        /// The interval between two steps.
        step: Duration,
    },
}

/// The expected message of an error or annotation.
#[derive(Clone, Debug)]
pub enum Expectation {
    /// Any message.
    Any,
    /// Exactly this message.
    Message(String),
    /// A message that contains a match of the regular expression.
    Regex(Regex),
}

impl Expectation {
    /// Returns true if a message is as expected.
    pub fn matches(&self, message: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Message(expected) => expected == message,
            Self::Regex(regex) => regex.is_match(message),
        }
    }

    /// Returns the message or the regular expression.
    pub fn text(&self) -> &str {
        match self {
            Self::Any => ".*",
            Self::Message(message) => message,
            Self::Regex(regex) => regex.source(),
        }
    }
}

/// The expected answer. Series stand in the order of their lines.
#[derive(Clone, Debug)]
pub enum Expected {
    /// The series of an instant or range query.
    Series(Vec<(Labels, Vec<SequenceValue>)>),
    /// A scalar.
    Scalar(f64),
    /// A string.
    String(String),
    /// The series of a range vector, and the times of their values.
    RangeVector {
        /// The time of the first values, in milliseconds.
        start: Timestamp,
        /// The time that no value is later than, in milliseconds.
        end: Timestamp,
        /// The interval between two values.
        step: Duration,
        /// The series with their values.
        series: Vec<(Labels, Vec<SequenceValue>)>,
    },
}

/// The lines of a script that belong together: the first, and those up to an empty line.
struct Block<'a> {
    head: &'a str,
    line: usize,
    body: &'a [(usize, &'a str)],
}

impl Script {
    /// Parses a script. The error names the first line that is invalid.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let lines: Vec<(usize, &str)> = text
            .lines()
            .enumerate()
            .map(|(at, line)| (at + 1, line.trim()))
            .map(|(at, line)| (at, if line.starts_with('#') { "" } else { line }))
            .collect();
        let mut commands = Vec::new();
        let mut rest = &lines[..];
        while let Some((&(line, head), behind)) = rest.split_first() {
            rest = behind;
            if head.is_empty() {
                continue;
            }
            let word = head.split([' ', '\t']).next().unwrap_or_default().to_lowercase();
            if word == "clear" {
                commands.push(Command::Clear);
                continue;
            }
            // A load ends at an empty line, and so does an evaluation unless it ends before.
            let end = rest.iter().position(|(_, text)| text.is_empty()).unwrap_or(rest.len());
            let (body, behind) = rest.split_at(end);
            let block = Block { head, line, body };
            if word.starts_with("load") {
                commands.push(Command::Load(parse_load(&block)?));
                rest = behind;
            } else if word.starts_with("eval") {
                let (eval, used) = parse_eval(&block)?;
                commands.push(Command::Eval(Box::new(eval)));
                rest = rest.get(used..).unwrap_or_default();
            } else {
                return Err(at(line, format!("invalid command {head}", head = quote(head))));
            }
        }
        Ok(Self { commands })
    }

    /// The number of queries.
    pub fn evals(&self) -> usize {
        self.commands.iter().filter(|command| matches!(command, Command::Eval(_))).count()
    }
}

fn at(line: usize, message: impl Into<String>) -> ScriptError {
    ScriptError { line, message: message.into() }
}

fn parse_duration(what: &str, text: &str) -> Result<Duration, String> {
    Duration::parse(text)
        .map_err(|error| format!("invalid {what} definition {text}: {error}", text = quote(text)))
}

fn parse_load(block: &Block<'_>) -> Result<Load, ScriptError> {
    let invalid = || at(block.line, "invalid load command. (load[_with_nhcb] <step:duration>)");
    let (word, step) = block.head.split_once([' ', '\t']).ok_or_else(invalid)?;
    let with_nhcb = match word {
        "load" => false,
        "load_with_nhcb" => true,
        _ => return Err(invalid()),
    };
    let step = parse_duration("step", step.trim()).map_err(|why| at(block.line, why))?;
    let mut load = Load { line: block.line, step, start: 0, with_nhcb, series: Vec::new() };
    let mut starts: Option<(usize, Labels, Vec<Option<i64>>)> = None;
    for &(line, text) in block.body {
        if let Some(parsed) = parse_start_times(text) {
            let (labels, offsets) = parsed.map_err(|why| at(line, why))?;
            if let Some((line, ..)) = starts.replace((line, labels, offsets)) {
                return Err(at(line, "@st line has no following sample line"));
            }
            continue;
        }
        let series = parse_series_line(text).map_err(|why| at(line, why))?;
        let offsets = match starts.take() {
            None => Vec::new(),
            Some((line, labels, _)) if labels != series.labels => {
                return Err(at(line, "@st metric does not match the following sample line metric"));
            }
            Some((line, _, offsets)) if offsets.len() != series.values.len() => {
                let (offsets, values) = (offsets.len(), series.values.len());
                let why = format!("@st line has {offsets} values but sample line has {values}");
                return Err(at(line, why));
            }
            Some((_, _, offsets)) => offsets,
        };
        // A series that is written twice has the values of its last line.
        load.series.retain(|(labels, ..)| *labels != series.labels);
        load.series.push((series.labels, series.values, offsets));
    }
    match starts {
        Some((line, ..)) => Err(at(line, "@st line has no following sample line")),
        None => Ok(load),
    }
}

/// The first word and the rest after the spaces.
fn word(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
    (word, rest.trim_start())
}

/// The value of `name value rest`.
fn named<'a>(text: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let (keyword, rest) = word(text);
    (keyword == name).then(|| word(rest))
}

const INVALID_EVAL: &str = "invalid evaluation command. Must be either 'eval[_fail|_warn|_ordered] instant [at <offset:duration>] <query>' or 'eval[_fail|_warn] range from <from> to <to> step <step> <query>'";

/// An evaluation, and how many lines below it belong to it.
fn parse_eval(block: &Block<'_>) -> Result<(Eval, usize), ScriptError> {
    let invalid = || at(block.line, INVALID_EVAL);
    let (command, rest) = word(block.head);
    let (kind, rest) = word(rest);
    let (when, query) = match kind {
        "instant" => {
            let (time, query) = named(rest, "at").ok_or_else(invalid)?;
            let time = parse_duration("timestamp", time).map_err(|why| at(block.line, why))?;
            (EvalTime::Instant(time.millis()), query)
        }
        "range" => {
            let ((start, end, step), query) =
                times(rest).ok_or_else(invalid)?.map_err(|why| at(block.line, why))?;
            (EvalTime::Range { start, end, step }, query)
        }
        _ => return Err(invalid()),
    };
    if query.is_empty() {
        return Err(invalid());
    }
    let mut eval = Eval {
        line: block.line,
        query: query.to_owned(),
        when,
        ordered: false,
        fail: None,
        warn: Vec::new(),
        info: Vec::new(),
        no_warn: false,
        no_info: false,
        expected: Expected::Series(Vec::new()),
    };
    match command {
        "eval" => {}
        "eval_ordered" if kind == "instant" => eval.ordered = true,
        "eval_fail" => eval.fail = Some(Expectation::Any),
        // The older forms say nothing of which annotation it is, or of others.
        "eval_warn" => eval.warn.push(Expectation::Any),
        "eval_info" => eval.info.push(Expectation::Any),
        _ => return Err(invalid()),
    }
    let mut used = 0;
    for &(line, text) in block.body {
        used += 1;
        let more = parse_expected(&mut eval, text).map_err(|why| {
            at(line, format!("error in eval {query} (line {}): {why}", block.line))
        })?;
        if !more {
            break;
        }
    }
    Ok((eval, used))
}

type Times = (Timestamp, Timestamp, Duration);

/// `from A to B step C rest`; `None` where the text is not of this form.
fn times(text: &str) -> Option<Result<(Times, &str), String>> {
    let (from, rest) = named(text, "from")?;
    let (to, rest) = named(rest, "to")?;
    let (step, rest) = named(rest, "step")?;
    let parse = || {
        let start = parse_duration("start timestamp", from)?.millis();
        let end = parse_duration("end timestamp", to)?.millis();
        if end < start {
            return Err(format!(
                "invalid test definition, end timestamp ({to}) is before start timestamp ({from})"
            ));
        }
        Ok(((start, end, parse_duration("step", step)?), rest))
    };
    Some(parse())
}

/// Reads a line below an evaluation. False where nothing can follow.
fn parse_expected(eval: &mut Eval, line: &str) -> Result<bool, String> {
    if eval.fail.is_some() {
        if let Some(message) = line.strip_prefix("expected_fail_message") {
            eval.fail = Some(Expectation::Message(message.trim().to_owned()));
            return Ok(false);
        }
        if let Some(pattern) = line.strip_prefix("expected_fail_regexp") {
            eval.fail = Some(Expectation::Regex(compile(pattern.trim())?));
            return Ok(false);
        }
    }
    if let Some(rest) = line.strip_prefix("expect range vector") {
        let invalid = || format!("invalid range vector definition {line}", line = quote(line));
        let ((start, end, step), rest) = times(rest.trim_start()).ok_or_else(invalid)??;
        if !rest.is_empty() {
            return Err(invalid());
        }
        eval.when = EvalTime::Instant(end);
        eval.expected = Expected::RangeVector { start, end, step, series: Vec::new() };
        return Ok(true);
    }
    if let Some(literal) = line.strip_prefix("expect string") {
        let text = unquote(literal.trim()).ok_or(
            "expected string literal not valid - check that the string is correctly quoted",
        )?;
        eval.expected = Expected::String(text);
        return Ok(true);
    }
    if let ("expect", rest) = word(line) {
        parse_expect(eval, rest)?;
        return Ok(true);
    }
    let number = parse_int_literal(line).map(|whole| whole as f64).or(parse_float(line).ok());
    if let Some(number) = number {
        eval.expected = Expected::Scalar(number);
        return Ok(false);
    }
    let series = parse_series_line(line)?;
    match &mut eval.expected {
        Expected::RangeVector { series: list, .. } => list.push((series.labels, series.values)),
        Expected::Series(list) => {
            if series.values.len() > 1 && matches!(eval.when, EvalTime::Instant(_)) {
                return Err("expecting multiple values in instant evaluation not allowed. consider using 'expect range vector' directive to enable a range vector result for an instant query".into());
            }
            list.retain(|(labels, _)| *labels != series.labels);
            list.push((series.labels, series.values));
        }
        Expected::Scalar(_) | Expected::String(_) => {
            return Err("a series cannot be expected beside a scalar or a string".into());
        }
    }
    Ok(true)
}

/// `warn msg: text`, `no_info`, `ordered`.
fn parse_expect(eval: &mut Eval, text: &str) -> Result<(), String> {
    let invalid = || {
        "invalid expect statement, must match `expect <type> <match_type>: <string>` format"
            .to_owned()
    };
    let (kind, rest) = word(text);
    let expectation = match rest.split_once(':') {
        None if rest.is_empty() => Expectation::Any,
        Some(("msg", message)) => Expectation::Message(message.trim().to_owned()),
        Some(("regex", pattern)) => Expectation::Regex(compile(pattern.trim())?),
        _ => return Err(invalid()),
    };
    match kind {
        "ordered" => eval.ordered = true,
        "fail" if matches!(eval.fail, Some(Expectation::Message(_) | Expectation::Regex(_))) => {
            return Err("invalid expect lines, multiple expect fail lines are not allowed".into());
        }
        "fail" => eval.fail = Some(expectation),
        "warn" => eval.warn.push(expectation),
        "info" => eval.info.push(expectation),
        "no_warn" => eval.no_warn = true,
        "no_info" => eval.no_info = true,
        _ => return Err(invalid()),
    }
    if eval.no_info && !eval.info.is_empty() {
        return Err("invalid expect lines, info and no_info cannot be used together".into());
    }
    if eval.no_warn && !eval.warn.is_empty() {
        return Err("invalid expect lines, warn and no_warn cannot be used together".into());
    }
    Ok(())
}

fn compile(pattern: &str) -> Result<Regex, String> {
    Regex::unanchored(pattern).map_err(|_| format!("invalid regex {pattern}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_commands() {
        let script = Script::parse(
            "# a comment\nload 1m\n  m{a=\"b\"}@st -1m -1m\n  m{a=\"b\"} 1 2\n  # inside\n\nclear\n\
             eval instant at 5m sum(m)\n  expect warn msg: careful (1:1)\n  expect no_info\n  {} 3\n\n\
             eval range from 0 to 2m step 30s m\n  m 1 2 _ 4x1\n\
             \neval_fail instant at 1m m+\n  expected_fail_regexp a.c\n\
             \neval instant at 0 \"x\"\n  expect string \"x\"\n\
             \neval instant at 0 1\n 0x10\neval instant at 0 2\n 2\n",
        )
        .unwrap();
        assert_eq!(script.commands.len(), 8);
        assert_eq!(script.evals(), 6);
        let evals: Vec<&Eval> = script
            .commands
            .iter()
            .filter_map(|command| match command {
                Command::Eval(eval) => Some(&**eval),
                _ => None,
            })
            .collect();
        assert_eq!(evals[0].query, "sum(m)");
        assert_eq!(evals[0].line, 8);
        assert!(evals[0].warn[0].matches("careful (1:1)") && evals[0].no_info);
        assert_eq!(
            evals[1].when,
            EvalTime::Range { start: 0, end: 120_000, step: Duration::from_secs(30) }
        );
        assert!(evals[2].fail.as_ref().unwrap().matches("xabcx"));
        assert!(matches!(&evals[3].expected, Expected::String(text) if text == "x"));
        assert!(matches!(evals[4].expected, Expected::Scalar(16.0)));
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        for (text, line, message) in [
            ("\nfoo 1m", 2, "invalid command"),
            ("load 1x\n m 1", 1, "invalid step definition"),
            ("load 1m\n m@st 1m\n", 2, "no following sample line"),
            ("load 1m\n m@st 1m 2m\n m 1", 2, "has 2 values but sample line has 1"),
            ("load 1m\n m@st 1m\n n 1", 2, "does not match"),
            ("load 1m\n m y", 2, "expected number"),
            ("eval instant m", 1, "invalid evaluation command"),
            ("eval instant at 1m m\n m 1 2", 2, "multiple values in instant evaluation"),
            ("eval instant at 1m m\n expect warn\n expect no_warn", 3, "cannot be used together"),
            ("eval instant at 1m m\n expect foo", 2, "invalid expect statement"),
            ("eval range from 2m to 1m step 1m m", 1, "is before start timestamp"),
        ] {
            let error = Script::parse(text).unwrap_err();
            assert_eq!(error.line, line, "{text}: {error}");
            assert!(error.message.contains(message), "{text}: {error}");
        }
    }
}
