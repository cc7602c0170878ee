//! The values that templates compute with, typed as Go's reflection sees them.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use super::printf::sprint_one;

/// A value with its dynamic Go type. Functions and comparisons refuse values of the wrong type, so
/// `3` of a YAML file (a float64) and `3` of a template (an int) are different values.
#[derive(Clone, Debug)]
pub enum Value {
    /// The untyped nil, and what is missing.
    Nil,
    Bool(bool),
    /// Go's `int`.
    Int(i64),
    Int64(i64),
    Int32(i32),
    Uint8(u8),
    Uint64(u64),
    /// Go's `float64`.
    Float(f64),
    /// Go's `complex128`: real and imaginary part.
    Complex(f64, f64),
    String(Arc<str>),
    List(List),
    Map(Map),
    Object(Arc<dyn Object>),
}

/// A slice with the type of its elements.
#[derive(Clone, Debug)]
pub struct List {
    pub kind: &'static ListType,
    pub items: Arc<Vec<Value>>,
}

/// The keys and values of a map, sorted by key as Go prints and ranges over it.
pub type Entries = BTreeMap<Arc<str>, Value>;

/// A map from strings. As in Go, a clone is the same map: a change is seen through all of them.
#[derive(Clone, Debug)]
pub struct Map {
    pub kind: &'static MapType,
    entries: Arc<RwLock<Arc<Entries>>>,
}

impl Map {
    pub fn new(kind: &'static MapType, entries: Entries) -> Self {
        Self { kind, entries: Arc::new(RwLock::new(Arc::new(entries))) }
    }

    /// The entries as they are now; later changes do not show in them.
    pub fn entries(&self) -> Arc<Entries> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the value of a key.
    pub fn get(&self, key: &str) -> Option<Value> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Changes the entries in place. Whoever inserts a value makes sure that it does not hold this
    /// map, and that the tree stays shallow enough to be walked by recursion.
    pub fn change(&self, change: impl FnOnce(&mut Entries)) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        change(Arc::make_mut(&mut entries));
    }

    /// The same map under another type.
    pub fn with_kind(&self, kind: &'static MapType) -> Self {
        Self { kind, entries: self.entries.clone() }
    }

    /// Returns true if both are the same map, not only equal ones.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.entries, &other.entries)
    }
}

/// A type of slices.
#[derive(Debug)]
pub struct ListType {
    /// As Go prints it: `[]string`.
    pub name: &'static str,
    /// True if the elements are of type `interface {}`.
    pub boxed: bool,
    pub methods: &'static [Method],
}

/// A type of maps from strings.
#[derive(Debug)]
pub struct MapType {
    /// As Go prints it: `map[string]string`.
    pub name: &'static str,
    /// The type behind a named one, to which its values can be assigned.
    pub underlying: &'static str,
    /// True if the elements are of type `interface {}`.
    pub boxed: bool,
    /// The zero value of the elements, which a missing key gives under `missingkey=zero`.
    pub zero: fn() -> Value,
    pub methods: &'static [Method],
}

/// A method of a named slice or map type.
#[derive(Debug)]
pub struct Method {
    pub signature: Signature,
    /// Gets the receiver and as many arguments as the signature has.
    pub call: fn(&Value, &[Value]) -> Result<Value, String>,
}

pub static ANY_LIST: ListType = ListType { name: "[]interface {}", boxed: true, methods: &[] };
pub static STRING_LIST: ListType = ListType { name: "[]string", boxed: false, methods: &[] };
/// Go's `[]byte`.
pub static BYTE_LIST: ListType = ListType { name: "[]uint8", boxed: false, methods: &[] };
pub static ANY_MAP: MapType = MapType {
    name: "map[string]interface {}",
    underlying: "map[string]interface {}",
    boxed: true,
    zero: || Value::Nil,
    methods: &[],
};
pub static STRING_MAP: MapType = MapType {
    name: "map[string]string",
    underlying: "map[string]string",
    boxed: false,
    zero: || Value::string(""),
    methods: &[],
};

/// A struct, a pointer to one, or another type with methods.
pub trait Object: fmt::Debug + Send + Sync {
    /// The type as Go prints it: `*template.sample`.
    fn type_name(&self) -> &str;

    /// Returns a field; None if the type has none of that name.
    fn field(&self, name: &str) -> Option<Field>;

    /// Returns what a method takes; None if the type has none of that name.
    fn method(&self, _name: &str) -> Option<&'static Signature> {
        None
    }

    /// Calls a method that [`Object::method`] knows, with as many arguments as it takes.
    fn call(&self, name: &str, _arguments: &[Value]) -> Result<Value, String> {
        Err(format!("{name} is not a method"))
    }

    /// Prints as `%v` does.
    fn print(&self) -> String;

    /// True if the type has a method `String`, so that `%s` and `%q` print it too.
    fn is_stringer(&self) -> bool {
        false
    }

    /// Returns false for a value that `if` takes for empty.
    fn is_true(&self) -> bool {
        true
    }

    /// For downcasts in functions that take this type.
    fn as_any(&self) -> &dyn Any;
}

/// A field of a struct.
#[derive(Debug)]
pub struct Field {
    pub value: Value,
    /// True if the field is of type `interface {}`.
    pub boxed: bool,
}

/// The parameters of a function or method.
#[derive(Debug)]
pub struct Signature {
    pub name: &'static str,
    pub parameters: &'static [Type],
    /// The type of further arguments, if it takes any number of them.
    pub variadic: Option<Type>,
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `interface {}`.
    Any,
    /// `reflect.Value`: like `Any`, but the function sees whether it was given an interface.
    Value,
    Bool,
    Int,
    Int64,
    Float,
    String,
    /// A slice, map, pointer or struct, by its Go name. A nil is given as [`Value::Nil`].
    Named(&'static str),
}

impl Type {
    /// As Go prints it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::Value => "reflect.Value",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Int64 => "int64",
            Self::Float => "float64",
            Self::String => "string",
            Self::Named(name) => name,
        }
    }

    pub(super) fn can_be_nil(self) -> bool {
        matches!(self, Self::Any | Self::Value | Self::Named(_))
    }

    /// Returns true if Go assigns a value of this dynamic type.
    pub(super) fn accepts(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Any | Self::Value, _) => true,
            (_, Value::Map(map)) => {
                self.name() == map.kind.name || self.name() == map.kind.underlying
            }
            _ => self.name() == value.type_name(),
        }
    }
}

/// A value as it is found: in a variable of its own type, or in one of type `interface {}`.
#[derive(Clone, Debug)]
pub struct Argument {
    pub value: Value,
    /// True if it was found in a variable, field or element of type `interface {}`.
    pub boxed: bool,
}

impl Argument {
    pub(super) fn plain(value: Value) -> Self {
        Self { value, boxed: false }
    }

    pub(super) fn unboxed(self) -> Self {
        Self { boxed: false, ..self }
    }

    /// The static type.
    pub(super) fn type_name(&self) -> &str {
        if self.boxed { "interface {}" } else { self.value.type_name() }
    }
}

impl Value {
    pub fn string(text: impl Into<Arc<str>>) -> Self {
        Self::String(text.into())
    }

    /// A `[]interface {}`.
    pub fn list(items: Vec<Value>) -> Self {
        Self::List(List { kind: &ANY_LIST, items: Arc::new(items) })
    }

    /// A `[]string`.
    pub fn strings<T: Into<Arc<str>>>(items: impl IntoIterator<Item = T>) -> Self {
        let items = items.into_iter().map(Self::string).collect();
        Self::List(List { kind: &STRING_LIST, items: Arc::new(items) })
    }

    /// A `map[string]interface {}`.
    pub fn map(entries: Entries) -> Self {
        Self::Map(Map::new(&ANY_MAP, entries))
    }

    /// A `map[string]string`.
    pub fn string_map<'a>(entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let entries =
            entries.into_iter().map(|(key, value)| (key.into(), Self::string(value))).collect();
        Self::Map(Map::new(&STRING_MAP, entries))
    }

    pub fn object(object: impl Object + 'static) -> Self {
        Self::Object(Arc::new(object))
    }

    /// The dynamic type's name in Go.
    pub fn type_name(&self) -> &str {
        match self {
            Self::Nil => "<nil>",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Int64(_) => "int64",
            Self::Int32(_) => "int32",
            Self::Uint8(_) => "uint8",
            Self::Uint64(_) => "uint64",
            Self::Float(_) => "float64",
            Self::Complex(..) => "complex128",
            Self::String(_) => "string",
            Self::List(list) => list.kind.name,
            Self::Map(map) => map.kind.name,
            Self::Object(object) => object.type_name(),
        }
    }

    /// Returns true for what `if` and its kin take for true: anything that is not empty or zero.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(value) => *value,
            Self::Int(value) | Self::Int64(value) => *value != 0,
            Self::Int32(value) => *value != 0,
            Self::Uint8(value) => *value != 0,
            Self::Uint64(value) => *value != 0,
            Self::Float(value) => *value != 0.0,
            Self::Complex(re, im) => *re != 0.0 || *im != 0.0,
            Self::String(text) => !text.is_empty(),
            Self::List(list) => !list.items.is_empty(),
            Self::Map(map) => !map.entries().is_empty(),
            Self::Object(object) => object.is_true(),
        }
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(list) => Some(&list.items),
            _ => None,
        }
    }

    pub fn as_map(&self) -> Option<Arc<Entries>> {
        match self {
            Self::Map(map) => Some(map.entries()),
            _ => None,
        }
    }

    /// Returns a method of the value's slice or map type.
    pub(super) fn method(&self, name: &str) -> Option<&'static Method> {
        let methods = match self {
            Self::List(list) => list.kind.methods,
            Self::Map(map) => map.kind.methods,
            _ => return None,
        };
        methods.iter().find(|method| method.signature.name == name)
    }

    /// The object, if it is of that Rust type.
    pub fn downcast<T: 'static>(&self) -> Option<&T> {
        match self {
            Self::Object(object) => object.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// The number, if the value is a signed integer of any size.
    pub fn as_signed(&self) -> Option<i64> {
        match *self {
            Self::Int(value) | Self::Int64(value) => Some(value),
            Self::Int32(value) => Some(i64::from(value)),
            _ => None,
        }
    }

    /// The number, if the value is an unsigned integer of any size.
    pub fn as_unsigned(&self) -> Option<u64> {
        match *self {
            Self::Uint8(value) => Some(u64::from(value)),
            Self::Uint64(value) => Some(value),
            _ => None,
        }
    }

    /// Prints as an action does: `%v`, or `<no value>` for nil.
    pub fn print(&self) -> String {
        match self {
            Self::Nil => "<no value>".to_owned(),
            value => sprint_one(value),
        }
    }
}
