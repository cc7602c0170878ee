//! Checks of scalars against their types, with the messages of the decoder.

use super::{Dialect, Hooks, Type};
use go::quote::quote;
use go::{Duration, Regex};
use yaml::scalars::{self, GoError, Value};
use yaml::{Kind, Node, ScalarStyle};

/// A value that does not match its type, as an error.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TypeMismatch {
    pub code: &'static str,
    pub message: String,
    pub help: String,
}

impl TypeMismatch {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: String::new() }
    }

    fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

/// Returns true if a scalar has the kind of the type. Its notation is not checked.
pub(super) fn fits(ty: &Type, node: &Node) -> bool {
    match ty {
        Type::Bool => scalars::bool(node).is_ok(),
        Type::Int { .. } | Type::Uint { .. } => {
            matches!(scalars::resolve(node), Some(Ok(Value::Int(_) | Value::Uint(_))))
        }
        Type::Float => scalars::float(node).is_ok(),
        // Among several types an enumeration is meant only where its words are written.
        Type::Enum(allowed) => scalars::string(node)
            .is_ok_and(|text| allowed.iter().any(|allowed| allowed.value == text)),
        Type::Record(_) | Type::List(_) | Type::Map { .. } => false,
        _ => scalars::string(node).is_ok(),
    }
}

/// Checks a value against its type. The contents of collections are not checked. `owner` is the
/// record and path of the field for Kubernetes, and the Go type for Prometheus if it does not follow
/// from `ty`.
pub(super) fn check(
    ty: &Type,
    node: &Node,
    dialect: Dialect,
    owner: &dyn Fn() -> String,
    hooks: &dyn Hooks,
) -> Result<(), TypeMismatch> {
    // Null is the zero value of any type.
    if node.is_null() {
        return Ok(());
    }
    let shape_fits = match (&node.kind, ty) {
        (_, Type::Any | Type::OneOf(_)) => return Ok(()),
        (Kind::Mapping(_), Type::Record(_) | Type::Map { .. }) => return Ok(()),
        (Kind::Sequence(_), Type::List(_)) => return Ok(()),
        (Kind::Scalar(_), Type::Record(_) | Type::Map { .. } | Type::List(_)) => false,
        (Kind::Scalar(_), _) => true,
        _ => false,
    };
    if !shape_fits {
        return Err(wrong_type(ty, node, dialect, owner));
    }
    match dialect {
        Dialect::Prometheus | Dialect::Rules => decode_as_go(ty, node, owner)?,
        Dialect::Kubernetes => decode_as_json(ty, node, owner)?,
    }
    let text = scalars::string(node).unwrap_or_default();
    notation(ty, node, &text, hooks)
}

/// The decoding of Prometheus: any scalar is a string, numbers and booleans are strict.
fn decode_as_go(ty: &Type, node: &Node, owner: &dyn Fn() -> String) -> Result<(), TypeMismatch> {
    let refused = |error: GoError| {
        let help = help_for(ty, node);
        TypeMismatch::new("wrong-type", error.to_string()).with_help(help)
    };
    match ty {
        Type::Bool => scalars::bool(node).map(drop).map_err(refused),
        Type::Int { min, max } => {
            let value = scalars::int(node, 64, &named(ty, owner)).map_err(refused)?;
            in_range(i128::from(value), i128::from(*min), i128::from(*max))
        }
        Type::Uint { max } => {
            let bits = uint_bits(*max);
            scalars::uint(node, bits, &named(ty, owner))
                .map_err(refused)
                .and_then(|value| in_range(i128::from(value), 0, i128::from(*max)))
        }
        Type::Float => scalars::float(node).map(drop).map_err(refused),
        _ => scalars::string(node).map(drop).map_err(refused),
    }
}

fn in_range(value: i128, min: i128, max: i128) -> Result<(), TypeMismatch> {
    if (min..=max).contains(&value) {
        return Ok(());
    }
    Err(TypeMismatch::new("number-out-of-range", format!("{value} is not between {min} and {max}")))
}

fn uint_bits(max: u64) -> u32 {
    match max {
        0..=0xff => 8,
        0x100..=0xffff => 16,
        0x1_0000..=0xffff_ffff => 32,
        _ => 64,
    }
}

/// Kubernetes turns YAML into JSON first, and JSON's kinds are strict.
fn decode_as_json(ty: &Type, node: &Node, owner: &dyn Fn() -> String) -> Result<(), TypeMismatch> {
    let value = match scalars::resolve(node) {
        Some(Ok(value)) => value,
        Some(Err(error)) => return Err(TypeMismatch::new("wrong-type", error.to_string())),
        None => return Ok(()),
    };
    let kind = match &value {
        Value::Bool(_) => "bool",
        Value::Int(_) | Value::Uint(_) | Value::Float(_) => "number",
        _ => "string",
    };
    let wanted = match ty {
        Type::Bool => "bool",
        Type::Int { .. } | Type::Uint { .. } | Type::Float => "number",
        // A quantity and a port may be written either way.
        Type::Quantity => return Ok(()),
        _ => "string",
    };
    if kind != wanted {
        return Err(wrong_type(ty, node, Dialect::Kubernetes, owner));
    }
    match (ty, value) {
        (Type::Int { min, max }, Value::Int(value)) => {
            in_range(i128::from(value), i128::from(*min), i128::from(*max))
        }
        (Type::Int { .. }, Value::Float(value)) if value.fract() != 0.0 => {
            Err(wrong_type(ty, node, Dialect::Kubernetes, owner))
        }
        (Type::Int { min, max }, Value::Uint(value)) => {
            in_range(i128::from(value), i128::from(*min), i128::from(*max))
        }
        _ => Ok(()),
    }
}

fn wrong_type(
    ty: &Type,
    node: &Node,
    dialect: Dialect,
    owner: &dyn Fn() -> String,
) -> TypeMismatch {
    let message = match dialect {
        Dialect::Prometheus | Dialect::Rules => {
            scalars::mismatch(node, &named(ty, owner)).to_string()
        }
        Dialect::Kubernetes => {
            let kind = match &node.kind {
                Kind::Mapping(_) => "object",
                Kind::Sequence(_) => "array",
                Kind::Scalar(_) => match scalars::resolve(node) {
                    Some(Ok(Value::Bool(_))) => "bool",
                    Some(Ok(Value::Int(_) | Value::Uint(_) | Value::Float(_))) => "number",
                    _ => "string",
                },
            };
            let target = json_name(ty);
            let owner = owner();
            format!("json: cannot unmarshal {kind} into Go struct field {owner} of type {target}")
        }
    };
    TypeMismatch::new("wrong-type", message).with_help(help_for(ty, node))
}

/// The help for a value of the wrong type.
fn help_for(ty: &Type, node: &Node) -> String {
    let quoted = node
        .as_scalar()
        .is_some_and(|scalar| matches!(scalar.style, ScalarStyle::Single | ScalarStyle::Double));
    match (ty, &node.kind) {
        (Type::Bool, Kind::Scalar(_)) if quoted => {
            "A value in quotes is a string. Remove the quotes.".to_owned()
        }
        (Type::Bool, _) => "Write `true` or `false`.".to_owned(),
        (Type::Int { .. } | Type::Uint { .. } | Type::Float, Kind::Scalar(_)) if quoted => {
            "A value in quotes is a string. Remove the quotes.".to_owned()
        }
        (Type::Int { .. } | Type::Uint { .. }, _) => "Write an integer.".to_owned(),
        (Type::Float, _) => "Write a number.".to_owned(),
        (Type::List(_), Kind::Scalar(_)) => {
            "Write a list, even for a single entry: `[entry]`, or `- entry` on its own line."
                .to_owned()
        }
        (Type::List(_), Kind::Mapping(_)) => {
            "Write a list: put `- ` before the first key and indent the other keys by two spaces."
                .to_owned()
        }
        (Type::Record(record), _) => {
            let some: Vec<&str> = record.all_fields().take(3).map(|field| field.key).collect();
            format!("Write a mapping with keys such as `{}`.", some.join("`, `"))
        }
        (Type::Map { .. }, _) => "Write a mapping: `name: value`.".to_owned(),
        (_, Kind::Mapping(_) | Kind::Sequence(_)) => "Write a single value.".to_owned(),
        _ => "Put the value in quotes to make it a string.".to_owned(),
    }
}

/// The Go type: the given name, or the one that follows from `ty`.
fn named(ty: &Type, owner: &dyn Fn() -> String) -> String {
    let own = owner();
    if own.is_empty() { go_name(ty) } else { own }
}

/// Types as Go's messages name them.
pub(super) fn go_name(ty: &Type) -> String {
    match ty {
        Type::Bool => "bool".to_owned(),
        Type::Int { .. } => "int".to_owned(),
        Type::Uint { max } => match uint_bits(*max) {
            64 => "uint".to_owned(),
            bits => format!("uint{bits}"),
        },
        Type::Float => "float64".to_owned(),
        Type::Size => "units.Base2Bytes".to_owned(),
        Type::Secret => "config.plain".to_owned(),
        Type::List(Type::Secret) => "[]config.Secret".to_owned(),
        Type::List(item) => format!("[]{}", go_name(item)),
        Type::Map { key, value } => format!("map[{}]{}", go_name(key), go_name(value)),
        Type::Record(record) if !record.go_type.is_empty() => record.go_type.to_owned(),
        Type::Record(record) => record.name.to_owned(),
        Type::Any => "interface {}".to_owned(),
        _ => "string".to_owned(),
    }
}

fn json_name(ty: &Type) -> String {
    match ty {
        Type::Int { max, .. } if *max <= i64::from(i32::MAX) => "int32".to_owned(),
        Type::Int { .. } => "int64".to_owned(),
        Type::Record(record) => format!("v1.{}", record.name),
        Type::List(item) => format!("[]{}", json_name(item)),
        Type::Map { value, .. } => format!("map[string]{}", json_name(value)),
        _ => go_name(ty),
    }
}

/// Returns the error of a value that an enum does not have.
fn not_allowed(text: &str, values: &[&str]) -> TypeMismatch {
    let allowed = format!("Allowed values are `{}`.", values.join("`, `"));
    let help = match super::similar::nearest(text, values.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`? {allowed}"),
        None => allowed,
    };
    TypeMismatch::new("value-not-allowed", format!("`{text}` is not allowed here")).with_help(help)
}

/// Checks the notation of a text: durations, regular expressions, names.
fn notation(ty: &Type, node: &Node, text: &str, hooks: &dyn Hooks) -> Result<(), TypeMismatch> {
    let error = |code: &'static str, message: String| Err(TypeMismatch::new(code, message));
    if let Some(raw) = not_utf8(node) {
        match ty {
            Type::Duration { .. } => {
                return error("invalid-duration", format!("not a valid duration string: {raw}"));
            }
            Type::Regex => {
                return error("invalid-regex", "error parsing regexp: invalid UTF-8".to_owned());
            }
            _ => {}
        }
    }
    match ty {
        Type::Duration { zero } => duration_notation(text, *zero),
        Type::Regex => match Regex::new(text) {
            Err(reason) => Err(TypeMismatch::new("invalid-regex", reason.to_string()).with_help(
                "Prometheus uses RE2, which has no lookaround and no backreferences, and anchors the \
                 expression at both ends.",
            )),
            Ok(_) => Ok(()),
        },
        Type::LabelName if text.is_empty() && not_utf8(node).is_none() => {
            error("invalid-label", "\"\" is not a valid label name".to_owned())
        }
        Type::LabelName | Type::LabelValue => match not_utf8(node) {
            Some(raw) => {
                let what = if matches!(ty, Type::LabelName) { "name" } else { "value" };
                error("invalid-label", format!("{raw} is not a valid label {what}"))
            }
            None => Ok(()),
        },
        Type::MetricName if text.is_empty() || text.contains('{') => {
            error("invalid-metric-name", format!("{text} is not a valid metric name", text = quote(text)))
        }
        Type::Enum(allowed) => {
            let values: Vec<&str> = allowed.iter().map(|allowed| allowed.value).collect();
            if text.is_empty() || values.contains(&text) { Ok(()) } else { Err(not_allowed(text, &values)) }
        }
        Type::Quantity if !is_quantity(text) => Err(TypeMismatch::new(
            "invalid-quantity",
            format!("quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$': {text}", text = quote(text)),
        )
        .with_help("Write a number with an optional suffix: `500m`, `2`, `128Mi`, `10Gi`.")),
        Type::Bytes if go::base64::decode(text).is_err() => {
            Err(TypeMismatch::new("invalid-base64", "illegal base64 data").with_help(
                "Values under `data` are base64. Use `stringData` for plain text.",
            ))
        }
        _ => hooks.notation(ty, text).or_else(|message| error(notation_code(ty), message)),
    }
}

fn duration_notation(text: &str, zero: bool) -> Result<(), TypeMismatch> {
    let mismatch = |message: String| TypeMismatch::new("invalid-duration", message);
    match Duration::parse(text) {
        Err(reason) => Err(mismatch(reason.to_string()).with_help(
            "Write integers with a unit each, largest first: `30s`, `1m30s`, `2h`, `7d`. \
             The units are ms, s, m, h, d, w, y. Fractions are not allowed.",
        )),
        Ok(duration) if duration.millis() == 0 && !zero => {
            Err(mismatch("duration must be greater than 0".to_owned()))
        }
        Ok(_) => Ok(()),
    }
}

fn notation_code(ty: &Type) -> &'static str {
    match ty {
        Type::Size => "invalid-size",
        Type::Url => "invalid-url",
        Type::PromQl => "invalid-promql",
        Type::Template => "invalid-template",
        _ => "invalid-value",
    }
}

/// The bytes of a `!!binary` that is no text, as Go quotes them.
fn not_utf8(node: &Node) -> Option<String> {
    let scalar = node.as_scalar()?;
    node.tag.as_deref().filter(|tag| tag.ends_with("binary"))?;
    let bytes = go::base64::decode(&scalar.text).ok()?;
    std::str::from_utf8(&bytes).err()?;
    let mut quoted = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        quoted.extend(chunk.valid().escape_debug());
        for byte in chunk.invalid() {
            quoted.push_str(&format!("\\x{byte:02x}"));
        }
    }
    quoted.push('"');
    Some(quoted)
}

/// Source: k8s.io/apimachinery pkg/api/resource.
fn is_quantity(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.len()
        - unsigned.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
    let (number, suffix) = unsigned.split_at(digits);
    let number_fits = number.bytes().filter(|&b| b == b'.').count() <= 1
        && number.bytes().any(|b| b.is_ascii_digit());
    let exponent = suffix.strip_prefix(['e', 'E']).is_some_and(|rest| {
        let rest = rest.strip_prefix(['+', '-']).unwrap_or(rest);
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit())
    });
    let known =
        ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    number_fits && (exponent || known.contains(&suffix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoHooks;
    use text::Span;

    fn verdict(ty: Type, dialect: Dialect, text: &str) -> Result<(), String> {
        let node = Node::scalar(Span::new(0, 1), text, ScalarStyle::Plain);
        let owner = || match dialect {
            Dialect::Kubernetes => "Port.port".to_owned(),
            _ => String::new(),
        };
        check(&ty, &node, dialect, &owner, &NoHooks).map_err(|mismatch| mismatch.message)
    }

    #[test]
    fn prometheus_takes_any_scalar_as_text_and_numbers_strictly() {
        let go = |ty, text| verdict(ty, Dialect::Prometheus, text);
        assert_eq!(go(Type::String, "5"), Ok(()));
        assert_eq!(go(Type::Bool, "on"), Ok(()));
        assert_eq!(go(Type::Bool, "1"), Err("cannot unmarshal !!int `1` into bool".into()));
        assert_eq!(go(Type::Uint { max: u64::MAX }, "0x10"), Ok(()));
        assert_eq!(
            go(Type::Uint { max: u64::MAX }, "-1"),
            Err("cannot unmarshal !!int `-1` into uint".into())
        );
        assert_eq!(
            go(Type::Int { min: 1, max: 65535 }, "0"),
            Err("0 is not between 1 and 65535".into())
        );
        assert_eq!(
            go(Type::List(&Type::String), "x"),
            Err("cannot unmarshal !!str `x` into []string".into())
        );
        assert_eq!(go(Type::List(&Type::String), ""), Ok(()), "null is the zero value");
    }

    #[test]
    fn kubernetes_keeps_json_kinds_apart() {
        let json = |ty, text| verdict(ty, Dialect::Kubernetes, text);
        assert_eq!(json(Type::Int { min: 0, max: 65535 }, "80"), Ok(()));
        assert_eq!(
            json(Type::String, "80"),
            Err("json: cannot unmarshal number into Go struct field Port.port of type string"
                .into())
        );
        assert_eq!(
            json(Type::String, "yes"),
            Err("json: cannot unmarshal bool into Go struct field Port.port of type string".into())
        );
        assert_eq!(json(Type::Quantity, "1"), Ok(()));
        assert!(json(Type::Quantity, "1GB").is_err());
    }

    #[test]
    fn notations() {
        let go = |ty, text| verdict(ty, Dialect::Prometheus, text);
        assert_eq!(go(Type::Duration { zero: false }, "1h30m"), Ok(()));
        assert!(go(Type::Duration { zero: false }, "0").is_err());
        assert_eq!(go(Type::Duration { zero: true }, "0s"), Ok(()));
        assert_eq!(
            go(Type::Duration { zero: true }, "5 m"),
            Err("unknown unit \" m\" in duration \"5 m\"".into())
        );
        assert!(go(Type::Regex, "(a").is_err());
        for quantity in ["500m", "1.5Gi", "1e3", "-2", "+1E-3", "0.5"] {
            assert_eq!(go(Type::Quantity, quantity), Ok(()), "{quantity}");
        }
        for quantity in ["Gi", "1.2.3", "5 m", "1e", "1Kb"] {
            assert!(go(Type::Quantity, quantity).is_err(), "{quantity}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_no_label() {
        let mut node = Node::scalar(Span::new(0, 1), "YWL/", ScalarStyle::Plain);
        node.tag = Some("tag:yaml.org,2002:binary".into());
        let mismatch = check(&Type::LabelName, &node, Dialect::Prometheus, &String::new, &NoHooks)
            .unwrap_err();
        assert_eq!(mismatch.message, "\"ab\\xff\" is not a valid label name");
    }
}
