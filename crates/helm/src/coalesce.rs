//! Values of the user laid over the values of a chart and the charts in it.
//!
//! Source: helm pkg/chart/common/util coalesce.go. What Helm does with Go's shared maps is done
//! here with copies that are put back.

use go::template::{Entries, Value, sprintf};

use crate::chart::Chart;
use crate::log::Log;

/// The key whose values all charts share.
pub const GLOBAL: &str = "global";

/// The treatment of null values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    /// A null of the user removes the chart's value; nulls of a chart are dropped.
    Remove,
    /// Nulls are kept, for values that are coalesced again later.
    Keep,
}

/// Lays values over those of a chart. Source: coalesce.go `CoalesceValues`, `MergeValues`.
pub fn coalesce_values(
    chart: &Chart,
    values: &Entries,
    nulls: Nulls,
    log: &mut Log,
) -> Result<Entries, String> {
    let mut values = values.clone();
    coalesce(chart, &mut values, "", nulls, log)?;
    Ok(values)
}

fn join(a: &str, b: &str) -> String {
    if a.is_empty() { b.to_owned() } else { format!("{a}.{b}") }
}

fn table(value: Option<&Value>) -> Option<Entries> {
    value.and_then(Value::as_map).map(|entries| (*entries).clone())
}

fn coalesce(
    chart: &Chart,
    values: &mut Entries,
    prefix: &str,
    nulls: Nulls,
    log: &mut Log,
) -> Result<(), String> {
    own_values(chart, values, prefix, nulls, log);
    for sub in &chart.dependencies {
        let name = sub.name();
        let mut inner = match values.get(name) {
            None => Entries::new(),
            Some(Value::Map(map)) => (*map.entries()).clone(),
            Some(other) => {
                let shown = sprintf("%t", std::slice::from_ref(other));
                return Err(format!("type mismatch on {name}: {shown}"));
            }
        };
        let prefix = join(prefix, chart.name());
        globals(&mut inner, values, &prefix, log);
        coalesce(sub, &mut inner, &prefix, nulls, log)?;
        values.insert(name.into(), Value::map(inner));
    }
    Ok(())
}

/// Copies the globals of a chart into the values of a chart in it.
fn globals(inner: &mut Entries, outer: &Entries, prefix: &str, log: &mut Log) {
    let get = |values: &Entries| match values.get(GLOBAL) {
        None => Some(Entries::new()),
        value => table(value),
    };
    let Some(mut into) = get(inner) else {
        log.print("warning: skipping globals because destination global is not a table.");
        return;
    };
    let Some(from) = get(outer) else {
        log.print("warning: skipping globals because source global is not a table.");
        return;
    };
    for (key, value) in &from {
        match (table(Some(value)), into.get(key)) {
            (Some(_), None) => {
                into.insert(key.clone(), value.clone());
            }
            (Some(mut merged), Some(Value::Map(old))) => {
                let full = join(prefix, key);
                coalesce_tables(&mut merged, &old.entries(), &full, Nulls::Keep, log);
                into.insert(key.clone(), Value::map(merged));
            }
            (Some(_), Some(_)) => {
                let key = go::quote::quote(key);
                log.print(format!("Conflict: cannot merge map onto non-map for {key}. Skipping."));
            }
            (None, Some(Value::Map(_))) => log.print(format!("key {key} is table. Skipping")),
            (None, _) => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
    inner.insert(GLOBAL.into(), Value::map(into));
}

/// Lays values over the chart's own.
fn own_values(chart: &Chart, values: &mut Entries, prefix: &str, nulls: Nulls, log: &mut Log) {
    let prefix = join(prefix, chart.name());
    for (key, default) in &chart.values {
        let given = values.get(key).cloned();
        match (given, default) {
            (Some(Value::Nil), _) => {
                if nulls == Nulls::Remove {
                    values.remove(key);
                }
            }
            (Some(Value::Map(given)), Value::Map(default)) => {
                let is_chart = chart.dependencies.iter().any(|sub| sub.name() == &**key);
                let nulls = if is_chart { Nulls::Keep } else { nulls };
                let mut default = (*default.entries()).clone();
                if nulls == Nulls::Remove {
                    drop_nulls(&mut default);
                }
                let mut merged = (*given.entries()).clone();
                coalesce_tables(&mut merged, &default, &join(&prefix, key), nulls, log);
                values.insert(key.clone(), Value::map(merged));
            }
            (Some(_), Value::Nil) => {}
            (Some(Value::Map(_)), _) => {
                log.print(format!("warning: skipped value for {prefix}.{key}: Not a table."));
            }
            (Some(_), _) => {}
            (None, Value::Nil) if nulls == Nulls::Remove => {}
            (None, Value::Map(map)) if nulls == Nulls::Remove => {
                let mut default = (*map.entries()).clone();
                drop_nulls(&mut default);
                values.insert(key.clone(), Value::map(default));
            }
            (None, default) => {
                values.insert(key.clone(), default.clone());
            }
        }
    }
}

/// Adds to a map what it lacks. Source: coalesce.go `coalesceTablesFullKey`.
pub fn coalesce_tables(
    into: &mut Entries,
    from: &Entries,
    prefix: &str,
    nulls: Nulls,
    log: &mut Log,
) {
    for (key, value) in from {
        let full = join(prefix, key);
        let old = into.get(key).cloned();
        match (old, value) {
            (None, value) => {
                into.insert(key.clone(), value.clone());
            }
            // A null stays if the default is null too.
            (Some(Value::Nil), value) if nulls == Nulls::Remove && !matches!(value, Value::Nil) => {
                into.remove(key);
            }
            (Some(Value::Nil), _) => {}
            (Some(Value::Map(old)), Value::Map(new)) => {
                let mut merged = (*old.entries()).clone();
                coalesce_tables(&mut merged, &new.entries(), &full, nulls, log);
                into.insert(key.clone(), Value::map(merged));
            }
            (Some(_), Value::Map(_)) => {
                let shown = value.print();
                log.print(format!(
                    "warning: cannot overwrite table with non table for {full} ({shown})"
                ));
            }
            (Some(Value::Map(_)), value) if !matches!(value, Value::Nil) => {
                let shown = value.print();
                log.print(format!(
                    "warning: destination for {full} is a table. Ignoring non-table value ({shown})"
                ));
            }
            _ => {}
        }
    }
}

/// Removes keys whose value is null, at every level.
pub fn drop_nulls(values: &mut Entries) {
    values.retain(|_, value| !matches!(value, Value::Nil));
    for value in values.values_mut() {
        if let Some(mut inner) = table(Some(value)) {
            drop_nulls(&mut inner);
            *value = Value::map(inner);
        }
    }
}

/// The map at a path of keys. The error names the key that is none.
pub fn lookup_table(values: &Entries, path: &str) -> Result<Entries, String> {
    let mut found = values.clone();
    for key in path.split('.') {
        found = table(found.get(key))
            .ok_or_else(|| format!("{} is not a table", go::quote::quote(key)))?;
    }
    Ok(found)
}

/// The value at a path of keys, if it is no map. Source: pkg/chart/common values.go `PathValue`.
pub fn lookup_value(values: &Entries, path: &str) -> Option<Value> {
    let (folder, key) = match path.rsplit_once('.') {
        Some((folder, key)) => (lookup_table(values, folder).ok()?, key),
        None => (values.clone(), path),
    };
    folder.get(key).filter(|value| !matches!(value, Value::Map(_))).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{ChartFile, load_folder};
    use crate::value_files::load_values;

    fn run(own: &str, sub: &str, given: &str, nulls: Nulls) -> (String, Vec<String>) {
        let manifest = |name: &str| format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
        let mut files = vec![
            ChartFile::new("Chart.yaml", manifest("demo").as_bytes()),
            ChartFile::new("values.yaml", own.as_bytes()),
        ];
        if !sub.is_empty() {
            files.push(ChartFile::new("charts/kid/Chart.yaml", manifest("kid").as_bytes()));
            files.push(ChartFile::new("charts/kid/values.yaml", sub.as_bytes()));
        }
        let mut log = Log::default();
        let chart = load_folder(&files, "/c", &mut log).expect("a chart");
        let given = load_values(given).expect("values");
        let values = coalesce_values(&chart, &given, nulls, &mut log);
        let shown = values.map_or_else(|error| error, |values| Value::map(values).print());
        (shown, log.lines.into_iter().map(|line| line.message).collect())
    }

    #[test]
    fn values_are_laid_over_each_other() {
        for (own, sub, given, nulls, expected, warning) in [
            (
                "a: 1\nb: {x: 1, y: null}\n",
                "",
                "b: {z: 2}\n",
                Nulls::Remove,
                "map[a:1 b:map[x:1 z:2]]",
                "",
            ),
            ("a: 1\n", "", "a: null\nc: null\n", Nulls::Remove, "map[c:<nil>]", ""),
            ("a: 1\n", "", "a: null\n", Nulls::Keep, "map[a:<nil>]", ""),
            ("d: {w: 1, v: 2}\n", "", "d: {w: null}\n", Nulls::Remove, "map[d:map[v:2]]", ""),
            (
                "m: [1]\n",
                "",
                "m: {k: 2}\n",
                Nulls::Remove,
                "map[m:map[k:2]]",
                "warning: skipped value for demo.m: Not a table.",
            ),
            (
                "m: {a: {b: 1}}\n",
                "",
                "m: {a: 5}\n",
                Nulls::Remove,
                "map[m:map[a:5]]",
                "warning: cannot overwrite table with non table for demo.m.a (map[b:1])",
            ),
            (
                "kid: {p: 2}\nglobal: {e: x}\n",
                "p: 1\nq: 1\n",
                "",
                Nulls::Remove,
                "map[global:map[e:x] kid:map[global:map[e:x] p:2 q:1]]",
                "",
            ),
            ("", "p: 1\n", "kid: off\n", Nulls::Remove, "type mismatch on kid: false", ""),
        ] {
            let (shown, warnings) = run(own, sub, given, nulls);
            let expected = (expected.to_owned(), warning.to_owned());
            assert_eq!((shown, warnings.join("\n")), expected, "{own}");
        }
    }

    #[test]
    fn paths_are_looked_up() {
        let values = load_values("a: {b: {c: 1}}\n").expect("values");
        assert_eq!(lookup_value(&values, "a.b.c").map(|value| value.print()).as_deref(), Some("1"));
        assert!(lookup_value(&values, "a.b").is_none());
        assert_eq!(
            lookup_table(&values, "a.x").map(|_| ()),
            Err("\"x\" is not a table".to_owned())
        );
    }
}
