//! Names of time zones in the IANA database.

static NAMES: &str = include_str!("../../data/timezones.txt");

/// True if there is a zone of this name. Names are case-sensitive.
pub fn is_known(name: &str) -> bool {
    name.is_empty() || name == "UTC" || NAMES.lines().any(|known| known == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_are_known_by_their_name() {
        for (name, known) in
            [("Europe/Berlin", true), ("UTC", true), ("europe/berlin", false), ("Mars/Base", false)]
        {
            assert_eq!(is_known(name), known, "{name}");
        }
    }
}
