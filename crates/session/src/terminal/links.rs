//! Names in the output that lead to a place of the page, where it is clear what they name.

use std::collections::HashMap;

use kubernetes::kinds::named;
use protocol::{LinkTarget, ObjectKey, OutputLink, Page};
use text::{FileId, Location};
use world::World;

use super::Places;
use crate::workspace::charts::origins::locate;

/// Bytes of a piece in which names are looked for.
const MOST_TEXT: usize = 64 << 10;
/// Links of a piece at most.
const MOST_LINKS: usize = 300;

/// Kinds that the page "Cluster" shows without a manifest of their own.
const OF_CONTROLLERS: &[&str] = &["Pod", "ReplicaSet", "Endpoints", "EndpointSlice"];

/// The names that are known.
pub(super) struct Links<'a> {
    /// Objects by name.
    objects: HashMap<&'a str, Vec<Named<'a>>>,
    files: HashMap<&'a str, FileId>,
}

#[derive(Clone, Copy, PartialEq)]
struct Named<'a> {
    kind: &'a str,
    namespace: &'a str,
    name: &'a str,
    at: Option<Location>,
}

impl<'a> Links<'a> {
    pub fn new(world: Option<&'a World>, places: &Places<'a>) -> Self {
        let mut objects: HashMap<&str, Vec<Named<'_>>> = HashMap::new();
        for object in places.applied.stored() {
            objects.entry(&object.name).or_default().push(Named {
                kind: &object.kind,
                namespace: &object.namespace,
                name: &object.name,
                at: Some(locate(places.sources, places.sources, object.location)),
            });
        }
        for (key, _) in world.into_iter().flat_map(|world| world.cluster.server.storage.iter()) {
            if OF_CONTROLLERS.contains(&key.kind) {
                let one =
                    Named { kind: key.kind, namespace: &key.namespace, name: &key.name, at: None };
                let of_name = objects.entry(&key.name).or_default();
                if !of_name
                    .iter()
                    .any(|known| known.kind == one.kind && known.namespace == one.namespace)
                {
                    of_name.push(one);
                }
            }
        }
        let files = places.files.iter().map(|file| (&*file.name, file.id)).collect();
        Self { objects, files }
    }

    /// The links of a text that a command line has printed. Kinds in the line tell which object a
    /// name means.
    pub fn of(&self, text: &str, line: &str) -> Vec<OutputLink> {
        let kinds = kinds_in(line);
        let mut links = Vec::new();
        if text.len() > MOST_TEXT {
            return links;
        }
        for (start, word) in words(text) {
            let Some(target) = self.target(word, &kinds) else { continue };
            let end = (start + word.len()) as u32;
            links.push(OutputLink { start: start as u32, end, target });
            if links.len() >= MOST_LINKS {
                break;
            }
        }
        links
    }

    fn target(&self, word: &str, kinds: &[&str]) -> Option<LinkTarget> {
        if let Some(file) = self.files.get(word) {
            return Some(LinkTarget::File(*file));
        }
        // `deployment.apps/web`, `pod/web-1`
        let (kind, name) = match word.split_once('/') {
            Some((kind, name)) => (Some(named(kind)?.kind), name),
            None => (None, word),
        };
        let named = self.objects.get(name)?;
        let is_meant = |one: &&Named<'_>| match kind {
            Some(kind) => one.kind == kind,
            None => kinds.contains(&one.kind),
        };
        let mut meant: Vec<&Named<'_>> = named.iter().filter(is_meant).collect();
        if meant.is_empty() && kind.is_none() {
            meant = named.iter().collect();
        }
        let [one] = meant[..] else { return None };
        let object = ObjectKey {
            kind: one.kind.to_owned(),
            namespace: one.namespace.to_owned(),
            name: one.name.to_owned(),
        };
        Some(match one.at {
            Some(at) => LinkTarget::Manifest { object, at },
            None => LinkTarget::Page { object, page: Page::Cluster },
        })
    }
}

/// The kinds that a command line names.
fn kinds_in(line: &str) -> Vec<&'static str> {
    let words = line.split([' ', ',', '/']).filter(|word| !word.starts_with('-'));
    words.filter_map(|word| Some(named(word)?.kind)).collect()
}

/// Words of a text with their offsets: what stands between blanks, quotes, brackets and commas.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let breaks = |c: char| c.is_whitespace() || "\"'(),;[]{}=`".contains(c);
    let mut rest = 0;
    text.split(breaks).filter_map(move |word| {
        let start = rest;
        // Every break is one character of one byte or a wider blank.
        rest = start + word.len();
        rest += text.get(rest..)?.chars().next().map_or(0, char::len_utf8);
        let word = word.trim_end_matches(['.', ':', '!']);
        (word.len() > 1).then_some((start, word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_their_offsets() {
        let text = "pod/web-1 created\n\u{a0}\"db\": x, (all.yaml)";
        let found: Vec<(usize, &str)> = words(text).collect();
        let expected = [(0, "pod/web-1"), (10, "created"), (21, "db"), (30, "all.yaml")];
        assert_eq!(found, expected);
        assert!(found.iter().all(|(at, word)| text[*at..].starts_with(word)));
    }

    #[test]
    fn kinds_are_read_from_a_line() {
        assert_eq!(kinds_in("kubectl get po,svc -n x"), ["Pod", "Service"]);
        assert_eq!(kinds_in("kubectl describe deploy/web"), ["Deployment"]);
    }
}
