//! What a text of templates refers to: fields of its data, functions and other templates.
//!
//! The data of a template is followed through variables, `with`, `range`, and the functions that
//! choose a part of it. What comes out of any other function is unknown.

mod walk;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Functions, ParseError, funcs, parse};
use text::Span;

/// One step from a value to a part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Field(Arc<str>),
    /// An element of a list or a map, by an index or key that is not written as a constant.
    Element,
}

/// The way from the data of a template to a part of it.
pub type Path = Vec<Step>;

/// A value of a template, as far as the text tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Path(Path),
    /// A map that the function `dict` makes.
    Dict(BTreeMap<Arc<str>, Origin>),
    /// A string constant, or an integer constant as it is written.
    Constant(Arc<str>),
    Unknown,
}

/// A mention of a field of the data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The mention: `.Values.image.tag`, or `.tag` within a `with`.
    pub span: Span,
    /// The template that contains it.
    pub template: Arc<str>,
    /// The way from the data of the template.
    pub path: Path,
    /// True if the text expects that the field may be absent: in a condition, or as the argument of
    /// a function such as `default`.
    pub is_guarded: bool,
}

/// A call of another template, by `include` or `template`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateCall {
    /// The name between its quotation marks.
    pub span: Span,
    /// The calling template.
    pub template: Arc<str>,
    pub name: Arc<str>,
    pub argument: Origin,
}

/// A call of `default` with a constant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultCall {
    /// The constant.
    pub span: Span,
    pub template: Arc<str>,
    pub constant: Arc<str>,
    /// The value that it stands in for.
    pub path: Path,
}

/// The contents of a text of templates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// Names of `define` and `block`, with their places.
    pub definitions: Vec<(Arc<str>, Span)>,
    pub references: Vec<Reference>,
    /// Functions, with their places.
    pub functions: Vec<(Arc<str>, Span)>,
    pub calls: Vec<TemplateCall>,
    pub defaults: Vec<DefaultCall>,
    /// Values that are used with everything in them, each with the template that uses it.
    pub whole: Vec<(Arc<str>, Path)>,
    /// Pipelines that write their value.
    pub writes: Vec<Span>,
    /// True if a template is called by a name that is not constant.
    pub has_dynamic_calls: bool,
}

/// Reads a text and returns what it refers to.
pub fn outline(name: &str, text: &str, functions: &dyn Functions) -> Result<Outline, ParseError> {
    let trees = parse::parse(&parse::Input {
        name,
        text,
        delimiters: super::Delimiters::default(),
        has_function: &|name| {
            functions.signature(name).is_some() || funcs::signature(name).is_some()
        },
        variables: &[],
    })?;
    let mut outline = Outline::default();
    for tree in trees.values() {
        if !tree.defined_at.is_empty() {
            outline.definitions.push((tree.name.clone(), tree.defined_at));
        }
        walk::tree(tree, &mut outline);
    }
    outline.references.sort_by_key(|one| one.span.start);
    outline.writes.sort_by_key(|span| span.start);
    Ok(outline)
}

impl Origin {
    /// A part of the value.
    pub fn part(&self, step: &Step) -> Self {
        match (self, step) {
            (Self::Path(path), step) => {
                let mut path = path.clone();
                path.push(step.clone());
                Self::Path(path)
            }
            (Self::Dict(entries), Step::Field(name)) => {
                entries.get(name).cloned().unwrap_or(Self::Unknown)
            }
            _ => Self::Unknown,
        }
    }

    /// The value that a way leads to.
    pub fn follow(&self, path: &[Step]) -> Self {
        path.iter().fold(self.clone(), |origin, step| origin.part(step))
    }

    /// The ways to the data that the value is or holds.
    pub fn paths(&self) -> Vec<&Path> {
        match self {
            Self::Path(path) => vec![path],
            Self::Dict(entries) => entries.values().flat_map(Self::paths).collect(),
            Self::Constant(_) | Self::Unknown => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{NoFunctions, Signature, Type, Value};
    use super::*;
    use crate::template::Call;

    struct Some;

    impl Functions for Some {
        fn signature(&self, name: &str) -> Option<&Signature> {
            static ANY: Signature =
                Signature { name: "", parameters: &[], variadic: Option::Some(Type::Any) };
            let known = ["include", "default", "dict", "toYaml", "quote", "get", "required", "tpl"];
            known.contains(&name).then_some(&ANY)
        }

        fn call(&self, _: &str, _: &[Value], _: &Call<'_>) -> Result<Value, String> {
            Ok(Value::Nil)
        }
    }

    fn written(path: &[Step]) -> String {
        let step = |step: &Step| match step {
            Step::Field(name) => format!(".{name}"),
            Step::Element => "[]".to_owned(),
        };
        path.iter().map(step).collect()
    }

    #[test]
    fn references_are_followed_to_the_data() {
        for (text, expected) in [
            ("{{ .Values.a.b }}", ".Values.a.b"),
            ("{{ $.Values.a }}", ".Values.a"),
            ("{{ with .Values.a }}{{ .b }}{{ $.x }}{{ end }}", ".Values.a? .Values.a.b .x"),
            ("{{ range .Values.l }}{{ .n }}{{ . }}{{ end }}", ".Values.l .Values.l[].n"),
            ("{{ range $k, $v := .m }}{{ $v.n }}{{ $k }}{{ end }}", ".m .m[].n"),
            ("{{ $v := .Values }}{{ $v.a.b }}", ".Values .Values.a.b"),
            ("{{ (.Values.a).b }}", ".Values.a.b .Values.a"),
            ("{{ index .Values \"a\" \"b\" }}", ".Values .Values.a.b"),
            ("{{ (get .Values \"a\").b }}", ".Values.a.b .Values .Values.a"),
            ("{{ .a | default \"x\" | quote }}", ".a?"),
            ("{{ default \"x\" .a }}", ".a?"),
            ("{{ if and .a .b }}{{ end }}", ".a? .b?"),
            ("{{ define \"t\" }}{{ .a }}{{ end }}", ".a"),
        ] {
            let found = outline("f", text, &Some).expect(text);
            let shown: Vec<String> = found
                .references
                .iter()
                .map(|one| written(&one.path) + if one.is_guarded { "?" } else { "" })
                .collect();
            assert_eq!(shown.join(" "), expected, "{text}");
        }
    }

    #[test]
    fn calls_and_defaults_are_found() {
        let text = "{{ define \"t\" }}{{ end }}{{ include \"t\" (dict \"c\" $ \"v\" .Values.v) }}{{ template \"t\" .x }}{{ .y | default 5 }}{{ toYaml .z }}{{ .a.b }}";
        let found = outline("f", text, &Some).expect("it is a template");
        assert_eq!(&*found.definitions[0].0, "t");
        assert_eq!(found.definitions[0].1.slice(text), "\"t\"");
        let arguments: Vec<Vec<String>> = found
            .calls
            .iter()
            .map(|call| call.argument.paths().into_iter().map(|path| written(path)).collect())
            .collect();
        assert_eq!(arguments, [vec!["", ".Values.v"], vec![".x"]]);
        assert_eq!(&*found.defaults[0].constant, "5");
        assert_eq!(written(&found.defaults[0].path), ".y");
        let whole: Vec<String> = found.whole.iter().map(|(_, path)| written(path)).collect();
        assert_eq!(whole, [".y", ".z", ".a.b"]);
        assert_eq!(found.writes.len(), 4);
    }

    #[test]
    fn spans_hold_the_mention() {
        let text = "a: {{ .Values.a.b | quote }}";
        let found = outline("f", text, &Some).expect("it is a template");
        assert_eq!(found.references[0].span.slice(text), ".Values.a.b");
        assert_eq!(found.functions[0].1.slice(text), "quote");
        assert!(outline("f", "{{ nope }}", &NoFunctions).is_err());
    }
}
