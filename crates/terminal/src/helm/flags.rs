//! The command lines of helm.
//!
//! Source: helm pkg/cmd flags.go and the commands, spf13/pflag.

use go::quote::{quote, quote_char};

/// The type of a flag's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    Nothing,
    Value,
    /// A value behind `=`; without it this one.
    Optional(&'static str),
}

/// A flag.
#[derive(Debug)]
pub(super) struct Flag {
    pub name: &'static str,
    pub short: Option<char>,
    pub takes: Takes,
}

const fn switch(name: &'static str) -> Flag {
    Flag { name, short: None, takes: Takes::Nothing }
}

const fn value(name: &'static str) -> Flag {
    Flag { name, short: None, takes: Takes::Value }
}

const fn short(flag: Flag, short: char) -> Flag {
    Flag { short: Some(short), ..flag }
}

const fn optional(name: &'static str, without: &'static str) -> Flag {
    Flag { name, short: None, takes: Takes::Optional(without) }
}

/// Flags of every command.
const GLOBAL: &[Flag] = &[
    switch("debug"),
    short(value("namespace"), 'n'),
    value("kube-context"),
    value("kubeconfig"),
    value("kube-apiserver"),
    value("kube-token"),
    value("kube-as-user"),
    value("kube-as-group"),
    value("kube-ca-file"),
    switch("kube-insecure-skip-tls-verify"),
    value("kube-tls-server-name"),
    value("registry-config"),
    value("repository-config"),
    value("repository-cache"),
    value("content-cache"),
    value("burst-limit"),
    value("qps"),
    value("color"),
    value("colour"),
    short(switch("help"), 'h'),
];

/// Flags that set values.
const VALUES: &[Flag] = &[
    short(value("values"), 'f'),
    value("set"),
    value("set-string"),
    value("set-file"),
    value("set-json"),
    value("set-literal"),
];

/// Flags that find a chart.
const CHART: &[Flag] = &[
    value("version"),
    switch("verify"),
    value("keyring"),
    value("repo"),
    value("username"),
    value("password"),
    value("cert-file"),
    value("key-file"),
    switch("insecure-skip-tls-verify"),
    switch("plain-http"),
    value("ca-file"),
    switch("pass-credentials"),
];

/// Flags that `template`, `install` and `upgrade` share.
const INSTALL: &[Flag] = &[
    switch("create-namespace"),
    switch("force-replace"),
    switch("force"),
    switch("force-conflicts"),
    switch("no-hooks"),
    switch("replace"),
    value("timeout"),
    switch("wait-for-jobs"),
    short(switch("generate-name"), 'g'),
    value("name-template"),
    value("description"),
    switch("devel"),
    switch("dependency-update"),
    switch("disable-openapi-validation"),
    switch("rollback-on-failure"),
    switch("atomic"),
    switch("skip-crds"),
    switch("render-subchart-notes"),
    switch("skip-schema-validation"),
    short(value("labels"), 'l'),
    switch("enable-dns"),
    switch("hide-notes"),
    switch("take-ownership"),
    optional("server-side", "true"),
    optional("wait", "watcher"),
    optional("dry-run", "unset"),
    value("post-renderer"),
    value("post-renderer-args"),
    switch("hide-secret"),
];

const TEMPLATE: &[Flag] = &[
    short(value("show-only"), 's'),
    value("output-dir"),
    switch("validate"),
    switch("include-crds"),
    switch("skip-tests"),
    switch("is-upgrade"),
    value("kube-version"),
    short(value("api-versions"), 'a'),
    switch("release-name"),
];

const LINT: &[Flag] = &[
    switch("strict"),
    switch("with-subcharts"),
    switch("quiet"),
    switch("skip-schema-validation"),
    value("kube-version"),
];

const OUTPUT: &[Flag] = &[short(value("output"), 'o')];

const UPGRADE: &[Flag] = &[
    short(switch("install"), 'i'),
    switch("reset-values"),
    switch("reuse-values"),
    switch("reset-then-reuse-values"),
    value("history-max"),
    switch("cleanup-on-fail"),
];

const ROLLBACK: &[Flag] = &[
    switch("force-replace"),
    switch("force"),
    switch("force-conflicts"),
    switch("no-hooks"),
    value("timeout"),
    switch("wait-for-jobs"),
    switch("cleanup-on-fail"),
    value("history-max"),
    optional("server-side", "true"),
    optional("wait", "watcher"),
    optional("dry-run", "unset"),
];

const UNINSTALL: &[Flag] = &[
    switch("keep-history"),
    switch("no-hooks"),
    switch("ignore-not-found"),
    value("timeout"),
    value("cascade"),
    value("description"),
    switch("dry-run"),
    optional("wait", "watcher"),
];

const LIST: &[Flag] = &[
    short(switch("all-namespaces"), 'A'),
    short(switch("short"), 'q'),
    short(switch("date"), 'd'),
    short(switch("reverse"), 'r'),
    short(value("max"), 'm'),
    value("offset"),
    short(value("filter"), 'f'),
    short(value("selector"), 'l'),
    switch("deployed"),
    switch("failed"),
    switch("pending"),
    switch("superseded"),
    switch("uninstalled"),
    switch("uninstalling"),
    switch("no-headers"),
    value("time-format"),
];

const REVISION: &[Flag] = &[value("revision")];
const GET_VALUES: &[Flag] = &[value("revision"), short(switch("all"), 'a')];
const STATUS: &[Flag] = &[value("revision"), switch("show-desc"), switch("show-resources")];
const HISTORY: &[Flag] = &[value("max")];
const CREATE: &[Flag] = &[short(value("starter"), 'p')];
const TEST: &[Flag] = &[switch("logs"), value("filter"), switch("hide-notes"), value("timeout")];

/// The flags of a command: groups of them.
pub(super) fn flags_of(command: &str) -> &'static [&'static [Flag]] {
    match command {
        "template" => &[TEMPLATE, INSTALL, VALUES, CHART, GLOBAL],
        "install" => &[INSTALL, VALUES, CHART, OUTPUT, GLOBAL],
        "upgrade" => &[UPGRADE, INSTALL, VALUES, CHART, OUTPUT, GLOBAL],
        "lint" => &[LINT, VALUES, GLOBAL],
        "rollback" => &[ROLLBACK, GLOBAL],
        "uninstall" => &[UNINSTALL, GLOBAL],
        "list" => &[LIST, OUTPUT, GLOBAL],
        "status" => &[STATUS, OUTPUT, GLOBAL],
        "history" => &[HISTORY, OUTPUT, GLOBAL],
        "get values" => &[GET_VALUES, OUTPUT, GLOBAL],
        "get metadata" => &[REVISION, OUTPUT, GLOBAL],
        "get manifest" | "get notes" | "get hooks" | "get all" => &[REVISION, GLOBAL],
        "create" => &[CREATE, GLOBAL],
        "test" => &[TEST, GLOBAL],
        _ => &[GLOBAL],
    }
}

/// The flags and words of a command line.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    pub words: Vec<String>,
    flags: Vec<(&'static str, String)>,
}

impl Arguments {
    /// Reads the words after a command. The error is that of pflag.
    pub fn parse(command: &str, arguments: &[&str]) -> Result<Self, String> {
        let flags = flags_of(command);
        let all = || flags.iter().copied().flatten();
        let mut parsed = Self::default();
        let mut rest = arguments.iter().copied();
        while let Some(argument) = rest.next() {
            if argument == "--" {
                parsed.words.extend(rest.map(str::to_owned));
                break;
            }
            if let Some(long) = argument.strip_prefix("--") {
                let (name, given) = match long.split_once('=') {
                    Some((name, given)) => (name, Some(given)),
                    None => (long, None),
                };
                let flag = all().find(|flag| flag.name == name);
                let flag = flag.ok_or_else(|| format!("unknown flag: --{name}"))?;
                let value = match (flag.takes, given) {
                    (_, Some(given)) => given.to_owned(),
                    (Takes::Nothing, None) => "true".to_owned(),
                    (Takes::Optional(without), None) => without.to_owned(),
                    (Takes::Value, None) => rest
                        .next()
                        .ok_or_else(|| format!("flag needs an argument: --{name}"))?
                        .to_owned(),
                };
                parsed.add(flag, value)?;
            } else if let Some(letters) = argument.strip_prefix('-').filter(|rest| !rest.is_empty())
            {
                parsed.letters(letters, argument, &mut rest, &mut all().collect())?;
            } else {
                parsed.words.push(argument.to_owned());
            }
        }
        Ok(parsed)
    }

    /// Reads `-abc` and `-n=value`.
    fn letters<'a>(
        &mut self,
        letters: &str,
        argument: &str,
        rest: &mut impl Iterator<Item = &'a str>,
        flags: &mut Vec<&'static Flag>,
    ) -> Result<(), String> {
        for (at, letter) in letters.char_indices() {
            let flag = flags.iter().find(|flag| flag.short == Some(letter)).copied();
            let flag = flag.ok_or_else(|| {
                format!("unknown shorthand flag: {} in {argument}", quote_char(letter))
            })?;
            if flag.takes != Takes::Value {
                self.add(flag, "true".to_owned())?;
                continue;
            }
            let behind = letters.get(at + letter.len_utf8()..).unwrap_or_default();
            let behind = behind.strip_prefix('=').unwrap_or(behind);
            let value = match behind {
                "" => rest.next().ok_or_else(|| {
                    format!("flag needs an argument: {} in {argument}", quote_char(letter))
                })?,
                behind => behind,
            };
            self.add(flag, value.to_owned())?;
            return Ok(());
        }
        Ok(())
    }

    fn add(&mut self, flag: &'static Flag, value: String) -> Result<(), String> {
        let is_bool = matches!(
            &*value,
            "1" | "t"
                | "T"
                | "true"
                | "TRUE"
                | "True"
                | "0"
                | "f"
                | "F"
                | "false"
                | "FALSE"
                | "False"
        );
        if flag.takes == Takes::Nothing && !is_bool {
            let (name, value) = (flag.name, quote(&value));
            let flag = match flag.short {
                Some(short) => format!("\"-{short}, --{name}\""),
                None => format!("\"--{name}\""),
            };
            return Err(format!(
                "invalid argument {value} for {flag} flag: strconv.ParseBool: parsing {value}: invalid syntax"
            ));
        }
        self.flags.push((flag.name, value));
        Ok(())
    }

    /// The last value of a flag.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.flags.iter().rev().find(|(flag, _)| *flag == name).map(|(_, value)| value.as_str())
    }

    /// Returns true if a switch is on.
    pub fn is_on(&self, name: &str) -> bool {
        matches!(self.value(name), Some("1" | "t" | "T" | "true" | "TRUE" | "True"))
    }

    /// All values of a flag, as they are.
    pub fn array(&self, name: &str) -> Vec<String> {
        let values = self.flags.iter().filter(|(flag, _)| *flag == name);
        values.map(|(_, value)| value.clone()).collect()
    }

    /// All values of a flag, divided at commas.
    pub fn slice(&self, name: &str) -> Vec<String> {
        let values = self.array(name);
        values.iter().flat_map(|value| value.split(',')).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines_are_read() {
        let arguments = ["web", "-fa.yaml,b.yaml", "./c", "--set=a=1", "-s", "x", "--set", "b=2"];
        let parsed = Arguments::parse("template", &arguments).expect("known flags");
        assert_eq!(parsed.words, ["web", "./c"]);
        assert_eq!(parsed.slice("values"), ["a.yaml", "b.yaml"]);
        assert_eq!(parsed.array("set"), ["a=1", "b=2"]);
        assert_eq!(parsed.value("show-only"), Some("x"));
    }

    #[test]
    fn errors_are_those_of_pflag() {
        for (arguments, expected) in [
            (&["--nope"][..], "unknown flag: --nope"),
            (&["-z"], "unknown shorthand flag: 'z' in -z"),
            (&["--set"], "flag needs an argument: --set"),
            (&["-n"], "flag needs an argument: 'n' in -n"),
            (
                &["--debug=x"],
                "invalid argument \"x\" for \"--debug\" flag: strconv.ParseBool: parsing \"x\": invalid syntax",
            ),
        ] {
            let error = Arguments::parse("template", arguments).map(|_| ());
            assert_eq!(error, Err(expected.to_owned()));
        }
    }
}
