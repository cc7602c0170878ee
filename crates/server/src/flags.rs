//! The flags in force, and what they add to the configuration.
//!
//! Source: cmd/prometheus/main.go.

use std::collections::BTreeMap;

use go::Duration;
use kingpin::{Matches, parse_elements};
use kubernetes::flags::FLAGS;

use crate::process::PROMETHEUS;
use crate::state::Flags;

/// Values that kingpin prints in another form than the documentation.
const PRINTED: &[(&str, &str)] = &[
    ("agent", "false"),
    ("storage.agent.wal-segment-size", "0B"),
    ("storage.agent.wal-truncate-frequency", "0s"),
    ("storage.remote.read-sample-limit", "50000000"),
    ("storage.tsdb.max-block-chunk-segment-size", "0B"),
    ("storage.tsdb.retention.size", "0B"),
    ("storage.tsdb.wal-segment-size", "0B"),
    ("write-documentation", "false"),
];

/// Flags that end the process and are not listed.
const UNLISTED: [&str; 3] = ["help", "version", "auto-gomemlimit.refresh-interval"];

const FIFTEEN_DAYS: Duration = Duration(15 * 24 * 3_600_000);
const MAX_BLOCK: Duration = Duration(31 * 24 * 3_600_000);

impl Flags {
    /// The defaults of all flags under the values of the arguments. The error is that of the
    /// command line.
    pub fn of_args<'a>(args: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let args: Vec<String> = args.into_iter().map(str::to_owned).collect();
        parse_elements(&PROMETHEUS, &args).map(|matches| Self::of_matches(&matches))
    }

    /// The defaults of all flags under the values of a command line.
    pub(crate) fn of_matches(matches: &Matches) -> Self {
        let listed = FLAGS.iter().filter(|flag| !UNLISTED.contains(&flag.name));
        let mut values: BTreeMap<String, String> =
            listed.map(|flag| (flag.name.to_owned(), flag.default.to_owned())).collect();
        for (name, value) in PRINTED {
            values.insert((*name).to_owned(), (*value).to_owned());
        }
        for (name, value) in matches.given_flags() {
            let slot = values.entry(name.to_owned()).or_default();
            // Lists are given flag by flag.
            match name == "enable-feature" && !slot.is_empty() {
                true => *slot = format!("{slot},{value}"),
                false => *slot = value.to_owned(),
            }
        }
        let mut flags = Self(values);
        flags.complete();
        flags
    }

    /// Values that the server works out from others.
    fn complete(&mut self) {
        let retention = self.retention();
        let set = |flags: &mut Self, name: &str, value: String| {
            flags.0.insert(name.to_owned(), value);
        };
        if let Some(retention) = retention {
            set(self, "storage.tsdb.retention.time", retention.to_string());
        }
        if self.get("storage.tsdb.max-block-duration").is_empty() {
            let tenth = retention.map_or(MAX_BLOCK, |one| Duration(one.millis() / 10));
            set(self, "storage.tsdb.max-block-duration", tenth.min(MAX_BLOCK).to_string());
        }
        if self.get("web.route-prefix").is_empty() {
            let path = self.external_path();
            let prefix = if path.is_empty() { "/".to_owned() } else { path };
            set(self, "web.route-prefix", prefix);
        }
    }

    /// The path of `--web.external-url` with a slash before it; empty if it has none. An address without a
    /// scheme is a path. Source: `computeExternalURL`.
    pub(crate) fn external_path(&self) -> String {
        let url = self.get("web.external-url");
        let path = match url.split_once("://") {
            Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
            None => url,
        };
        match path.trim_matches('/') {
            "" => String::new(),
            path => format!("/{path}"),
        }
    }

    /// The retention that the flags set: 15 days unless only the size is limited.
    pub fn retention(&self) -> Option<Duration> {
        let time = Duration::parse(self.get("storage.tsdb.retention.time")).unwrap_or_default();
        let unlimited = matches!(self.get("storage.tsdb.retention.size"), "" | "0" | "0B");
        match time.millis() {
            0 if unlimited => Some(FIFTEEN_DAYS),
            0 => None,
            _ => Some(time),
        }
    }
}

/// The configuration with what the flags add: the retention and the storage of exemplars. `text` is
/// the configuration as it is printed from the file alone.
pub fn config_in_force(text: &str, flags: &Flags) -> String {
    let mut sections = sections(text);
    let at = match sections.iter().position(|section| section.starts_with("storage:")) {
        Some(at) => at,
        None => {
            let behind = ["tracing:", "remote_write:", "remote_read:", "otlp:"];
            let later = |section: &String| behind.iter().any(|key| section.starts_with(key));
            let at = sections.iter().position(later).unwrap_or(sections.len());
            sections.insert(at, "storage:\n".to_owned());
            at
        }
    };
    let Some(storage) = sections.get_mut(at) else { return text.to_owned() };
    let head = "storage:\n".len();
    if !storage.contains("\n  tsdb:\n") {
        storage.insert_str(head, "  tsdb:\n    outofordertimewindow: 0\n");
    }
    if let Some(retention) = flags.retention().filter(|_| !storage.contains("    retention:\n")) {
        let tsdb = storage.find("  tsdb:\n").map_or(head, |at| at + "  tsdb:\n".len());
        let rest = storage.get(tsdb..).unwrap_or_default();
        // Behind the last line of the section.
        let length: usize = rest
            .split_inclusive('\n')
            .take_while(|line| line.starts_with("    "))
            .map(str::len)
            .sum();
        storage.insert_str(tsdb + length, &format!("    retention:\n      time: {retention}\n"));
    }
    if flags.has_feature("exemplar-storage") && !storage.contains("\n  exemplars:\n") {
        storage.push_str("  exemplars:\n    max_exemplars: 100000\n");
    }
    sections.concat()
}

/// The text divided before each key at the beginning of a line.
fn sections(text: &str) -> Vec<String> {
    let mut sections: Vec<String> = Vec::new();
    for line in text.split_inclusive('\n') {
        match sections.last_mut() {
            Some(last) if line.starts_with([' ', '-']) => last.push_str(line),
            _ => sections.push(line.to_owned()),
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_stand_over_defaults() {
        let flags = Flags::of_args([
            "--web.enable-lifecycle",
            "--no-scrape.adjust-timestamps",
            "--enable-feature=a",
            "--enable-feature",
            "b",
            "--storage.tsdb.retention.time=5d",
            "--web.external-url=http://a/p/",
        ])
        .expect("the flags are known");
        for (name, expected) in [
            ("web.enable-lifecycle", "true"),
            ("scrape.adjust-timestamps", "false"),
            ("enable-feature", "a,b"),
            ("storage.tsdb.max-block-duration", "12h"),
            ("web.route-prefix", "/p"),
            ("query.timeout", "2m"),
        ] {
            assert_eq!(flags.get(name), expected, "{name}");
        }
        assert!(flags.has_feature("b") && !flags.has_feature("c"));
        assert_eq!(Flags::of_args(["--nope"]), Err("unknown long flag '--nope'".to_owned()));
    }

    #[test]
    fn flags_complete_the_configuration() {
        let flags = Flags::of_args(["--enable-feature=exemplar-storage"]).expect("it is known");
        let added = "storage:\n  tsdb:\n    outofordertimewindow: 0\n    retention:\n      time: 15d\n  exemplars:\n    max_exemplars: 100000\n";
        for (text, expected) in [
            ("a: b\notlp:\n  c: d\n", format!("a: b\n{added}otlp:\n  c: d\n")),
            ("storage:\n  tsdb:\n    outofordertimewindow: 0\n", added.to_owned()),
            (added, added.to_owned()),
        ] {
            assert_eq!(config_in_force(text, &flags), expected);
        }
    }
}
