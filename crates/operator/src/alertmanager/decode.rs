//! A configuration that a user wrote, read strictly as Go's YAML library reads it into the types of
//! the Operator or of Alertmanager.
//!
//! Source: gopkg.in/yaml.v2 decode.go.

use std::collections::BTreeSet;

use go::Duration;
use text::LineIndex;
use yaml::scalars::{self, GoError, Value};
use yaml::{Kind as NodeKind, Node};

use super::types::{In, Kind, Row, Type};
use super::{host_port, matchers, url};
use crate::checks::at;
use crate::store::Checked;
use crate::tree::{Data, Entries, Tree};

/// Reads a text into the types of a program. Alertmanager's types are checked too.
pub fn read(text: &str, of: &'static Type, program: In) -> Checked<Tree> {
    let parsed = yaml::parse(text::FileId::default(), text);
    if let Some(refusal) = parsed.refusal {
        return Err(refusal);
    }
    let empty = Tree::map();
    let Some(root) = parsed.root() else { return Ok(empty) };
    let mut decode = Decode { program, lines: LineIndex::new(text), errors: Vec::new() };
    let tree = decode.structure(root, of)?;
    if decode.errors.is_empty() {
        return Ok(tree.unwrap_or(empty));
    }
    Err(format!("yaml: unmarshal errors:\n  {}", decode.errors.join("\n  ")))
}

struct Decode {
    program: In,
    lines: LineIndex,
    /// Errors that do not end the decoding.
    errors: Vec<String>,
}

/// A value; None if an error was noted.
type Decoded = Checked<Option<Tree>>;

impl Decode {
    fn note(&mut self, node: &Node, message: &str) {
        let line = self.lines.line_number(node.span.start);
        self.errors.push(format!("line {line}: {message}"));
    }

    fn scalar<T>(&mut self, node: &Node, value: Result<T, GoError>) -> Checked<Option<T>> {
        match value {
            Ok(value) => Ok(Some(value)),
            Err(GoError::Mismatch(message)) => {
                self.note(node, &message);
                Ok(None)
            }
            Err(GoError::Fatal(message)) => Err(format!("yaml: {message}")),
        }
    }

    fn mismatch(&mut self, node: &Node, go_type: &str) -> Decoded {
        let error = scalars::mismatch(node, go_type);
        self.scalar(node, Err(error))
    }

    fn name(&self, of: &Type) -> &'static str {
        if self.program == In::Alertmanager { of.alertmanager } else { of.operator }
    }

    fn row(&self, of: &'static Type, key: &str) -> Option<&'static Row> {
        let of_program = |row: &&Row| row.has == In::Both || row.has == self.program;
        of.rows.iter().filter(of_program).find(|row| row.key == key)
    }

    fn structure(&mut self, node: &Node, of: &'static Type) -> Decoded {
        let before = self.errors.len();
        let NodeKind::Mapping(mapping) = &node.kind else {
            return if node.is_null() { Ok(None) } else { self.mismatch(node, self.name(of)) };
        };
        let (mut out, mut seen) = (Entries::default(), BTreeSet::new());
        for entry in mapping.iter() {
            let key = entry.name().unwrap_or_default();
            let Some(row) = self.row(of, key) else {
                let message = format!("field {key} not found in type {}", self.name(of));
                self.note(&entry.key, &message);
                continue;
            };
            if !seen.insert(key) {
                let message = format!("field {key} already set in type {}", self.name(of));
                self.note(&entry.key, &message);
                continue;
            }
            if let Some(value) = self.value(&entry.value, row.kind)? {
                out.put(row.key, value);
            }
        }
        if self.errors.len() > before {
            return Ok(None);
        }
        // The order of the keys is that of the type.
        let place = |key: &str| of.rows.iter().position(|row| row.key == key);
        out.0.sort_by_key(|(key, _)| place(key));
        let tree = out.tree();
        if self.program == In::Alertmanager {
            (of.check)(&tree)?;
        }
        Ok(Some(tree))
    }

    fn value(&mut self, node: &Node, kind: Kind) -> Decoded {
        let is_null = node.is_null() && !matches!(kind, Kind::Any);
        if is_null {
            return Ok(None);
        }
        match kind {
            Kind::Flag | Kind::Switch => {
                let value = self.scalar(node, scalars::bool(node))?;
                Ok(value.map(Tree::raw))
            }
            Kind::Int => {
                let value = self.scalar(node, scalars::int(node, 64, "int64"))?;
                Ok(value.map(Tree::raw))
            }
            Kind::Uint | Kind::UintPointer => {
                let value = match self.program {
                    In::Alertmanager => scalars::uint(node, 64, "uint64").map(|n| n.to_string()),
                    _ => scalars::int(node, 32, "int32").map(|n| n.to_string()),
                };
                Ok(self.scalar(node, value)?.map(Tree::raw))
            }
            Kind::Texts | Kind::MaskedTexts | Kind::Matchers => self.texts(node, kind),
            Kind::TextMap | Kind::Regexps | Kind::TextsMap | Kind::AnyMap | Kind::Headers(_) => {
                self.map(node, kind)
            }
            Kind::Ranges(range) => {
                let Some(list) = self.list(node, Kind::Text, "[]timeinterval.InclusiveRange")?
                else {
                    return Ok(None);
                };
                let texts = list.iter().map(|item| match &item.data {
                    Data::Text(text) => range.of_text(text).map(Into::into),
                    _ => Ok("".into()),
                });
                Ok(Some(Data::Flow(texts.collect::<Checked<_>>()?).into()))
            }
            Kind::Any => any(node).map(Some),
            Kind::Pointer(of) | Kind::Struct(of) => self.structure(node, of),
            Kind::List(of) => {
                let NodeKind::Sequence(sequence) = &node.kind else {
                    return self.mismatch(node, &format!("[]*{}", self.name(of)));
                };
                let mut items = Vec::new();
                for item in &sequence.items {
                    if item.is_null() {
                        items.push(Tree::raw("null"));
                    } else {
                        items.extend(self.structure(item, of)?);
                    }
                }
                Ok(Some(Tree::list(items)))
            }
            Kind::TextOrMap if self.program == In::Alertmanager => any(node).map(Some),
            _ => self.text(node, kind),
        }
    }

    fn text(&mut self, node: &Node, kind: Kind) -> Decoded {
        let loads = self.program == In::Alertmanager;
        if let (Kind::Timeout, true) = (kind, loads) {
            return self.go_duration(node);
        }
        let Some(text) = self.scalar(node, scalars::string(node))? else { return Ok(None) };
        let shown = match kind {
            Kind::Duration | Kind::Timeout => duration(&text)?,
            Kind::TimeText if !loads => duration(&text)?,
            Kind::TextDuration if loads => duration(&text)?,
            Kind::TimeText | Kind::TextTimeout if loads => {
                go::time::parse_duration(&text)?;
                text.into_owned()
            }
            Kind::FullUrl | Kind::Url if loads && text != "<secret>" => {
                url::parse(&text)?;
                text.into_owned()
            }
            Kind::FullUrl if !loads => {
                go::url::parse(&text)?;
                go::url::print(&text)
            }
            Kind::TemplateUrl if loads && !text.is_empty() && text != "<secret>" => {
                if !at(url::is_template(&text), "invalid template syntax")? {
                    at(url::parse(&text), "invalid URL")?;
                }
                text.into_owned()
            }
            Kind::HostPort if !text.is_empty() => {
                let shown = host_port(&text)?;
                if shown.ends_with(':') {
                    let quoted = go::quote::quote(&text);
                    return Err(format!("address {quoted}: port cannot be empty"));
                }
                shown
            }
            _ => text.into_owned(),
        };
        Ok(Some(Tree::text(shown)))
    }

    /// Reads a time.Duration: nanoseconds, or a text.
    fn go_duration(&mut self, node: &Node) -> Decoded {
        let good = match scalars::resolve(node) {
            Some(Ok(Value::Int(_))) => true,
            Some(Ok(Value::Text(text))) => go::time::parse_duration(&text).is_ok(),
            _ => false,
        };
        if good { Ok(None) } else { self.mismatch(node, "time.Duration") }
    }

    fn list(&mut self, node: &Node, kind: Kind, go_type: &str) -> Checked<Option<Vec<Tree>>> {
        let NodeKind::Sequence(sequence) = &node.kind else {
            self.mismatch(node, go_type)?;
            return Ok(None);
        };
        let mut items = Vec::new();
        for item in &sequence.items {
            items.push(self.value(item, kind)?.unwrap_or_else(|| Tree::text("")));
        }
        Ok(Some(items))
    }

    fn texts(&mut self, node: &Node, kind: Kind) -> Decoded {
        let items = self.list(node, Kind::Text, "[]string")?;
        if let (Kind::Matchers, In::Alertmanager) = (kind, self.program) {
            for item in items.iter().flatten() {
                if let Data::Text(text) = &item.data {
                    matchers::check(text)?;
                }
            }
        }
        if let (Kind::MaskedTexts, Some(items)) = (kind, &items) {
            return Ok(Some(Tree::texts(items.iter().map(|_| "<secret>"))));
        }
        Ok(items.map(Tree::list))
    }

    fn map(&mut self, node: &Node, kind: Kind) -> Decoded {
        let NodeKind::Mapping(mapping) = &node.kind else {
            let go_type = match kind {
                Kind::TextsMap => "map[string][]string",
                Kind::AnyMap => "map[string]interface {}",
                _ => "map[string]string",
            };
            return self.mismatch(node, go_type);
        };
        let mut pairs = Vec::new();
        for entry in mapping.iter() {
            let key = entry.name().unwrap_or_default().to_owned();
            let node = &entry.value;
            let value = match kind {
                Kind::AnyMap => Some(any(node)?),
                Kind::TextsMap => self.value(node, Kind::Texts)?,
                Kind::Headers(of) => self.structure(node, of)?,
                _ => self.value(node, Kind::Text)?,
            };
            if let (Kind::Regexps, In::Alertmanager, Some(Data::Text(text))) =
                (kind, self.program, value.as_ref().map(|value| &value.data))
            {
                matchers::check_regexp(&key, text)?;
            }
            pairs.push((key, value.unwrap_or_else(|| Tree::text(""))));
        }
        Ok(Some(Tree::text_map(pairs)))
    }
}

fn duration(text: &str) -> Checked<String> {
    Duration::parse(text).map(|duration| duration.to_string()).map_err(|error| error.to_string())
}

/// Reads a value without a type.
fn any(node: &Node) -> Checked<Tree> {
    Ok(match &node.kind {
        NodeKind::Scalar(_) => match scalars::resolve(node) {
            Some(Ok(Value::Null)) | None => Tree::raw("null"),
            Some(Ok(Value::Bool(value))) => Tree::raw(value),
            Some(Ok(Value::Int(value))) => Tree::raw(value),
            Some(Ok(Value::Uint(value))) => Tree::raw(value),
            Some(Ok(Value::Float(value))) => Tree::raw(go::number::format_float(value)),
            Some(Ok(Value::Text(text))) => Tree::text(text),
            Some(Ok(Value::Timestamp(text))) => Tree::text(text),
            Some(Err(error)) => return Err(format!("yaml: {error}")),
        },
        NodeKind::Sequence(sequence) => {
            Tree::list(sequence.items.iter().map(any).collect::<Checked<_>>()?)
        }
        NodeKind::Mapping(mapping) => {
            let pairs = mapping
                .iter()
                .map(|entry| Ok((entry.name().unwrap_or_default().to_owned(), any(&entry.value)?)));
            Tree::text_map(pairs.collect::<Checked<Vec<_>>>()?)
        }
    })
}
