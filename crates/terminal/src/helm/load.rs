//! Charts and values that the arguments of a command name.
//!
//! Source: helm pkg/action install.go `NameAndChart`, `LocateChart`; pkg/cmd install.go
//! `runInstall`.

use ::helm::capabilities::KubeVersion;
use ::helm::chart::{Chart, load_archive_file, load_folder};
use ::helm::log::{Level, Log};
use ::helm::value_files::ValueFlags;
use go::quote::quote;
use go::template::Entries;

use super::flags::Arguments;
use super::{Helm, Session};

impl Helm<'_> {
    /// The user's values.
    pub(super) fn values(&self, arguments: &Arguments) -> Result<Entries, String> {
        let flags = ValueFlags {
            files: arguments.slice("values"),
            json: arguments.array("set-json"),
            set: arguments.array("set"),
            strings: arguments.array("set-string"),
            from_files: arguments.array("set-file"),
            literals: arguments.array("set-literal"),
        };
        flags.merge(&|path| {
            let bytes = self.files.read(path)?;
            Ok(String::from_utf8_lossy(bytes).into_owned())
        })
    }

    /// The absolute path of a chart.
    pub(super) fn locate(&self, name: &str) -> Result<String, String> {
        let name = name.trim();
        if self.files.is_file(name) || self.files.is_folder(name) {
            return Ok(self.files.absolute(name));
        }
        if go::path::is_abs(name) || name.starts_with('.') {
            return Err(format!("path {} not found", quote(name)));
        }
        match name.split_once('/') {
            Some((repository, _)) => Err(format!("repo {repository} not found")),
            None => Err(format!(
                "non-absolute URLs should be in form of repo_name/path_to_chart, got: {name}"
            )),
        }
    }

    /// Loads the chart at an absolute path.
    pub(super) fn load(&self, path: &str, log: &mut Log) -> Result<Chart, String> {
        match self.files.read(path) {
            Ok(bytes) if self.files.is_file(path) => load_archive_file(bytes, path, log),
            _ => load_folder(&self.files.folder(path), path, log),
        }
    }

    /// Loads a chart that is to be installed, and the user's values.
    pub(super) fn chart_and_values(
        &self,
        name: &str,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(Chart, Entries), String> {
        let path = self.locate(name)?;
        session.log.add(Level::Debug, "Chart path", &[("path", &path)]);
        let values = self.values(arguments)?;
        let chart = self.load(&path, &mut session.log)?;
        let kind = &chart.metadata.kind;
        if !matches!(&**kind, "" | "application") {
            return Err(format!("{kind} charts are not installable"));
        }
        check_dependencies(&chart, &mut session.log)?;
        Ok((chart, values))
    }

    /// Loads a chart to which a release is upgraded, and the user's values.
    pub(super) fn chart_and_values_of_upgrade(
        &self,
        name: &str,
        arguments: &Arguments,
        session: &mut Session,
    ) -> Result<(Chart, Entries), String> {
        let path = self.locate(name)?;
        let values = self.values(arguments)?;
        let chart = self.load(&path, &mut session.log)?;
        check_dependencies(&chart, &mut session.log)?;
        Ok((chart, values))
    }
}

/// The name of a release and the chart. `default` is the name if none is given; without it a name
/// is made of the chart's on request. Source: pkg/action install.go `NameAndChart`.
pub(super) fn name_and_chart(
    arguments: &Arguments,
    default: Option<&str>,
    now: i64,
) -> Result<(String, String), String> {
    let generates = arguments.is_on("generate-name");
    match arguments.words.as_slice() {
        [name, chart] => {
            for (flag, is_set) in [
                ("generate-name", generates),
                ("name-template", arguments.value("name-template").is_some()),
            ] {
                if is_set {
                    return Err(format!("cannot set --{flag} and also specify a name"));
                }
            }
            Ok((name.clone(), chart.clone()))
        }
        [chart] => match default {
            Some(name) => Ok((name.to_owned(), chart.clone())),
            None if generates => {
                let base = go::path::base(chart).split('.').next().unwrap_or_default();
                let base = if base.is_empty() { "chart" } else { base };
                Ok((format!("{base}-{now}"), chart.clone()))
            }
            None => Err("must either provide a name or specify --generate-name".to_owned()),
        },
        [_, _, rest @ ..] => Err(format!(
            "expected at most two arguments, unexpected arguments: {}",
            rest.join(", ")
        )),
        [] => Err("a chart is required".to_owned()),
    }
}

fn check_dependencies(chart: &Chart, log: &mut Log) -> Result<(), String> {
    if chart.metadata.deprecated {
        log.add(Level::Warn, "this chart is deprecated", &[]);
    }
    let missing = chart.missing_dependencies();
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.join(", ");
    Err(format!(
        "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' to fetch missing dependencies: found in Chart.yaml, but missing in charts/ directory: {missing}"
    ))
}

/// The flag `--kube-version`.
pub(super) fn kube_version(arguments: &Arguments) -> Result<Option<KubeVersion>, String> {
    let Some(text) = arguments.value("kube-version").filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let version = KubeVersion::parse(text);
    version.map(Some).map_err(|error| format!("invalid kube version '{text}': {error}"))
}

/// The longest name of a release.
const MAX_NAME: usize = 53;

/// Checks the name of a release. Source: pkg/chart/v2/util validate_name.go.
pub(super) fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("no name provided".to_owned());
    }
    let is_label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !label.is_empty()
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if name.len() <= MAX_NAME && name.split('.').all(is_label) {
        return Ok(());
    }
    Err("invalid release name, must match regex ^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not be longer than 53".to_owned())
}
