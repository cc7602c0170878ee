//! The version of Prometheus that a custom resource asks for.

/// The version that the Operator 0.94.1 runs if the object names none.
pub const DEFAULT: &str = "v3.14.0";

/// A version; pre-release and build parts are not compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub u64, pub u64, pub u64);

impl Version {
    /// Reads `v3.14.0`, `3.14` or `3`. Returns None for other texts.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix('v').unwrap_or(text);
        let core = text.split(['-', '+']).next().unwrap_or_default();
        let mut parts = core.split('.').map(|part| part.parse::<u64>().ok());
        let major = parts.next()??;
        let minor = parts.next().unwrap_or(Some(0))?;
        let patch = parts.next().unwrap_or(Some(0))?;
        parts.next().is_none().then_some(Self(major, minor, patch))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_tolerantly_and_ordered() {
        for (text, expected) in [
            ("v3.14.0", Some(Version(3, 14, 0))),
            ("2.45", Some(Version(2, 45, 0))),
            ("3", Some(Version(3, 0, 0))),
            ("v3.0.0-rc.1", Some(Version(3, 0, 0))),
            ("latest", None),
            ("1.2.3.4", None),
            ("", None),
        ] {
            assert_eq!(Version::parse(text), expected, "{text}");
        }
        assert!(Version(2, 45, 0) < Version(2, 47, 0));
        assert!(Version(3, 0, 0) > Version(2, 55, 1));
    }
}
