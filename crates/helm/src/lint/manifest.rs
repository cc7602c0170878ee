//! Findings about Chart.yaml.
//!
//! Source: helm pkg/chart/v2/lint/rules chartfile.go, asaskevich/govalidator.

use go::quote::quote;
use go::template::Value;

use super::{Linter, Severity, Subject};
use crate::chart::{FIELDS, Metadata};
use crate::decode::{self, WHILE};
use crate::semver::Version;
use crate::values::from_yaml;

const FILE: &str = "Chart.yaml";

/// Checks Chart.yaml, which is there.
pub(super) fn check(linter: &mut Linter, subject: Subject<'_>) {
    let Some(file) = subject.file(FILE) else { return };
    let text = file.text();
    let mut chart = Metadata::default();
    let read = chart.read(&text).map_err(|error| format!("unable to parse YAML\n\t{error}"));
    if !linter.check(Severity::Error, FILE, read) {
        return;
    }
    let strict = strict(&text);
    let strict =
        strict.map_err(|error| format!("failed to strictly parse chart metadata file\n\t{error}"));
    linter.check(Severity::Warning, FILE, strict);
    let value = from_yaml(&text).unwrap_or(Value::Nil);
    let mut error = |result| {
        linter.check(Severity::Error, FILE, result);
    };
    error(name(&chart));
    error(api_version(&chart));
    error(is_string(&value, "version"));
    error(version(&chart));
    error(is_string(&value, "appVersion"));
    error(maintainers(&chart));
    error(sources(&chart));
    let icon = if chart.icon.is_empty() { Err("icon is recommended".to_owned()) } else { Ok(()) };
    linter.check(Severity::Info, FILE, icon);
    let mut error = |result| {
        linter.check(Severity::Error, FILE, result);
    };
    error(if chart.icon.is_empty() || is_request_url(&chart.icon) {
        Ok(())
    } else {
        Err(format!("invalid icon URL '{}'", chart.icon))
    });
    let old = chart.api_version != "v2";
    let version = &chart.api_version;
    error(if old && !chart.kind.is_empty() {
        Err(format!(
            "chart type is not valid in apiVersion '{version}'. It is valid in apiVersion 'v2'"
        ))
    } else {
        Ok(())
    });
    error(if old && !chart.dependencies.is_empty() {
        Err(format!(
            "dependencies are not valid in the Chart file with apiVersion '{version}'. They are valid in apiVersion 'v2'"
        ))
    } else {
        Ok(())
    });
    let strict = if Version::is_strict(&chart.version) {
        Ok(())
    } else {
        Err(format!("version '{}' is not a valid SemVerV2", chart.version))
    };
    linter.check(Severity::Warning, FILE, strict);
}

/// Refuses unknown and repeated keys.
fn strict(text: &str) -> Result<(), String> {
    let parsed = yaml::parse(text::FileId(0), text);
    if let Some(refusal) = &parsed.refusal {
        return Err(format!("error converting YAML to JSON: {refusal}"));
    }
    let value = decode::yaml(text)?;
    let Value::Map(map) = &value else { return Ok(()) };
    let unknown = |key: &str| Err(format!("{WHILE}json: unknown field {}", quote(key)));
    for (key, value) in map.entries().iter() {
        if !FIELDS.iter().any(|field| field.eq_ignore_ascii_case(key)) {
            return unknown(key);
        }
        let fields = match &*key.to_ascii_lowercase() {
            "maintainers" => MAINTAINER_FIELDS,
            "dependencies" => DEPENDENCY_FIELDS,
            _ => continue,
        };
        for item in value.as_list().into_iter().flatten().filter_map(Value::as_map) {
            let is_known = |key: &str| fields.iter().any(|field| field.eq_ignore_ascii_case(key));
            if let Some(key) = item.keys().find(|key| !is_known(key)) {
                return unknown(key);
            }
        }
    }
    Ok(())
}

const MAINTAINER_FIELDS: &[&str] = &["name", "email", "url"];
const DEPENDENCY_FIELDS: &[&str] =
    &["name", "version", "repository", "condition", "tags", "enabled", "import-values", "alias"];

fn name(chart: &Metadata) -> Result<(), String> {
    match &*chart.name {
        "" => Err("name is required".to_owned()),
        name if go::path::base(name) != name => {
            Err(format!("chart name {} is invalid", quote(name)))
        }
        _ => Ok(()),
    }
}

fn api_version(chart: &Metadata) -> Result<(), String> {
    match &*chart.api_version {
        "v1" | "v2" => Ok(()),
        "" => Err("apiVersion is required. The value must be either \"v1\" or \"v2\"".to_owned()),
        other => Err(format!(
            "apiVersion '{other}' is not valid. The value must be either \"v1\" or \"v2\""
        )),
    }
}

/// Keys whose value YAML reads as a number or boolean.
fn is_string(chart: &Value, key: &str) -> Result<(), String> {
    match chart.as_map().and_then(|map| map.get(key).cloned()) {
        None | Some(Value::String(_)) => Ok(()),
        Some(other) => {
            let found = other.type_name();
            Err(format!("{key} should be of type string but it's of type {found}"))
        }
    }
}

fn version(chart: &Metadata) -> Result<(), String> {
    if chart.version.is_empty() {
        return Err("version is required".to_owned());
    }
    let version = Version::parse(&chart.version)
        .map_err(|_| format!("version '{}' is not a valid SemVer", chart.version))?;
    let least = Version::parse("0.0.0-0")?;
    if version.compare(&least).is_gt() {
        return Ok(());
    }
    Err(format!("version {} is less than or equal to 0.0.0-0", chart.version))
}

fn maintainers(chart: &Metadata) -> Result<(), String> {
    for maintainer in &chart.maintainers {
        let Some(maintainer) = maintainer else {
            return Err("a maintainer entry is empty".to_owned());
        };
        let (name, email, url) = (&maintainer.name, &maintainer.email, &maintainer.url);
        if name.is_empty() {
            return Err("each maintainer requires a name".to_owned());
        }
        if !email.is_empty() && !is_email(email) {
            return Err(format!("invalid email '{email}' for maintainer '{name}'"));
        }
        if !url.is_empty() && !is_url(url) {
            return Err(format!("invalid url '{url}' for maintainer '{name}'"));
        }
    }
    Ok(())
}

fn sources(chart: &Metadata) -> Result<(), String> {
    let bad = chart.sources.iter().find(|source| !is_request_url(source));
    bad.map_or(Ok(()), |source| Err(format!("invalid source URL '{source}'")))
}

/// Returns true for an absolute URL.
fn is_request_url(text: &str) -> bool {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_scheme && go::url::parse(text).is_ok()
}

/// Returns true for a host with a top-level domain, an address or `localhost`, with an optional
/// scheme, port and path.
fn is_url(text: &str) -> bool {
    if text.len() > 2083 || text.contains(char::is_whitespace) || text.starts_with('.') {
        return false;
    }
    let rest = match text.split_once("://") {
        Some((scheme, rest)) => {
            if !matches!(
                scheme,
                "http" | "https" | "ftp" | "tcp" | "udp" | "ws" | "wss" | "irc" | "rtmp"
            ) {
                return false;
            }
            rest
        }
        None => text,
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    host == "localhost" || (host.contains('.') && is_domain(host))
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_local = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let dots_fit = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
    !local.is_empty()
        && local.chars().all(is_local)
        && dots_fit
        && domain.contains('.')
        && is_domain(domain)
}

fn is_domain(text: &str) -> bool {
    text.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    })
}
