//! Semantic versions and constraints as charts use them.
//!
//! Source: Masterminds/semver v3 version.go and constraints.go. They read `v1.2` as a version and
//! let a version with a prerelease pass only a constraint that names one.

use std::cmp::Ordering;
use std::fmt;

/// A semantic version. Build metadata does not count in comparisons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    pub major: u64,
    pub minor: u64,
    pub patch: u64,
    pub prerelease: String,
    pub metadata: String,
    /// The text that the version was read from.
    pub original: String,
}

/// The message of Go for a text that is no version.
pub const INVALID: &str = "invalid semantic version";

impl Version {
    /// Reads a version that may begin with `v` and may lack minor and patch.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (parts, rest) = Parts::read(text, |digit| digit.is_ascii_digit());
        if !rest.is_empty() || parts.numbers[0].is_empty() {
            return Err(INVALID.to_owned());
        }
        let number = |at: usize| {
            match parts.numbers[at] {
            "" => Ok(0),
            digits => digits.parse().map_err(|_| {
                format!("error parsing version segment: strconv.ParseUint: parsing \"{digits}\": value out of range")
            }),
        }
        };
        let version = Self {
            major: number(0)?,
            minor: number(1)?,
            patch: number(2)?,
            prerelease: parts.prerelease.to_owned(),
            metadata: parts.metadata.to_owned(),
            original: text.to_owned(),
        };
        let leading_zero = |part: &str| {
            part.len() > 1 && part.starts_with('0') && part.bytes().all(|b| b.is_ascii_digit())
        };
        if version.prerelease.split('.').any(leading_zero) {
            return Err("version segment starts with 0".to_owned());
        }
        Ok(version)
    }

    /// Returns true if the text is a version by the letter of the standard: three numbers without
    /// leading zeros and without `v`.
    pub fn is_strict(text: &str) -> bool {
        let (parts, rest) = Parts::read(text, |digit| digit.is_ascii_digit());
        let plain =
            |digits: &&str| !digits.is_empty() && (digits.len() == 1 || !digits.starts_with('0'));
        rest.is_empty()
            && !text.starts_with('v')
            && parts.numbers.iter().all(plain)
            && Self::parse(text).is_ok()
    }

    /// Compares by precedence.
    pub fn compare(&self, other: &Self) -> Ordering {
        let numbers = |version: &Self| (version.major, version.minor, version.patch);
        numbers(self)
            .cmp(&numbers(other))
            .then_with(|| compare_prereleases(&self.prerelease, &other.prerelease))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.prerelease.is_empty() {
            write!(f, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

fn compare_prereleases(a: &str, b: &str) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        _ => {}
    }
    let (mut left, mut right) = (a.split('.'), b.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => Ordering::Less,
            (Some(_), None) => Ordering::Greater,
            (Some(a), Some(b)) => match (a.parse::<u64>(), b.parse::<u64>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => a.cmp(b),
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// The parts of a version at the start of a text.
struct Parts<'a> {
    /// Major, minor, patch; empty if missing.
    numbers: [&'a str; 3],
    prerelease: &'a str,
    metadata: &'a str,
    /// True if a prerelease is there.
    has_prerelease: bool,
}

impl<'a> Parts<'a> {
    /// Reads as much as belongs to a version. Returns the rest too.
    fn read(text: &'a str, is_digit: fn(&u8) -> bool) -> (Self, &'a str) {
        let mut parts =
            Self { numbers: [""; 3], prerelease: "", metadata: "", has_prerelease: false };
        let mut rest = text.strip_prefix('v').unwrap_or(text);
        let span = |text: &'a str| {
            let end = text.bytes().position(|byte| !is_digit(&byte)).unwrap_or(text.len());
            text.split_at(end)
        };
        (parts.numbers[0], rest) = span(rest);
        if parts.numbers[0].is_empty() {
            return (parts, rest);
        }
        for at in 1..3 {
            let Some(behind) = rest.strip_prefix('.') else { break };
            let (number, behind) = span(behind);
            if number.is_empty() {
                break;
            }
            parts.numbers[at] = number;
            rest = behind;
        }
        for (sign, is_prerelease) in [('-', true), ('+', false)] {
            let Some(behind) = rest.strip_prefix(sign) else { continue };
            let (identifiers, behind) = identifiers(behind);
            if identifiers.is_empty() {
                continue;
            }
            if is_prerelease {
                parts.prerelease = identifiers;
                parts.has_prerelease = true;
            } else {
                parts.metadata = identifiers;
            }
            rest = behind;
        }
        (parts, rest)
    }
}

/// Splits `a.b-c` off a text.
fn identifiers(text: &str) -> (&str, &str) {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let bytes = text.as_bytes();
    let mut end = 0;
    while let Some(&byte) = bytes.get(end) {
        let next_is_part = bytes.get(end + 1).is_some_and(|byte| is_part(*byte));
        if is_part(byte) || (byte == b'.' && end > 0 && next_is_part) {
            end += 1;
        } else {
            break;
        }
    }
    text.split_at(end)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    AtLeast,
    AtMost,
    Tilde,
    Caret,
}

/// Operators as they are written, longer ones first.
const OPERATORS: &[(&str, Operator)] = &[
    ("!=", Operator::NotEqual),
    (">=", Operator::AtLeast),
    ("=>", Operator::AtLeast),
    ("<=", Operator::AtMost),
    ("=<", Operator::AtMost),
    ("~>", Operator::Tilde),
    ("=", Operator::Equal),
    (">", Operator::Greater),
    ("<", Operator::Less),
    ("~", Operator::Tilde),
    ("^", Operator::Caret),
    ("", Operator::Equal),
];

#[derive(Clone, Debug)]
struct Comparison {
    operator: Operator,
    version: Version,
    /// A part of the version is missing or a wildcard: the minor one, the patch, any.
    minor_open: bool,
    patch_open: bool,
    open: bool,
}

/// A constraint: alternatives of comparisons that must all hold.
#[derive(Clone, Debug)]
pub struct Constraint {
    alternatives: Vec<Vec<Comparison>>,
}

impl Constraint {
    /// Reads a constraint such as `>=1.2 <2 || ~3.1`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = rewrite_ranges(text);
        let alternatives = text.split("||").map(alternative).collect::<Result<_, _>>()?;
        Ok(Self { alternatives })
    }

    /// Returns true if the version is allowed.
    pub fn allows(&self, version: &Version) -> bool {
        self.alternatives.iter().any(|comparisons| {
            let prereleases = comparisons.iter().any(|one| !one.version.prerelease.is_empty());
            (version.prerelease.is_empty() || prereleases)
                && comparisons.iter().all(|comparison| comparison.allows(version))
        })
    }
}

/// Returns true if both are readable and the version is allowed. Source: helm pkg/chart/v2/util
/// compatible.go `IsCompatibleRange`.
pub fn is_compatible(constraint: &str, version: &str) -> bool {
    match (Constraint::parse(constraint), Version::parse(version)) {
        (Ok(constraint), Ok(version)) => constraint.allows(&version),
        _ => false,
    }
}

/// Writes `1.2 - 1.4` as `>= 1.2, <= 1.4`.
fn rewrite_ranges(text: &str) -> String {
    let parts: Vec<&str> = text.split(" - ").collect();
    let mut out = String::new();
    for (at, part) in parts.iter().enumerate() {
        if at == 0 {
            out.push_str(part);
            continue;
        }
        let before = out.trim_end();
        let start = before
            .rfind(|c: char| c.is_whitespace() || c == ',' || c == '|')
            .map_or(0, |at| at + 1);
        let low = before.get(start..).unwrap_or_default().to_owned();
        out.truncate(start);
        out.push_str(&format!(">= {low}, <= {}", part.trim_start()));
    }
    out
}

fn alternative(text: &str) -> Result<Vec<Comparison>, String> {
    let improper = || format!("improper constraint: {}", go::quote::quote(text));
    let mut comparisons = Vec::new();
    let mut rest = text.trim_start();
    loop {
        let found = OPERATORS.iter().find_map(|(sign, operator)| {
            rest.strip_prefix(sign).map(|behind| (*operator, behind.trim_start()))
        });
        let Some((operator, behind)) = found else { return Err(improper()) };
        let (parts, behind) = Parts::read(behind, |digit| {
            digit.is_ascii_digit() || matches!(digit, b'x' | b'X' | b'*' | b'|')
        });
        if parts.numbers[0].is_empty() {
            return Err(improper());
        }
        comparisons.push(comparison(operator, &parts)?);
        rest = behind.trim_start();
        if rest.is_empty() {
            return Ok(comparisons);
        }
        match rest.strip_prefix(',') {
            Some(behind) => rest = behind.trim_start(),
            None if rest.len() < behind.len() => {}
            None => return Err(improper()),
        }
    }
}

fn comparison(operator: Operator, parts: &Parts<'_>) -> Result<Comparison, String> {
    let is_open = |part: &str| matches!(part, "" | "x" | "X" | "*");
    let [major, minor, patch] = parts.numbers;
    let (mut minor_open, mut patch_open) = (false, false);
    let mut text = if is_open(major) {
        "0.0.0".to_owned()
    } else if is_open(minor) {
        minor_open = true;
        format!("{major}.0.0")
    } else if is_open(patch) {
        patch_open = true;
        format!("{major}.{minor}.0")
    } else {
        format!("{major}.{minor}.{patch}")
    };
    if parts.has_prerelease {
        text.push_str(&format!("-{}", parts.prerelease));
    }
    let version = Version::parse(&text).map_err(|_| "constraint parser error".to_owned())?;
    let open = is_open(major) || minor_open || patch_open;
    Ok(Comparison { operator, version, minor_open, patch_open, open })
}

impl Comparison {
    fn allows(&self, version: &Version) -> bool {
        let order = version.compare(&self.version);
        match self.operator {
            Operator::Less => order.is_lt(),
            Operator::AtLeast => order.is_ge(),
            Operator::Greater => self.greater(version, order),
            Operator::AtMost if !self.open => order.is_le(),
            Operator::AtMost => {
                let limit = &self.version;
                version.major < limit.major
                    || (version.major == limit.major
                        && (version.minor <= limit.minor || self.minor_open))
            }
            Operator::Equal if self.open => self.tilde(version, order),
            Operator::Equal => order.is_eq(),
            Operator::NotEqual => self.not_equal(version, order),
            Operator::Tilde => self.tilde(version, order),
            Operator::Caret => self.caret(version, order),
        }
    }

    fn greater(&self, version: &Version, order: Ordering) -> bool {
        let limit = &self.version;
        if !self.open || version.major != limit.major {
            return order.is_gt();
        }
        match (self.minor_open, self.patch_open) {
            (true, _) => false,
            (_, true) => version.minor > limit.minor,
            _ => order.is_gt(),
        }
    }

    fn not_equal(&self, version: &Version, order: Ordering) -> bool {
        let limit = &self.version;
        if !self.open || version.major != limit.major {
            return order.is_ne();
        }
        if self.minor_open {
            return false;
        }
        if self.patch_open && version.minor == limit.minor {
            return version.prerelease != limit.prerelease;
        }
        order.is_ne()
    }

    fn tilde(&self, version: &Version, order: Ordering) -> bool {
        let limit = &self.version;
        if order.is_lt() {
            return false;
        }
        let is_zero = (limit.major, limit.minor, limit.patch) == (0, 0, 0);
        if is_zero && !self.minor_open && !self.patch_open {
            return true;
        }
        version.major == limit.major && (version.minor == limit.minor || self.minor_open)
    }

    fn caret(&self, version: &Version, order: Ordering) -> bool {
        let limit = &self.version;
        if order.is_lt() {
            return false;
        }
        if limit.major > 0 || self.minor_open || version.major > 0 {
            return version.major == limit.major;
        }
        if limit.minor > 0 || self.patch_open || version.minor > 0 {
            return version.minor == limit.minor;
        }
        version.patch == limit.patch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        for (text, expected) in [
            ("1.2.3-alpha.1+123", Ok("1.2.3-alpha.1+123")),
            ("v1.2", Ok("1.2.0")),
            ("3", Ok("3.0.0")),
            ("abc", Err(INVALID)),
            ("1.2.3.4", Err(INVALID)),
            ("1.2-", Err(INVALID)),
            ("", Err(INVALID)),
            ("1.0.0-01", Err("version segment starts with 0")),
        ] {
            let found = Version::parse(text).map(|version| version.to_string());
            assert_eq!(found.as_deref().map_err(String::as_str), expected, "{text}");
        }
    }

    #[test]
    fn constraints_hold() {
        for (constraint, version, expected) in [
            (">=1.25", "1.27.3-gke.100", false),
            (">=1.25-0", "1.27.3-gke.100", true),
            ("~1.2.0", "1.2.9", true),
            ("~1.2", "1.3.0", false),
            ("^1.2", "1.9", true),
            ("^0.2.3", "0.3.0", false),
            ("1.x", "1.5.2", true),
            ("*", "4.5.6", true),
            ("", "1.0.0", false),
            (">1", "1.9.0", false),
            (">1", "2.0.0", true),
            ("1.2 - 1.4.5", "1.4.0", true),
            ("1.2 - 1.4.5", "1.4.6", false),
            (">= 1.23.0 < 2.0.0", "v1.36.0", true),
            ("<1 || >=3", "3.1", true),
            ("!=1.2", "1.2.5", false),
        ] {
            assert_eq!(is_compatible(constraint, version), expected, "{constraint} {version}");
        }
        let error = Constraint::parse(">>1").map(|_| ());
        assert_eq!(error, Err("improper constraint: \">>1\"".to_owned()));
    }
}
