//! Versions of Prometheus, Alertmanager and Thanos that custom resources ask for.

use std::fmt;

use kubernetes::object::Value;

use crate::store::Checked;

/// The versions that the Operator 0.94.1 runs if the object names none.
pub const PROMETHEUS: &str = "v3.14.0";
pub const ALERTMANAGER: &str = "v0.34.0";
pub const THANOS: &str = "v0.42.4";

/// A version; pre-release and build parts are not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u64, pub u64, pub u64);

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl Version {
    /// Reads `v3.14.0`, `3.14` or `3`. The error is that of blang/semver ParseTolerant.
    pub fn parse(text: &str) -> Checked<Self> {
        let text = text.trim();
        let text = text.strip_prefix('v').unwrap_or(text);
        let core = text.split(['-', '+']).next().unwrap_or_default();
        let mut parts: Vec<&str> = core.splitn(3, '.').collect();
        let trimmed: Vec<String> = parts
            .iter_mut()
            .map(|part| {
                let rest = part.trim_start_matches('0');
                // A part that is all zeros keeps one.
                if rest.starts_with(|c: char| c.is_ascii_digit()) {
                    rest.to_owned()
                } else {
                    format!("0{rest}")
                }
            })
            .collect();
        let named = ["major", "minor", "patch"];
        let mut numbers = [0; 3];
        for (at, name) in named.iter().enumerate() {
            let Some(part) = trimmed.get(at) else { continue };
            if !part.chars().all(|c| c.is_ascii_digit()) {
                return Err(format!("Invalid character(s) found in {name} number \"{part}\""));
            }
            let number = part.parse();
            let range = |_| format!("strconv.ParseUint: parsing \"{part}\": value out of range");
            if let Some(slot) = numbers.get_mut(at) {
                *slot = number.map_err(range)?;
            }
        }
        Ok(Self(numbers[0], numbers[1], numbers[2]))
    }

    /// The version of Prometheus that a spec requests.
    pub fn of_prometheus(spec: &Value) -> Checked<Self> {
        let text = written(spec, PROMETHEUS);
        let version = Self::parse(text)
            .map_err(|reason| format!("failed to parse Prometheus version: {reason}"))?;
        if !matches!(version.0, 2 | 3) {
            return Err(format!("unsupported Prometheus version {}", go::quote::quote(text)));
        }
        Ok(version)
    }
}

/// The version that a spec names, or the default.
pub fn written<'a>(spec: &'a Value, default: &'a str) -> &'a str {
    Some(spec.str("version")).filter(|text| !text.is_empty()).unwrap_or(default)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_tolerantly_and_ordered() {
        for (text, expected) in [
            ("v3.14.0", Ok(Version(3, 14, 0))),
            ("2.45", Ok(Version(2, 45, 0))),
            ("3", Ok(Version(3, 0, 0))),
            ("v3.0.0-rc.1", Ok(Version(3, 0, 0))),
            ("v2.045.01", Ok(Version(2, 45, 1))),
            ("latest", Err("Invalid character(s) found in major number \"0latest\"".to_owned())),
        ] {
            assert_eq!(Version::parse(text), expected, "{text}");
        }
        assert!(Version::parse("1.2.3.4").is_err());
        assert!(Version(2, 45, 0) < Version(2, 47, 0));
        assert!(Version(3, 0, 0) > Version(2, 55, 1));
    }
}
