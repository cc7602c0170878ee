//! The tree of an object. Keys are sorted; copies share everything below them.

use std::ops::Index;
use std::sync::Arc;

/// A JSON value in which integers and floats are different.
#[derive(Clone, Debug, Default)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    String(Arc<str>),
    List(Arc<Vec<Value>>),
    Map(Arc<Map>),
}

impl PartialEq for Value {
    /// Trees that are shared are equal without a look at what is below them. JSON has no NaN.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a == b,
            (Self::String(a), Self::String(b)) => a == b,
            (Self::List(a), Self::List(b)) => Arc::ptr_eq(a, b) || a == b,
            (Self::Map(a), Self::Map(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => false,
        }
    }
}

/// A null to refer to.
pub static NULL: Value = Value::Null;

/// A mapping, sorted by key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map {
    entries: Vec<(Arc<str>, Value)>,
}

impl Map {
    /// An empty mapping.
    pub const fn new() -> Self {
        Self { entries: Vec::new() }
    }

    fn position(&self, key: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|(known, _)| (**known).cmp(key))
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        let at = self.position(key).ok()?;
        self.entries.get(at).map(|(_, value)| value)
    }

    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        let at = self.position(key).ok()?;
        self.entries.get_mut(at).map(|(_, value)| value)
    }

    pub fn contains(&self, key: &str) -> bool {
        self.position(key).is_ok()
    }

    /// Sets a key and returns what it held before.
    pub fn insert(&mut self, key: impl Into<Arc<str>>, value: Value) -> Option<Value> {
        let key = key.into();
        // Trees are mostly built in order.
        if self.entries.last().is_none_or(|(last, _)| **last < *key) {
            self.entries.push((key, value));
            return None;
        }
        match self.position(&key) {
            Ok(at) => self.entries.get_mut(at).map(|(_, old)| std::mem::replace(old, value)),
            Err(at) => {
                self.entries.insert(at, (key, value));
                None
            }
        }
    }

    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.position(key).ok().map(|at| self.entries.remove(at).1)
    }

    /// The value of a key, set to null first if there is none.
    pub fn entry(&mut self, key: &str) -> &mut Value {
        let at = match self.position(key) {
            Ok(at) => at,
            Err(at) => {
                self.entries.insert(at, (key.into(), Value::Null));
                at
            }
        };
        &mut self.entries[at].1
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Arc<str>, &Value)> {
        self.entries.iter().map(|(key, value)| (key, value))
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Arc<str>, &mut Value)> {
        self.entries.iter_mut().map(|(key, value)| (&*key, value))
    }

    pub fn keys(&self) -> impl Iterator<Item = &Arc<str>> {
        self.entries.iter().map(|(key, _)| key)
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut Value) -> bool) {
        self.entries.retain_mut(|(key, value)| keep(key, value));
    }
}

impl<K: Into<Arc<str>>> FromIterator<(K, Value)> for Map {
    fn from_iter<T: IntoIterator<Item = (K, Value)>>(entries: T) -> Self {
        let mut map = Self::new();
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    }
}

/// Reading. Paths that lead nowhere lead to null, as zero values do in Go.
impl Value {
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_map()?.get(key)
    }

    /// The value at a path of keys.
    pub fn at(&self, path: &[&str]) -> &Value {
        path.iter().fold(self, |value, key| &value[*key])
    }

    /// Returns true if both are the same tree in memory. Equal trees need not be.
    pub fn is_shared_with(&self, other: &Value) -> bool {
        match (self, other) {
            (Self::Map(a), Self::Map(b)) => Arc::ptr_eq(a, b),
            (Self::List(a), Self::List(b)) => Arc::ptr_eq(a, b),
            (Self::String(a), Self::String(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(int) => Some(*int),
            _ => None,
        }
    }

    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(bool) => Some(*bool),
            _ => None,
        }
    }

    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(list) => Some(list),
            _ => None,
        }
    }

    /// The text at a key, empty if there is none.
    pub fn str(&self, key: &str) -> &str {
        self[key].as_str().unwrap_or_default()
    }

    /// The integer at a key, 0 if there is none.
    pub fn int(&self, key: &str) -> i64 {
        self[key].as_int().unwrap_or_default()
    }

    /// The boolean at a key, false if there is none.
    pub fn bool(&self, key: &str) -> bool {
        self[key].as_bool().unwrap_or_default()
    }

    /// The items at a key, none if there is no list.
    pub fn list(&self, key: &str) -> &[Value] {
        self[key].as_list().unwrap_or_default()
    }

    /// The entries of the mapping at a key, none if there is no mapping.
    pub fn entries(&self, key: &str) -> impl DoubleEndedIterator<Item = (&Arc<str>, &Value)> {
        self[key].as_map().into_iter().flat_map(Map::iter)
    }

    /// True if the key has a value other than null.
    pub fn has(&self, key: &str) -> bool {
        !self[key].is_null()
    }

    /// True for null, `{}`, `[]` and an empty text.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::String(text) => text.is_empty(),
            Self::List(list) => list.is_empty(),
            Self::Map(map) => map.is_empty(),
            _ => false,
        }
    }
}

/// Changing. What is shared is copied one level at a time.
impl Value {
    /// An empty mapping.
    pub fn map() -> Self {
        Self::Map(Arc::default())
    }

    /// The mapping; anything else becomes an empty one first.
    pub fn map_mut(&mut self) -> &mut Map {
        if !matches!(self, Self::Map(_)) {
            *self = Self::map();
        }
        match self {
            Self::Map(map) => Arc::make_mut(map),
            _ => unreachable!("it was made a mapping"),
        }
    }

    /// The items; anything else becomes an empty list first.
    pub fn list_mut(&mut self) -> &mut Vec<Value> {
        if !matches!(self, Self::List(_)) {
            *self = Self::List(Arc::default());
        }
        match self {
            Self::List(list) => Arc::make_mut(list),
            _ => unreachable!("it was made a list"),
        }
    }

    /// Items of the list at a key, to be changed; none if there is no list.
    pub fn items_mut(&mut self, key: &str) -> &mut [Value] {
        match self {
            Self::Map(map) if map.get(key).is_some_and(|value| value.as_list().is_some()) => {
                Arc::make_mut(map).entry(key).list_mut()
            }
            _ => &mut [],
        }
    }

    /// The value at a key, to be changed; null is put there if there is none.
    pub fn entry(&mut self, key: &str) -> &mut Value {
        self.map_mut().entry(key)
    }

    /// The value at a path, to be changed; mappings are put on the way.
    pub fn entry_at(&mut self, path: &[&str]) -> &mut Value {
        path.iter().fold(self, |value, key| value.entry(key))
    }

    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.map_mut().insert(key, value.into());
    }

    /// Sets a key that is absent or null. Returns true if it did.
    pub fn set_default(&mut self, key: &str, value: impl Into<Value>) -> bool {
        let absent = self[key].is_null();
        if absent {
            self.set(key, value);
        }
        absent
    }

    /// Sets a text that is absent or empty.
    pub fn set_default_str(&mut self, key: &str, value: &str) {
        if self.str(key).is_empty() {
            self.set(key, value);
        }
    }

    /// Sets an integer that is absent or 0.
    pub fn set_default_int(&mut self, key: &str, value: i64) {
        if self.int(key) == 0 {
            self.set(key, value);
        }
    }

    pub fn remove(&mut self, key: &str) -> Option<Value> {
        match self {
            Self::Map(map) if map.contains(key) => Arc::make_mut(map).remove(key),
            _ => None,
        }
    }
}

impl Index<&str> for Value {
    type Output = Value;

    fn index(&self, key: &str) -> &Value {
        self.get(key).unwrap_or(&NULL)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}

impl From<Arc<str>> for Value {
    fn from(text: Arc<str>) -> Self {
        Self::String(text)
    }
}

impl From<i64> for Value {
    fn from(int: i64) -> Self {
        Self::Int(int)
    }
}

impl From<i32> for Value {
    fn from(int: i32) -> Self {
        Self::Int(int.into())
    }
}

impl From<bool> for Value {
    fn from(bool: bool) -> Self {
        Self::Bool(bool)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::Map(Arc::new(map))
    }
}

impl From<Vec<Value>> for Value {
    fn from(list: Vec<Value>) -> Self {
        Self::List(Arc::new(list))
    }
}

impl From<&[&str]> for Value {
    fn from(texts: &[&str]) -> Self {
        texts.iter().map(|text| Self::from(*text)).collect::<Vec<_>>().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_sorted_and_the_last_one_wins() {
        let mut value = Value::map();
        for (key, int) in [("b", 1), ("a", 2), ("c", 3), ("a", 4)] {
            value.set(key, i64::from(int));
        }
        let entries: Vec<(&str, i64)> = value
            .as_map()
            .into_iter()
            .flat_map(Map::iter)
            .map(|(key, value)| (&**key, value.as_int().unwrap_or_default()))
            .collect();
        assert_eq!(entries, [("a", 4), ("b", 1), ("c", 3)]);
    }

    #[test]
    fn copies_share_until_they_are_changed() {
        let mut first = Value::map();
        *first.entry_at(&["a", "b"]) = Value::Int(1);
        first.set("c", 2i64);
        let mut second = first.clone();
        *second.entry_at(&["a", "b"]) = Value::Int(5);
        assert_eq!(first.at(&["a", "b"]).as_int(), Some(1));
        assert_eq!(second.at(&["a", "b"]).as_int(), Some(5));
        assert!(first["a"]["x"]["y"].is_null());
    }
}
