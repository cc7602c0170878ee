//! Configuration that Secrets hold and that is passed on: more jobs, Alertmanagers and rules.
//!
//! Source: prometheus-operator pkg/k8s LoadSecretRef, pkg/prometheus/promcfg.go
//! generateAdditionalScrapeConfigs.

use yaml::scalars::{self, Value as Scalar};
use yaml::{Kind, Node};

use super::{ConfigContext, Mode, relabel};
use crate::checks::at;
use crate::store::Checked;
use crate::tree::{Data, Field, Tree};

/// A text with the field that refers to it.
pub type Text<'a> = (Field<'a>, String);

/// The texts that were found; None for a field that is not set, or optional and absent.
#[derive(Debug, Default)]
pub struct Texts<'a> {
    pub scrape_configs: Option<Text<'a>>,
    pub alert_relabel_configs: Option<Text<'a>>,
    pub alertmanagers: Option<Text<'a>>,
}

/// Loads the texts.
pub fn load<'a>(context: &ConfigContext<'a>) -> Checked<Texts<'a>> {
    let one = |field: &str, what: &str| {
        let loaded = load_one(context, &context.spec.get(field));
        at(loaded, &format!("loading additional {what} configs from Secret failed"))
    };
    let scrape_configs = one("additionalScrapeConfigs", "scrape")?;
    if context.mode != Mode::Server {
        return Ok(Texts { scrape_configs, ..Texts::default() });
    }
    Ok(Texts {
        scrape_configs,
        alert_relabel_configs: one("additionalAlertRelabelConfigs", "alert relabel")?,
        alertmanagers: one("additionalAlertManagerConfigs", "alert manager")?,
    })
}

fn load_one<'a>(context: &ConfigContext<'a>, field: &Field<'a>) -> Checked<Option<Text<'a>>> {
    if !field.is_set() {
        return Ok(None);
    }
    let (name, key) = (field.value.str("name"), field.value.str("key"));
    let optional = field.value.bool("optional");
    let Some(secret) = context.store.object("Secret", &field.resource.namespace, name) else {
        let missing = format!("secret {name} could not be found");
        return if optional { Ok(None) } else { Err(missing) };
    };
    match crate::store::secret_value(secret, key) {
        Some(text) => Ok(Some((field.clone(), text))),
        None if optional => Ok(None),
        None => Err(format!("key {key} could not be found in secret {name}")),
    }
}

/// Reads a text as a list of mappings. The error is that of Go's YAML library.
pub fn list(text: &Option<Text<'_>>) -> Checked<Vec<Tree>> {
    let Some((field, text)) = text else { return Ok(Vec::new()) };
    let parsed = yaml::parse(text::FileId::default(), text);
    if let Some(refusal) = parsed.refusal {
        return Err(refusal);
    }
    let root = match parsed.root() {
        Some(root) if !root.is_null() => root,
        _ => return Ok(Vec::new()),
    };
    let line =
        |node: &Node| text.get(..node.span.start as usize).unwrap_or(text).lines().count().max(1);
    let wrong = |node: &Node, tag: &str, into: &str| {
        let at = line(node) + usize::from(text[..node.span.start as usize].ends_with('\n'));
        Err(format!("yaml: unmarshal errors:\n  line {at}: cannot unmarshal {tag} into {into}"))
    };
    let shown = |node: &Node| match &node.kind {
        Kind::Mapping(_) => "!!map".to_owned(),
        Kind::Sequence(_) => "!!seq".to_owned(),
        Kind::Scalar(scalar) => {
            let tag = match scalars::resolve(node) {
                Some(Ok(Scalar::Int(_) | Scalar::Uint(_))) => "!!int",
                Some(Ok(Scalar::Bool(_))) => "!!bool",
                Some(Ok(Scalar::Float(_))) => "!!float",
                _ => "!!str",
            };
            let short: String = scalar.text.chars().take(7).collect();
            let more = if scalar.text.chars().count() > 10 { "..." } else { "" };
            let kept = if more.is_empty() { scalar.text.to_string() } else { short };
            format!("{tag} `{kept}{more}`")
        }
    };
    let Kind::Sequence(sequence) = &root.kind else {
        return wrong(root, &shown(root), "[]yaml.MapSlice");
    };
    for item in &sequence.items {
        if !matches!(item.kind, Kind::Mapping(_)) {
            return wrong(item, &shown(item), "yaml.MapSlice");
        }
    }
    Ok(sequence.items.iter().map(|item| tree(item).from(field)).collect())
}

/// A node as Go reads it and writes it again. Trees are no deeper than the parser allows.
fn tree(node: &Node) -> Tree {
    match &node.kind {
        Kind::Sequence(sequence) => Tree::list(sequence.items.iter().map(tree).collect()),
        Kind::Mapping(mapping) => {
            let entries = mapping.iter().filter(|entry| !entry.is_merge());
            let pair = |entry: &yaml::Entry| Some((entry.name()?.to_owned(), tree(&entry.value)));
            Data::Map(entries.filter_map(pair).collect()).into()
        }
        Kind::Scalar(scalar) => match scalars::resolve(node) {
            Some(Ok(Scalar::Null)) => Tree::raw("null"),
            Some(Ok(Scalar::Bool(value))) => Tree::raw(value),
            Some(Ok(Scalar::Int(value))) => Tree::raw(value),
            Some(Ok(Scalar::Uint(value))) => Tree::raw(value),
            Some(Ok(Scalar::Float(value))) => {
                Tree::raw(kubernetes::object::json::json_float(value))
            }
            _ => Tree::text(&*scalar.text),
        },
    }
}

/// The additional jobs. With several shards they get the rules of sharding, unless they hash.
pub fn jobs(context: &ConfigContext<'_>, texts: &Texts<'_>) -> Checked<Vec<Tree>> {
    let jobs = at(list(&texts.scrape_configs), "unmarshalling additional scrape configs failed")?;
    if context.mode == Mode::DaemonSet || context.shards() == 1 {
        return Ok(jobs);
    }
    Ok(jobs.into_iter().map(|job| sharded(context, job)).collect())
}

fn sharded(context: &ConfigContext<'_>, job: Tree) -> Tree {
    let Data::Map(entries) = job.data else { return job };
    let (mut rules, mut others) = (Vec::new(), Vec::new());
    for (key, value) in entries {
        match value.data {
            Data::List(list) if key == "relabel_configs" => rules.extend(list),
            data => others.push((key, Tree { data, origin: value.origin })),
        }
    }
    if !relabel::hashes(&rules) {
        rules.extend(relabel::sharding(context, "__address__"));
    }
    others.push(("relabel_configs".to_owned(), Tree::list(rules)));
    Tree { data: Data::Map(others), origin: job.origin }
}
