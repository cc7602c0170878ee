//! The content of Chart.yaml.
//!
//! Source: helm pkg/chart/v2 metadata.go, dependency.go.

use go::quote::{is_print, quote};
use go::template::{Entries, Value};

use crate::decode::{Decoder, yaml};
use crate::semver::Version;

/// The content of Chart.yaml.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    pub name: String,
    pub home: String,
    pub sources: Vec<String>,
    pub version: String,
    pub description: String,
    pub keywords: Vec<String>,
    /// None for an empty item of the list.
    pub maintainers: Vec<Option<Maintainer>>,
    pub icon: String,
    pub api_version: String,
    pub condition: String,
    pub tags: String,
    pub app_version: String,
    pub deprecated: bool,
    pub annotations: Vec<(String, String)>,
    pub kube_version: String,
    /// None for an empty item of the list.
    pub dependencies: Vec<Option<Dependency>>,
    /// `application`, `library` or empty.
    pub kind: String,
}

/// A person who looks after a chart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Maintainer {
    pub name: String,
    pub email: String,
    pub url: String,
}

/// A chart that a chart needs.
#[derive(Clone, Debug, Default)]
pub struct Dependency {
    pub name: String,
    pub version: String,
    pub repository: String,
    pub condition: String,
    pub tags: Vec<String>,
    pub enabled: bool,
    /// Strings, and maps with `child` and `parent`.
    pub import_values: Vec<Value>,
    pub alias: String,
}

impl Metadata {
    /// Reads a text over what is there already, as Chart.yaml and then requirements.yaml are read.
    pub fn read(&mut self, text: &str) -> Result<(), String> {
        let value = yaml(text)?;
        let mut decoder = Decoder::default();
        match &value {
            Value::Map(map) => {
                for (key, value) in map.entries().iter() {
                    self.set(&mut decoder, key, value);
                }
            }
            Value::Nil => {}
            other => decoder.mismatch(other, "", "v2.Metadata"),
        }
        decoder.finish()
    }

    fn set(&mut self, decoder: &mut Decoder, key: &str, value: &Value) {
        let Some(field) = FIELDS.iter().find(|field| field.eq_ignore_ascii_case(key)) else {
            return;
        };
        let place = format!("Metadata.{field}");
        match *field {
            "name" => self.name = decoder.string(value, &place),
            "home" => self.home = decoder.string(value, &place),
            "sources" => self.sources = decoder.strings(value, &place),
            "version" => self.version = decoder.string(value, &place),
            "description" => self.description = decoder.string(value, &place),
            "keywords" => self.keywords = decoder.strings(value, &place),
            "maintainers" => {
                self.maintainers = decoder.list(value, &place, "[]*v2.Maintainer", maintainer);
            }
            "icon" => self.icon = decoder.string(value, &place),
            "apiVersion" => self.api_version = decoder.string(value, &place),
            "condition" => self.condition = decoder.string(value, &place),
            "tags" => self.tags = decoder.string(value, &place),
            "appVersion" => self.app_version = decoder.string(value, &place),
            "deprecated" => self.deprecated = decoder.bool(value, &place),
            "annotations" => self.annotations = decoder.string_map(value, &place),
            "kubeVersion" => self.kube_version = decoder.string(value, &place),
            "dependencies" => {
                self.dependencies = decoder.list(value, &place, "[]*v2.Dependency", dependency);
            }
            _ => self.kind = decoder.string(value, &place),
        }
    }

    /// Returns true for a chart that only defines templates for others.
    pub fn is_library(&self) -> bool {
        self.kind.eq_ignore_ascii_case("library")
    }

    /// The dependencies that are no empty items.
    pub fn needs(&self) -> impl Iterator<Item = &Dependency> {
        self.dependencies.iter().flatten()
    }

    /// Checks the fields and replaces blanks and control characters in them. The error is Helm's.
    pub fn validate(&mut self) -> Result<(), String> {
        let texts = [
            &mut self.name,
            &mut self.description,
            &mut self.home,
            &mut self.icon,
            &mut self.condition,
            &mut self.tags,
            &mut self.app_version,
            &mut self.kube_version,
        ];
        let lists = self.sources.iter_mut().chain(&mut self.keywords);
        texts.into_iter().chain(lists).for_each(sanitize);
        self.check_identity()?;
        self.maintainers.iter_mut().flatten().for_each(Maintainer::sanitize);
        if self.maintainers.iter().any(Option::is_none) {
            return Err(invalid("maintainers must not contain empty or null nodes"));
        }
        let mut names = Vec::new();
        for dependency in &mut self.dependencies {
            let Some(dependency) = dependency else {
                return Err(invalid("dependencies must not contain empty or null nodes"));
            };
            dependency.validate()?;
            let key =
                if dependency.alias.is_empty() { &dependency.name } else { &dependency.alias };
            if names.contains(key) {
                let key = quote(key);
                return Err(invalid(&format!("more than one dependency with name or alias {key}")));
            }
            names.push(key.clone());
        }
        Ok(())
    }

    fn check_identity(&self) -> Result<(), String> {
        let name = quote(&self.name);
        if self.api_version.is_empty() {
            return Err(invalid("chart.metadata.apiVersion is required"));
        }
        match &*self.name {
            "" => return Err(invalid("chart.metadata.name is required")),
            "." | ".." => {
                return Err(invalid(&format!("chart.metadata.name {name} is not allowed")));
            }
            plain if go::path::base(plain) != plain => {
                return Err(invalid(&format!("chart.metadata.name {name} is invalid")));
            }
            _ => {}
        }
        if self.version.is_empty() {
            return Err(invalid("chart.metadata.version is required"));
        }
        if Version::parse(&self.version).is_err() {
            let version = quote(&self.version);
            return Err(invalid(&format!("chart.metadata.version {version} is invalid")));
        }
        if !matches!(&*self.kind, "" | "application" | "library") {
            return Err(invalid("chart.metadata.type must be application or library"));
        }
        Ok(())
    }

    /// The map that templates see as `.Chart`. Source: pkg/chart/common.go `structToMap`.
    pub fn to_map(&self) -> Entries {
        let text = |text: &str| Value::string(text);
        let texts = |list: &[String]| Value::list(list.iter().map(|one| text(one)).collect());
        let annotations =
            self.annotations.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let maintainers = self.maintainers.iter().flatten().map(|one| {
            map([("Name", text(&one.name)), ("Email", text(&one.email)), ("URL", text(&one.url))])
        });
        let dependencies = self.needs().map(|one| {
            map([
                ("Name", text(&one.name)),
                ("Version", text(&one.version)),
                ("Repository", text(&one.repository)),
                ("Condition", text(&one.condition)),
                ("Tags", texts(&one.tags)),
                ("Enabled", Value::Bool(one.enabled)),
                ("ImportValues", Value::list(one.import_values.clone())),
                ("Alias", text(&one.alias)),
            ])
        });
        let fields = [
            ("Name", text(&self.name)),
            ("Home", text(&self.home)),
            ("Sources", texts(&self.sources)),
            ("Version", text(&self.version)),
            ("Description", text(&self.description)),
            ("Keywords", texts(&self.keywords)),
            ("Maintainers", Value::list(maintainers.collect())),
            ("Icon", text(&self.icon)),
            ("APIVersion", text(&self.api_version)),
            ("Condition", text(&self.condition)),
            ("Tags", text(&self.tags)),
            ("AppVersion", text(&self.app_version)),
            ("Deprecated", Value::Bool(self.deprecated)),
            ("Annotations", Value::string_map(annotations)),
            ("KubeVersion", text(&self.kube_version)),
            ("Dependencies", Value::list(dependencies.collect())),
            ("Type", text(&self.kind)),
        ];
        fields.into_iter().map(|(key, value)| (key.into(), value)).collect()
    }
}

fn map<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::map(fields.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

/// The keys of Chart.yaml.
pub const FIELDS: &[&str] = &[
    "name",
    "home",
    "sources",
    "version",
    "description",
    "keywords",
    "maintainers",
    "icon",
    "apiVersion",
    "condition",
    "tags",
    "appVersion",
    "deprecated",
    "annotations",
    "kubeVersion",
    "dependencies",
    "type",
];

fn invalid(message: &str) -> String {
    format!("validation: {message}")
}

/// Makes blanks plain and drops characters that do not print.
fn sanitize(text: &mut String) {
    let clean = |c: char| if c.is_whitespace() { Some(' ') } else { is_print(c).then_some(c) };
    *text = text.chars().filter_map(clean).collect();
}

impl Maintainer {
    fn sanitize(&mut self) {
        [&mut self.name, &mut self.email, &mut self.url].into_iter().for_each(sanitize);
    }
}

fn maintainer(decoder: &mut Decoder, value: &Value) -> Option<Maintainer> {
    let mut maintainer = Maintainer::default();
    let entries = match value {
        Value::Map(map) => map.entries(),
        Value::Nil => return None,
        other => {
            decoder.mismatch(other, "Metadata.maintainers", "v2.Maintainer");
            return Some(maintainer);
        }
    };
    for (key, value) in entries.iter() {
        match &*key.to_ascii_lowercase() {
            "name" => maintainer.name = decoder.string(value, "Maintainer.maintainers.name"),
            "email" => maintainer.email = decoder.string(value, "Maintainer.maintainers.email"),
            "url" => maintainer.url = decoder.string(value, "Maintainer.maintainers.url"),
            _ => {}
        }
    }
    Some(maintainer)
}

fn dependency(decoder: &mut Decoder, value: &Value) -> Option<Dependency> {
    let mut dependency = Dependency::default();
    let entries = match value {
        Value::Map(map) => map.entries(),
        Value::Nil => return None,
        other => {
            decoder.mismatch(other, "Metadata.dependencies", "v2.Dependency");
            return Some(dependency);
        }
    };
    for (key, value) in entries.iter() {
        let key = key.to_ascii_lowercase();
        let place = format!("Dependency.dependencies.{key}");
        match &*key {
            "name" => dependency.name = decoder.string(value, &place),
            "version" => dependency.version = decoder.string(value, &place),
            "repository" => dependency.repository = decoder.string(value, &place),
            "condition" => dependency.condition = decoder.string(value, &place),
            "tags" => dependency.tags = decoder.strings(value, &place),
            "enabled" => dependency.enabled = decoder.bool(value, &place),
            "import-values" => {
                let items = decoder.list(value, &place, "[]interface {}", |_, item| item.clone());
                dependency.import_values = items;
            }
            "alias" => dependency.alias = decoder.string(value, &place),
            _ => {}
        }
    }
    Some(dependency)
}

impl Dependency {
    fn validate(&mut self) -> Result<(), String> {
        let texts = [&mut self.name, &mut self.version, &mut self.repository, &mut self.condition];
        texts.into_iter().chain(&mut self.tags).for_each(sanitize);
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if self.alias.bytes().all(allowed) {
            return Ok(());
        }
        let name = quote(&self.name);
        Err(invalid(&format!("dependency {name} has disallowed characters in the alias")))
    }
}
