//! Asks a tree for values without caring whether they are there.

use crate::hash::Hash;
use crate::objects::{
    Entry, Field, LabelSelector, Operator, PortRef, PortTarget, Requirement, StringMap, Text,
};
use text::{FileId, Location};
use yaml::{Kind, Node};

/// A place in a tree that may not exist; asking it for more gives nothing. The types of values are
/// checked elsewhere, so what does not fit is left out here, and a number or boolean where text
/// belongs counts as the text it is written as.
#[derive(Clone, Copy)]
pub(super) struct FieldReader<'a> {
    file: FileId,
    node: Option<&'a Node>,
}

impl<'a> FieldReader<'a> {
    pub fn new(file: FileId, node: &'a Node) -> Self {
        Self { file, node: Some(node) }
    }

    pub fn get(self, key: &str) -> FieldReader<'a> {
        let node = self.node.and_then(|node| node.get(key)).filter(|node| !node.is_null());
        Self { file: self.file, node }
    }

    pub fn exists(self) -> bool {
        self.node.is_some()
    }

    pub fn node(self) -> Option<&'a Node> {
        self.node
    }

    /// The location of the value.
    pub fn at(self) -> Option<Location> {
        self.node.map(|node| Location::new(self.file, node.written_span()))
    }

    pub fn items(self) -> impl Iterator<Item = FieldReader<'a>> {
        let file = self.file;
        let items = self.node.map_or(&[][..], Node::items);
        items.iter().map(move |node| FieldReader { file, node: Some(node) })
    }

    /// Keys of a mapping with their values; the key as text and its location.
    pub fn entries(self) -> impl Iterator<Item = (Text, Location, FieldReader<'a>)> {
        let file = self.file;
        self.node.into_iter().flat_map(Node::entries).filter_map(move |entry| {
            let key = Text::from(entry.name()?);
            let at = Location::new(file, entry.key.span);
            Some((key, at, FieldReader { file, node: Some(&entry.value) }))
        })
    }

    /// A scalar's text, also of a number or boolean.
    pub fn text(self) -> Option<Field<Text>> {
        let scalar = self.node?.as_scalar()?;
        Some(Field::new(scalar.text.clone(), self.at()))
    }

    pub fn text_or_empty(self) -> Text {
        self.text().map(|field| field.value).unwrap_or_default()
    }

    pub fn int(self) -> Option<Field<i64>> {
        let text = self.text()?;
        let value = text.value.parse().ok()?;
        Some(Field::new(value, text.at))
    }

    pub fn int32(self) -> Option<Field<i32>> {
        let int = self.int()?;
        Some(Field::new(i32::try_from(int.value).ok()?, int.at))
    }

    pub fn bool(self) -> Option<bool> {
        match self.text()?.value.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "y" => Some(true),
            "false" | "no" | "off" | "n" => Some(false),
            _ => None,
        }
    }

    pub fn texts(self) -> Vec<Field<Text>> {
        self.items().filter_map(FieldReader::text).collect()
    }

    pub fn plain_texts(self) -> Vec<Text> {
        self.texts().into_iter().map(|field| field.value).collect()
    }

    pub fn string_map(self) -> StringMap {
        self.entries()
            .filter_map(|(key, key_at, value)| {
                let text = value.text()?;
                // A null is the zero value, the empty text.
                let null = value.node.is_some_and(Node::is_null);
                let value = if null { Text::default() } else { text.value };
                Some(Entry { key, value, key_at: Some(key_at), at: text.at })
            })
            .collect()
    }

    /// A port as number or name. A quoted number is a name to Kubernetes, which then refuses it;
    /// it is taken as a name here too.
    pub fn port(self) -> Option<PortRef> {
        let scalar = self.node?.as_scalar()?;
        let plain = scalar.style == yaml::ScalarStyle::Plain;
        let target = match scalar.text.parse() {
            Ok(number) if plain => PortTarget::Number(number),
            _ => PortTarget::Name(scalar.text.clone()),
        };
        Some(PortRef { target, at: self.at() })
    }

    /// A hash of what is written here, without regard to places, comments and styles.
    pub fn fingerprint(self) -> u64 {
        let mut hash = Hash::default();
        if let Some(node) = self.node {
            add_node(&mut hash, node);
        }
        hash.value()
    }

    pub fn label_selector(self) -> Option<LabelSelector> {
        match self.node?.kind {
            Kind::Mapping(_) => {}
            _ => return None,
        }
        let requirement = |item: FieldReader<'a>| {
            Some(Requirement {
                key: item.get("key").text()?.value,
                operator: Operator::from_name(&item.get("operator").text()?.value)?,
                values: item.get("values").plain_texts(),
            })
        };
        Some(LabelSelector {
            match_labels: self.get("matchLabels").string_map(),
            match_expressions: self
                .get("matchExpressions")
                .items()
                .filter_map(requirement)
                .collect(),
            location: self.at(),
        })
    }
}

/// Trees are of limited depth, so recursion is safe.
fn add_node(hash: &mut Hash, node: &Node) {
    match &node.kind {
        Kind::Scalar(scalar) => hash.add(&scalar.text),
        Kind::Sequence(sequence) => {
            hash.add("[");
            sequence.items.iter().for_each(|item| add_node(hash, item));
            hash.add("]");
        }
        Kind::Mapping(mapping) => {
            hash.add("{");
            for entry in mapping.iter() {
                add_node(hash, &entry.key);
                add_node(hash, &entry.value);
            }
            hash.add("}");
        }
    }
}
