//! The keywords of JSON Schema.
//!
//! Source: santhosh-tekuri/jsonschema v6 validator.go.

use std::cell::Cell;

use go::number::format_general;
use serde_json::{Map, Value as Json};

use super::finding::{Finding, display, quote, quoted};
use super::formats;

/// The most schemas that are applied to values, and the deepest nesting of them.
const MAX_STEPS: u32 = 1_000_000;
const MAX_DEPTH: usize = 200;

/// The version of the standard, by year or number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Draft(u16);

impl Draft {
    /// The version that `$schema` names. Without it, it is 2020.
    pub fn of(root: &Json) -> Result<Self, String> {
        let Some(url) = root.get("$schema").and_then(Json::as_str) else { return Ok(Self(2020)) };
        let plain = url.trim_end_matches('#');
        let plain = plain.split_once("://").map_or(plain, |(_, rest)| rest);
        let known = [
            ("json-schema.org/draft-04/schema", 4),
            ("json-schema.org/draft-06/schema", 6),
            ("json-schema.org/draft-07/schema", 7),
            ("json-schema.org/draft/2019-09/schema", 2019),
            ("json-schema.org/draft/2020-12/schema", 2020),
            ("json-schema.org/schema", 2020),
        ];
        let found = known.iter().find(|(name, _)| *name == plain);
        found.map(|(_, year)| Self(*year)).ok_or_else(|| {
            format!(
                "failing loading {}: schemas are not loaded from elsewhere",
                go::quote::quote(url)
            )
        })
    }
}

/// Applies a schema to values.
pub(super) struct Validator<'s> {
    root: &'s Json,
    draft: Draft,
    steps: Cell<u32>,
}

/// The findings of a check; the error means that the schema itself cannot be used.
type CheckResult = Result<Option<Finding>, String>;

/// Findings of one schema, and the place of the value.
struct State<'v> {
    place: &'v [String],
    findings: Vec<Finding>,
}

impl State<'_> {
    fn add(&mut self, message: impl Into<String>) {
        self.findings.push(Finding::new(self.place, message));
    }
}

impl<'s> Validator<'s> {
    pub fn new(root: &'s Json, draft: Draft) -> Self {
        Self { root, draft, steps: Cell::new(MAX_STEPS) }
    }

    /// Applies the root schema.
    pub fn check(&self, value: &Json) -> CheckResult {
        self.apply(self.root, value, &[], 0)
    }

    fn apply(&self, schema: &Json, value: &Json, place: &[String], depth: usize) -> CheckResult {
        let left = self.steps.get().checked_sub(1).filter(|_| depth < MAX_DEPTH);
        let Some(left) = left else {
            return Err("the schema takes too many steps".to_owned());
        };
        self.steps.set(left);
        let keywords = match schema {
            Json::Bool(true) => return Ok(None),
            Json::Bool(false) => return Ok(Some(Finding::new(place, "false schema"))),
            Json::Object(keywords) => keywords,
            _ => return Err(format!("{} is no schema", display(schema))),
        };
        if let Some(message) = self.scalar_findings(keywords, value) {
            return Ok(Some(Finding::new(place, message)));
        }
        let mut state = State { place, findings: Vec::new() };
        if let Some(target) = keywords.get("$ref").and_then(Json::as_str) {
            let found = self.apply(self.resolve(target)?, value, place, depth + 1)?;
            let found = found.map(|finding| Finding::reference(place, finding));
            if self.draft < Draft(2019) {
                return Ok(found);
            }
            state.findings.extend(found);
        }
        match value {
            Json::Object(object) => self.object(keywords, object, &mut state, depth)?,
            Json::Array(items) => self.array(keywords, items, &mut state, depth)?,
            Json::String(text) => string(keywords, text, &mut state)?,
            Json::Number(_) => number(keywords, value.as_f64().unwrap_or_default(), &mut state),
            _ => {}
        }
        self.combinations(keywords, value, &mut state, depth)?;
        Ok(Finding::group(place, state.findings))
    }

    /// `type`, `const`, `enum`, `format`: the first that fails is the only finding.
    fn scalar_findings(&self, keywords: &Map<String, Json>, value: &Json) -> Option<String> {
        let got = type_of(value);
        let types = match keywords.get("type") {
            Some(Json::String(one)) => vec![one.as_str()],
            Some(Json::Array(many)) => many.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        };
        let is_integer = value.as_f64().is_some_and(|number| number.fract() == 0.0);
        let fits = |one: &&str| *one == got || (*one == "integer" && is_integer);
        if !types.is_empty() && !types.iter().any(fits) {
            // The library keeps the types as a set with an order of its own.
            let order = ["null", "boolean", "number", "integer", "string", "array", "object"];
            let wanted: Vec<&str> = order.into_iter().filter(|one| types.contains(one)).collect();
            return Some(format!("got {got}, want {}", wanted.join(" or ")));
        }
        if let Some(wanted) = keywords.get("const")
            && !equal(value, wanted)
        {
            return Some(match wanted {
                Json::Array(_) | Json::Object(_) => "const failed".to_owned(),
                scalar => format!("value must be {}", display(scalar)),
            });
        }
        if let Some(Json::Array(wanted)) = keywords.get("enum")
            && !wanted.iter().any(|one| equal(value, one))
        {
            let is_scalar = |one: &Json| !one.is_array() && !one.is_object();
            let shown: Vec<String> = wanted.iter().map(display).collect();
            return Some(match shown.as_slice() {
                _ if !wanted.iter().all(is_scalar) => "'enum' failed".to_owned(),
                [only] => format!("value must be {only}"),
                many => format!("value must be one of {}", many.join(", ")),
            });
        }
        let format = keywords.get("format").and_then(Json::as_str)?;
        let text = value.as_str().filter(|_| self.draft < Draft(2019))?;
        let why = formats::check(format, text)?;
        Some(format!("{} is not valid {format}: {why}", quote(text)))
    }

    fn resolve(&self, target: &str) -> Result<&'s Json, String> {
        let missing = || {
            let location = go::quote::quote(&format!("file:///values.schema.json{target}"));
            format!("json-pointer in {location} not found")
        };
        let Some(fragment) = target.strip_prefix('#') else {
            let target = go::quote::quote(target);
            return Err(format!("failing loading {target}: schemas are not loaded from elsewhere"));
        };
        let fragment = go::url::unescape(fragment, false).unwrap_or_else(|_| fragment.to_owned());
        if fragment.is_empty() || fragment.starts_with('/') {
            return self.root.pointer(&fragment).ok_or_else(missing);
        }
        find_anchor(self.root, &fragment, 0).ok_or_else(missing)
    }

    fn object(
        &self,
        keywords: &Map<String, Json>,
        object: &Map<String, Json>,
        state: &mut State<'_>,
        depth: usize,
    ) -> Result<(), String> {
        let count = object.len() as u64;
        limits(keywords, "Properties", count, state);
        if let Some(missing) = keywords.get("required").and_then(|names| absent(names, object)) {
            let plural = if missing.contains("', '") { "properties" } else { "property" };
            state.add(format!("missing {plural} {missing}"));
        }
        self.dependent(keywords, object, state, depth)?;
        let properties = keywords.get("properties").and_then(Json::as_object);
        let patterns = keywords.get("patternProperties").and_then(Json::as_object);
        let mut extra = Vec::new();
        for (name, value) in object {
            let mut evaluated = false;
            let mut place = state.place.to_vec();
            place.push(name.clone());
            if let Some(schema) = properties.and_then(|properties| properties.get(name)) {
                evaluated = true;
                state.findings.extend(self.apply(schema, value, &place, depth + 1)?);
            }
            for (pattern, schema) in patterns.into_iter().flatten() {
                if regex(pattern)?.is_match(name) {
                    evaluated = true;
                    state.findings.extend(self.apply(schema, value, &place, depth + 1)?);
                }
            }
            match keywords.get("additionalProperties") {
                Some(Json::Bool(false)) if !evaluated => extra.push(name.as_str()),
                Some(schema) if !evaluated => {
                    state.findings.extend(self.apply(schema, value, &place, depth + 1)?);
                }
                _ => {}
            }
        }
        if !extra.is_empty() {
            state.add(format!("additional properties {} not allowed", quoted(extra)));
        }
        if let Some(schema) = keywords.get("propertyNames").filter(|_| self.draft > Draft(4)) {
            for name in object.keys() {
                let found =
                    self.apply(schema, &Json::String(name.clone()), state.place, depth + 1)?;
                if let Some(finding) = found {
                    let message = format!("invalid propertyName {}", quote(name));
                    state.findings.push(Finding::new(state.place, message).with(vec![finding]));
                }
            }
        }
        Ok(())
    }

    /// `dependencies`, `dependentSchemas`, `dependentRequired`.
    fn dependent(
        &self,
        keywords: &Map<String, Json>,
        object: &Map<String, Json>,
        state: &mut State<'_>,
        depth: usize,
    ) -> Result<(), String> {
        for keyword in ["dependencies", "dependentSchemas", "dependentRequired"] {
            let Some(Json::Object(dependents)) = keywords.get(keyword) else { continue };
            for (name, dependent) in
                dependents.iter().filter(|(name, _)| object.contains_key(*name))
            {
                if let Json::Array(_) = dependent {
                    if let Some(missing) = absent(dependent, object) {
                        let name = quote(name);
                        state.add(format!("properties {missing} required, if {name} exists"));
                    }
                } else {
                    let value = Json::Object(object.clone());
                    state.findings.extend(self.apply(dependent, &value, state.place, depth + 1)?);
                }
            }
        }
        Ok(())
    }

    fn array(
        &self,
        keywords: &Map<String, Json>,
        items: &[Json],
        state: &mut State<'_>,
        depth: usize,
    ) -> Result<(), String> {
        limits(keywords, "Items", items.len() as u64, state);
        if keywords.get("uniqueItems") == Some(&Json::Bool(true))
            && let Some((first, second)) = duplicates(items)
        {
            state.add(format!("items at {first} and {second} are equal"));
        }
        let (prefix, rest) = match (keywords.get("items"), self.draft < Draft(2020)) {
            (Some(Json::Array(prefix)), true) => (Some(prefix), keywords.get("additionalItems")),
            (items, true) => (None, items),
            (items, false) => (keywords.get("prefixItems").and_then(Json::as_array), items),
        };
        let fixed = prefix.map_or(0, Vec::len).min(items.len());
        if rest == Some(&Json::Bool(false)) && self.draft < Draft(2020) && prefix.is_some() {
            if items.len() > fixed {
                state.add(format!("last {} additionalItem(s) not allowed", items.len() - fixed));
            }
        } else {
            for (at, item) in items.iter().enumerate() {
                let schema = prefix.and_then(|prefix| prefix.get(at)).or(rest);
                if let Some(schema) = schema {
                    let place = item_place(state.place, at);
                    state.findings.extend(self.apply(schema, item, &place, depth + 1)?);
                }
            }
        }
        self.contains(keywords, items, state, depth)
    }

    fn contains(
        &self,
        keywords: &Map<String, Json>,
        items: &[Json],
        state: &mut State<'_>,
        depth: usize,
    ) -> Result<(), String> {
        let Some(schema) = keywords.get("contains").filter(|_| self.draft > Draft(4)) else {
            return Ok(());
        };
        let (mut causes, mut matched) = (Vec::new(), Vec::new());
        for (at, item) in items.iter().enumerate() {
            match self.apply(schema, item, &item_place(state.place, at), depth + 1)? {
                Some(finding) => causes.push(finding),
                None => matched.push(at.to_string()),
            }
        }
        let count = matched.len() as u64;
        let at = matched.join(" ");
        let limit = |name: &str| {
            keywords.get(name).filter(|_| self.draft >= Draft(2019)).and_then(Json::as_u64)
        };
        let (least, most) = (limit("minContains"), limit("maxContains"));
        match least {
            Some(least) if count < least => {
                let but = match count {
                    0 => "none matched".to_owned(),
                    _ => format!("matched {count} items at {at}"),
                };
                let message =
                    format!("min {least} items required to match contains schema, but {but}");
                state.findings.push(Finding::new(state.place, message).with(causes));
            }
            None if count == 0 => {
                let message = "no items match contains schema";
                state.findings.push(Finding::new(state.place, message).with(causes));
            }
            _ => {}
        }
        if let Some(most) = most.filter(|most| count > *most) {
            state.add(format!(
                "max {most} items required to match contains schema, but matched {count} items at {at}"
            ));
        }
        Ok(())
    }

    /// `not`, `allOf`, `anyOf`, `oneOf`, `if`.
    fn combinations(
        &self,
        keywords: &Map<String, Json>,
        value: &Json,
        state: &mut State<'_>,
        depth: usize,
    ) -> Result<(), String> {
        let place = state.place;
        let apply = |schema: &Json| self.apply(schema, value, place, depth + 1);
        if let Some(schema) = keywords.get("not")
            && apply(schema)?.is_none()
        {
            state.add("'not' failed");
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            let Some(Json::Array(schemas)) = keywords.get(keyword) else { continue };
            let (mut causes, mut matched) = (Vec::new(), Vec::new());
            for (at, schema) in schemas.iter().enumerate() {
                match apply(schema)? {
                    Some(finding) => causes.push(finding),
                    None => matched.push(at),
                }
            }
            let message = match (keyword, matched.as_slice()) {
                ("allOf", _) if !causes.is_empty() => "'allOf' failed".to_owned(),
                ("anyOf", []) => "'anyOf' failed".to_owned(),
                ("oneOf", []) => "'oneOf' failed, none matched".to_owned(),
                ("oneOf", [first, second, ..]) => {
                    causes.clear();
                    format!("'oneOf' failed, subschemas {first}, {second} matched")
                }
                _ => continue,
            };
            state.findings.push(Finding::new(place, message).with(causes));
        }
        if let Some(condition) = keywords.get("if").filter(|_| self.draft >= Draft(7)) {
            let branch = if apply(condition)?.is_none() { "then" } else { "else" };
            if let Some(schema) = keywords.get(branch) {
                state.findings.extend(apply(schema)?);
            }
        }
        Ok(())
    }
}

fn type_of(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}

/// Numbers are equal by value.
fn equal(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(_), Json::Number(_)) => a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| equal(value, other)))
        }
        _ => a == b,
    }
}

fn find_anchor<'s>(schema: &'s Json, name: &str, depth: usize) -> Option<&'s Json> {
    if depth > MAX_DEPTH {
        return None;
    }
    match schema {
        Json::Object(object) => {
            if object.get("$anchor").and_then(Json::as_str) == Some(name) {
                return Some(schema);
            }
            object.values().find_map(|value| find_anchor(value, name, depth + 1))
        }
        Json::Array(items) => items.iter().find_map(|item| find_anchor(item, name, depth + 1)),
        _ => None,
    }
}

/// Names that an object lacks, in quotes; None if it has all.
fn absent(names: &Json, object: &Map<String, Json>) -> Option<String> {
    let names = names.as_array()?.iter().filter_map(Json::as_str);
    let missing: Vec<&str> = names.filter(|name| !object.contains_key(*name)).collect();
    (!missing.is_empty()).then(|| quoted(missing))
}

/// `minItems`, `maxItems` and their kin.
fn limits(keywords: &Map<String, Json>, what: &str, count: u64, state: &mut State<'_>) {
    for (side, fails) in [("min", u64::lt as fn(&u64, &u64) -> bool), ("max", u64::gt)] {
        let keyword = format!("{side}{what}");
        let limit = keywords.get(&keyword).and_then(Json::as_f64).map(|limit| limit as u64);
        if let Some(limit) = limit.filter(|limit| fails(&count, limit)) {
            state.add(format!("{keyword}: got {count}, want {limit}"));
        }
    }
}

fn item_place(place: &[String], at: usize) -> Vec<String> {
    let mut place = place.to_vec();
    place.push(at.to_string());
    place
}

fn duplicates(items: &[Json]) -> Option<(usize, usize)> {
    items.iter().enumerate().find_map(|(second, item)| {
        let first = items.iter().take(second).position(|other| equal(item, other))?;
        Some((first, second))
    })
}

fn regex(pattern: &str) -> Result<go::Regex, String> {
    go::Regex::unanchored(pattern).map_err(|error| error.to_string())
}

fn string(keywords: &Map<String, Json>, text: &str, state: &mut State<'_>) -> Result<(), String> {
    limits(keywords, "Length", text.chars().count() as u64, state);
    if let Some(pattern) = keywords.get("pattern").and_then(Json::as_str)
        && !regex(pattern)?.is_match(text)
    {
        state.add(format!("{} does not match pattern {}", quote(text), quote(pattern)));
    }
    Ok(())
}

fn number(keywords: &Map<String, Json>, value: f64, state: &mut State<'_>) {
    let limit = |keyword: &str| keywords.get(keyword).and_then(Json::as_f64);
    let is_strict = |keyword: &str| keywords.get(keyword) == Some(&Json::Bool(true));
    let shown = |number: f64| format_general(number, None);
    let mut fail = |keyword: &str, wanted: f64| {
        state.add(format!("{keyword}: got {}, want {}", shown(value), shown(wanted)));
    };
    if let Some(least) = limit("minimum") {
        if value < least {
            fail("minimum", least);
        } else if value == least && is_strict("exclusiveMinimum") {
            fail("exclusiveMinimum", least);
        }
    }
    if let Some(most) = limit("maximum") {
        if value > most {
            fail("maximum", most);
        } else if value == most && is_strict("exclusiveMaximum") {
            fail("exclusiveMaximum", most);
        }
    }
    if let Some(least) = limit("exclusiveMinimum").filter(|least| value <= *least) {
        fail("exclusiveMinimum", least);
    }
    if let Some(most) = limit("exclusiveMaximum").filter(|most| value >= *most) {
        fail("exclusiveMaximum", most);
    }
    if let Some(step) = limit("multipleOf").filter(|step| !is_multiple(value, *step)) {
        fail("multipleOf", step);
    }
}

/// Compares the decimal digits, so that 0.3 is a multiple of 0.1.
fn is_multiple(value: f64, step: f64) -> bool {
    let scaled = value / step;
    (scaled - scaled.round()).abs() <= f64::EPSILON * scaled.abs().max(1.0)
}
