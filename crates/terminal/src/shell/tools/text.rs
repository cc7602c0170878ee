//! Tools that take lines and give lines.

use super::{inputs, mistake};
use crate::Output;
use crate::shell::World;

/// Options with a value, and the other words.
struct Parsed<'a> {
    flags: Vec<char>,
    values: Vec<(char, &'a str)>,
    words: Vec<&'a str>,
}

impl<'a> Parsed<'a> {
    fn new(arguments: &[&'a str], with_value: &str) -> Self {
        let mut parsed = Self { flags: Vec::new(), values: Vec::new(), words: Vec::new() };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let letters = match word.strip_prefix('-') {
                Some(letters) if !letters.is_empty() => letters,
                _ => {
                    parsed.words.push(word);
                    continue;
                }
            };
            // `head -5` and `tail -5`.
            if letters.chars().all(|c| c.is_ascii_digit()) {
                parsed.values.push(('n', letters));
                continue;
            }
            if letters.starts_with('-') {
                parsed.long(letters.trim_start_matches('-'));
                continue;
            }
            for (at, letter) in letters.char_indices() {
                if !with_value.contains(letter) {
                    parsed.flags.push(letter);
                    continue;
                }
                let inline = &letters[at + letter.len_utf8()..];
                let value = if inline.is_empty() { words.next().copied() } else { Some(inline) };
                parsed.values.push((letter, value.unwrap_or_default()));
                break;
            }
        }
        parsed
    }

    /// A long option as its letter.
    fn long(&mut self, option: &'a str) {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        match name {
            "lines" => self.values.push(('n', value)),
            "decode" => self.flags.push('d'),
            "numeric-sort" => self.flags.push('n'),
            "reverse" => self.flags.push('r'),
            "unique" => self.flags.push('u'),
            "count" => self.flags.push('c'),
            "delimiter" => self.values.push(('d', value)),
            "fields" => self.values.push(('f', value)),
            "wrap" => self.values.push(('w', value)),
            _ => self.flags.push('?'),
        }
    }

    fn has(&self, letter: char) -> bool {
        self.flags.contains(&letter)
    }

    fn value(&self, letter: char) -> Option<&'a str> {
        self.values.iter().rev().find(|(known, _)| *known == letter).map(|(_, value)| *value)
    }
}

pub(super) fn run(name: &str, arguments: &[&str], input: &str, world: &dyn World) -> Output {
    let with_value = match name {
        "head" | "tail" => "nc",
        "sort" => "kt",
        "cut" => "dfc",
        "base64" => "w",
        _ => "",
    };
    let parsed = Parsed::new(arguments, with_value);
    if name == "tr" {
        return translate(&parsed, input);
    }
    let (text, mut output) = inputs(name, &parsed.words, input, world);
    let result = match name {
        "head" => head(&parsed, &text),
        "tail" => tail(&parsed, &text),
        "wc" => Ok(count(&parsed, &text)),
        "sort" => Ok(sort(&parsed, &text)),
        "uniq" => Ok(unique(&parsed, &text)),
        "cut" => cut(&parsed, &text),
        _ => base64(&parsed, &text),
    };
    match result {
        Ok(text) => output.stdout = text,
        Err(message) => return mistake(name, &message),
    }
    output
}

fn number(parsed: &Parsed<'_>) -> Result<(usize, char), String> {
    let Some(text) = parsed.value('n') else { return Ok((10, ' ')) };
    let sign = text.chars().next().filter(|c| matches!(c, '+' | '-'));
    let digits = text.trim_start_matches(['+', '-']);
    let number = digits.parse().map_err(|_| format!("invalid number of lines: ‘{text}’"))?;
    Ok((number, sign.unwrap_or(' ')))
}

fn head(parsed: &Parsed<'_>, text: &str) -> Result<String, String> {
    let (number, sign) = number(parsed)?;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let end = if sign == '-' { lines.len().saturating_sub(number) } else { number };
    Ok(lines.into_iter().take(end).collect())
}

fn tail(parsed: &Parsed<'_>, text: &str) -> Result<String, String> {
    let (number, sign) = number(parsed)?;
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let start = match sign {
        '+' => number.saturating_sub(1),
        _ => lines.len().saturating_sub(number),
    };
    Ok(lines.into_iter().skip(start).collect())
}

fn count(parsed: &Parsed<'_>, text: &str) -> String {
    let all = [
        ('l', text.matches('\n').count()),
        ('w', text.split_whitespace().count()),
        ('c', text.len()),
        ('m', text.chars().count()),
    ];
    let chosen: Vec<usize> =
        all.iter().filter(|(letter, _)| parsed.has(*letter)).map(|(_, count)| *count).collect();
    match &chosen[..] {
        [] => {
            let cells: Vec<String> =
                all.iter().take(3).map(|(_, count)| format!("{count:7}")).collect();
            format!("{}\n", cells.join(" "))
        }
        chosen => {
            let cells: Vec<String> = chosen.iter().map(ToString::to_string).collect();
            format!("{}\n", cells.join(" "))
        }
    }
}

/// The key of a line: what begins at a field.
fn key(line: &str, field: Option<usize>, separator: Option<char>) -> &str {
    let Some(field) = field.filter(|field| *field > 1) else { return line };
    match separator {
        Some(separator) => {
            let at = line.match_indices(separator).nth(field - 2);
            at.map_or("", |(at, separator)| &line[at + separator.len()..])
        }
        None => {
            let mut rest = line.trim_start();
            for _ in 1..field {
                rest = rest.find(char::is_whitespace).map_or("", |at| rest[at..].trim_start());
            }
            rest
        }
    }
}

fn sort(parsed: &Parsed<'_>, text: &str) -> String {
    let spec = parsed.value('k').unwrap_or_default();
    let digits: String = spec.chars().take_while(char::is_ascii_digit).collect();
    let field = digits.parse::<usize>().ok();
    let separator = parsed.value('t').and_then(|text| text.chars().next());
    let numeric = parsed.has('n') || spec.contains('n');
    let reverse = parsed.has('r') || spec.contains('r');
    let value = |line: &str| {
        let text = key(line, field, separator).trim_start();
        let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'));
        text[..end.unwrap_or(text.len())].parse::<f64>().unwrap_or(0.0)
    };
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_by(|left, right| {
        let order = if numeric {
            value(left).total_cmp(&value(right))
        } else {
            key(left, field, separator).cmp(key(right, field, separator))
        };
        let order = order.then_with(|| left.cmp(right));
        if reverse { order.reverse() } else { order }
    });
    if parsed.has('u') {
        lines.dedup();
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn unique(parsed: &Parsed<'_>, text: &str) -> String {
    let mut groups: Vec<(&str, usize)> = Vec::new();
    for line in text.lines() {
        match groups.last_mut().filter(|(known, _)| *known == line) {
            Some((_, count)) => *count += 1,
            None => groups.push((line, 1)),
        }
    }
    let shown = groups.into_iter().filter(|(_, count)| !parsed.has('d') || *count > 1);
    let text = |(line, count): (&str, usize)| match parsed.has('c') {
        true => format!("{count:7} {line}\n"),
        false => format!("{line}\n"),
    };
    shown.map(text).collect()
}

/// The positions that `1,3-5` names, from 1.
fn positions(list: &str) -> Result<Vec<(usize, usize)>, String> {
    let invalid = || format!("invalid field range ‘{list}’");
    let part = |text: &str, otherwise: usize| match text {
        "" => Ok(otherwise),
        text => text.parse::<usize>().map_err(|_| invalid()),
    };
    let ranges = list.split(',').map(|item| match item.split_once('-') {
        Some((first, last)) => Ok((part(first, 1)?, part(last, usize::MAX)?)),
        None => part(item, 0).map(|one| (one, one)),
    });
    ranges.collect()
}

fn cut(parsed: &Parsed<'_>, text: &str) -> Result<String, String> {
    let list = parsed.value('f').or_else(|| parsed.value('c'));
    let Some(list) = list else {
        return Err("you must specify a list of bytes, characters, or fields".to_owned());
    };
    let ranges = positions(list)?;
    let chosen = |at: usize| ranges.iter().any(|(first, last)| (*first..=*last).contains(&at));
    let delimiter = parsed.value('d').and_then(|text| text.chars().next()).unwrap_or('\t');
    let by_field = parsed.value('f').is_some();
    let line = |line: &str| -> String {
        if !by_field {
            let kept = line.chars().enumerate().filter(|(at, _)| chosen(at + 1));
            return kept.map(|(_, c)| c).collect();
        }
        if !line.contains(delimiter) {
            return line.to_owned();
        }
        let kept = line.split(delimiter).enumerate().filter(|(at, _)| chosen(at + 1));
        kept.map(|(_, field)| field).collect::<Vec<_>>().join(&delimiter.to_string())
    };
    Ok(text.lines().map(|one| line(one) + "\n").collect())
}

fn base64(parsed: &Parsed<'_>, text: &str) -> Result<String, String> {
    if !parsed.has('d') && !parsed.has('D') {
        return Ok(go::base64::encode(text.as_bytes()) + "\n");
    }
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    match go::base64::decode(&compact) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(_) => Err("invalid input".to_owned()),
    }
}

/// The characters of a set: `a-z`, `\n`, `[:upper:]`.
fn set(text: &str) -> Vec<char> {
    let text = match text {
        "[:upper:]" => "A-Z",
        "[:lower:]" => "a-z",
        "[:digit:]" => "0-9",
        "[:space:]" => " \\t\\n",
        text => text,
    };
    let unescaped: Vec<char> = super::unescape(text).chars().collect();
    let mut chars = Vec::new();
    let mut at = 0;
    while let Some(first) = unescaped.get(at) {
        match (unescaped.get(at + 1), unescaped.get(at + 2)) {
            (Some('-'), Some(last)) if first <= last => {
                chars.extend(*first..=*last);
                at += 3;
            }
            _ => {
                chars.push(*first);
                at += 1;
            }
        }
    }
    chars
}

fn translate(parsed: &Parsed<'_>, input: &str) -> Output {
    let (from, to) = match &parsed.words[..] {
        [from] if parsed.has('d') || parsed.has('s') => (set(from), Vec::new()),
        [from, to] => (set(from), set(to)),
        _ => return mistake("tr", "two sets are needed"),
    };
    let mut output = Output::default();
    let mut last = None;
    for c in input.chars() {
        let Some(at) = from.iter().position(|one| *one == c) else {
            output.stdout.push(c);
            last = None;
            continue;
        };
        if parsed.has('d') {
            continue;
        }
        let c = to.get(at).or(to.last()).copied().unwrap_or(c);
        if !(parsed.has('s') && last == Some(c)) {
            output.stdout.push(c);
        }
        last = Some(c);
    }
    output
}
