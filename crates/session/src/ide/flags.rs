//! Explanations of the flags in the arguments of a container that runs Prometheus.

use crate::analysis::Analysis;
use kubernetes::flags::{FLAGS, FlagInfo, find};
use kubernetes::prometheus::{Flag, is_prometheus_image};
use schema::{CompletionRequest, PathSegment, Suggestion};
use text::Location;
use yaml::Node;

/// The flags in the manifests, with their documentation.
fn known(analysis: &Analysis) -> impl Iterator<Item = (&Flag, &'static FlagInfo)> {
    let flags = analysis.instances.iter().flat_map(|instance| &instance.flags);
    flags.filter_map(|flag| find(&flag.name).map(|info| (flag, info)))
}

/// Returns true if a switch is turned off as `--no-name`.
fn is_off(flag: &Flag, info: &FlagInfo) -> bool {
    *flag.name != *info.name
}

/// Returns the place and the text of a hint for each flag.
pub fn hints(analysis: &Analysis) -> impl Iterator<Item = (Option<Location>, String)> {
    known(analysis).map(|(flag, info)| {
        let off = if is_off(flag, info) { "switched off: " } else { "" };
        (flag.at, format!("{off}{}", info.note))
    })
}

/// Returns the documentation of the argument at a place, and its default.
pub fn consequences(analysis: &Analysis, argument: Location) -> Vec<String> {
    let here = |flag: &Flag| {
        flag.at.is_some_and(|at| at.file == argument.file && argument.span.touches(at.span.start))
    };
    let Some((_, info)) = known(analysis).find(|(flag, _)| here(flag)) else { return Vec::new() };
    let default = (!info.default.is_empty())
        .then(|| format!("`--{}` is `{}` where it is not given.", info.name, info.default));
    std::iter::once(info.doc.to_owned()).chain(default).collect()
}

/// Returns completions of flags in the arguments of a container.
pub fn suggest(wanted: &CompletionRequest<'_>) -> Vec<Suggestion> {
    let Some(at) = wanted
        .path
        .iter()
        .rposition(|step| matches!(step, PathSegment::Key(key) if &**key == "args"))
    else {
        return Vec::new();
    };
    let container = wanted.path[..at].iter().try_fold(wanted.root, |node, step| match step {
        PathSegment::Key(key) => node.get(key),
        PathSegment::Index(index) => node.items().get(*index),
    });
    let image = container.and_then(|node| node.get("image")).and_then(Node::text);
    if !image.is_some_and(is_prometheus_image) {
        return Vec::new();
    }
    let written = |info: &FlagInfo| match info.takes_value {
        true => format!("--{}={}", info.name, info.default),
        false => format!("--{}", info.name),
    };
    let suggestion = |info: &FlagInfo| Suggestion {
        doc: info.doc.to_owned(),
        ..Suggestion::new(written(info), info.note)
    };
    FLAGS.iter().map(suggestion).collect()
}
