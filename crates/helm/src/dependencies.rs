//! Which charts in `charts/` take part: aliases, conditions, tags; and the values they export.
//!
//! Source: helm pkg/chart/v2/util dependencies.go.

use go::template::{Entries, Value};

use crate::chart::{Chart, Dependency};
use crate::coalesce::{Nulls, coalesce_tables, coalesce_values, lookup_table, lookup_value};
use crate::log::{Level, Log};
use crate::semver::is_compatible;

/// Removes the charts that are switched off, renames those with an alias, and imports values.
pub fn process(chart: &mut Chart, values: &Entries, log: &mut Log) -> Result<(), String> {
    enable(chart, values, "", log)?;
    import_values(chart, log)
}

fn enable(chart: &mut Chart, values: &Entries, path: &str, log: &mut Log) -> Result<(), String> {
    if chart.metadata.dependencies.is_empty() {
        return Ok(());
    }
    let mut needs: Vec<Dependency> = chart.metadata.needs().cloned().collect();
    let fits = |need: &Dependency, sub: &Chart| {
        need.name == sub.name() && is_compatible(&need.version, &sub.metadata.version)
    };
    // Charts that no dependency requests stay as they are.
    let mut charts: Vec<Chart> = chart
        .dependencies
        .iter()
        .filter(|sub| !needs.iter().any(|need| fits(need, sub)))
        .cloned()
        .collect();
    for need in &mut needs {
        if let Some(sub) = chart.dependencies.iter().find(|sub| fits(need, sub)) {
            let mut sub = sub.clone();
            if !need.alias.is_empty() {
                sub.metadata.name.clone_from(&need.alias);
            }
            charts.push(sub);
        }
        if !need.alias.is_empty() {
            need.name.clone_from(&need.alias);
        }
        need.enabled = true;
    }
    chart.dependencies = charts;
    let values = coalesce_values(chart, values, Nulls::Remove, log)?;
    apply_tags(&mut needs, &values, log);
    apply_conditions(&mut needs, &values, path, log);
    let off: Vec<String> =
        needs.iter().filter(|need| !need.enabled).map(|need| need.name.clone()).collect();
    chart.dependencies.retain(|sub| !off.iter().any(|name| name == sub.name()));
    needs.retain(|need| !off.contains(&need.name));
    for sub in &mut chart.dependencies {
        let path = format!("{path}{}.", sub.name());
        enable(sub, &values, &path, log)?;
    }
    chart.metadata.dependencies = needs.into_iter().map(Some).collect();
    Ok(())
}

fn apply_tags(needs: &mut [Dependency], values: &Entries, log: &mut Log) {
    let Ok(tags) = lookup_table(values, "tags") else { return };
    for need in needs {
        let (mut has_true, mut has_false) = (false, false);
        for tag in &need.tags {
            match tags.get(tag.as_str()) {
                Some(Value::Bool(true)) => has_true = true,
                Some(Value::Bool(false)) => has_false = true,
                Some(_) => {
                    let attributes = [("tag", &**tag), ("chart", &*need.name)];
                    log.add(Level::Warn, "returned non-bool value", &attributes);
                }
                None => {}
            }
        }
        need.enabled = has_true || !has_false;
    }
}

fn apply_conditions(needs: &mut [Dependency], values: &Entries, path: &str, log: &mut Log) {
    for need in needs {
        let condition = need.condition.trim().to_owned();
        for one in condition.split(',').filter(|one| !one.is_empty()) {
            match lookup_value(values, &format!("{path}{one}")) {
                Some(Value::Bool(value)) => {
                    need.enabled = value;
                    break;
                }
                Some(_) => {
                    let attributes = [("path", one), ("chart", &*need.name)];
                    log.add(Level::Warn, "returned non-bool value", &attributes);
                }
                None => {}
            }
        }
    }
}

/// Takes values of the charts in a chart into its own.
fn import_values(chart: &mut Chart, log: &mut Log) -> Result<(), String> {
    for sub in &mut chart.dependencies {
        import_values(sub, log)?;
    }
    if chart.metadata.dependencies.is_empty() {
        return Ok(());
    }
    let mut values = coalesce_values(chart, &Entries::new(), Nulls::Keep, log)?;
    let mut imported = Entries::new();
    for need in chart.metadata.needs() {
        for import in &need.import_values {
            let (child, parent) = match import {
                Value::Map(map) => {
                    let get =
                        |key: &str| map.get(key).map_or("<nil>".to_owned(), |one| one.print());
                    (get("child"), get("parent"))
                }
                Value::String(name) => (format!("exports.{name}"), ".".to_owned()),
                _ => continue,
            };
            match lookup_table(&values, &format!("{}.{child}", need.name)) {
                Ok(table) => {
                    let table = at_path(&parent, table);
                    coalesce_tables(&mut imported, &table, "", Nulls::Keep, log);
                }
                Err(error) if matches!(import, Value::Map(_)) => {
                    let attributes = [("chart", &*need.name), ("error", &*error)];
                    log.add(Level::Warn, "ImportValues missing table from chart", &attributes);
                }
                Err(error) => {
                    log.add(Level::Warn, "ImportValues missing table", &[("error", &error)]);
                }
            }
        }
    }
    coalesce_tables(&mut values, &imported, "", Nulls::Keep, log);
    chart.values = values;
    Ok(())
}

/// A map inside maps for each key of a path; `.` is the map itself.
fn at_path(path: &str, table: Entries) -> Entries {
    if path == "." {
        return table;
    }
    path.rsplit('.').fold(table, |inner, key| [(key.into(), Value::map(inner))].into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{ChartFile, load_folder};
    use crate::value_files::load_values;

    fn run(needs: &str, own: &str, given: &str) -> (Vec<String>, String, Vec<String>) {
        let manifest = |name: &str| format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
        let files = [
            ("Chart.yaml", format!("{}dependencies:\n{needs}", manifest("demo"))),
            ("values.yaml", own.to_owned()),
            ("charts/kid/Chart.yaml", manifest("kid")),
            ("charts/kid/values.yaml", "exports: {up: {e: 1}}\nt: {x: 2}\n".to_owned()),
        ];
        let files: Vec<ChartFile> =
            files.iter().map(|(name, text)| ChartFile::new(*name, text.as_bytes())).collect();
        let mut log = Log::default();
        let mut chart = load_folder(&files, "/c", &mut log).expect("a chart");
        let given = load_values(given).expect("values");
        process(&mut chart, &given, &mut log).expect("no type mismatch");
        let names = chart.dependencies.iter().map(|sub| sub.name().to_owned()).collect();
        let own = chart.values.iter().filter(|(key, _)| !matches!(&***key, "kid" | "a" | "b"));
        let own = own.map(|(key, value)| (key.clone(), value.clone())).collect();
        let lines = log.lines.into_iter().map(|line| line.message).collect();
        (names, Value::map(own).print(), lines)
    }

    #[test]
    fn charts_are_switched_and_renamed() {
        for (needs, own, given, expected) in [
            ("- {name: kid, version: 1.x.x}", "", "", "kid"),
            ("- {name: kid, version: 1.x.x, condition: kid.use}", "kid: {use: false}", "", ""),
            (
                "- {name: kid, version: 1.x.x, condition: kid.use}",
                "kid: {use: false}",
                "kid: {use: true}",
                "kid",
            ),
            ("- {name: kid, version: 1.x.x, tags: [t]}", "tags: {t: false}", "", ""),
            (
                "- {name: kid, version: 1.x.x, tags: [t], condition: kid.use}",
                "tags: {t: false}",
                "kid: {use: true}",
                "kid",
            ),
            (
                "- {name: kid, version: ^1, alias: a}\n- {name: kid, version: ^1, alias: b}",
                "",
                "",
                "a b",
            ),
            ("- {name: kid, version: ^2}", "", "", "kid"),
        ] {
            assert_eq!(run(needs, own, given).0.join(" "), expected, "{needs} {own} {given}");
        }
    }

    #[test]
    fn values_are_imported() {
        for (imports, expected, warning) in [
            ("[up]", "map[e:1]", ""),
            ("[{child: t, parent: p.q}]", "map[p:map[q:map[x:2]]]", ""),
            ("[{child: zzz, parent: p}]", "map[]", "ImportValues missing table from chart"),
        ] {
            let needs = format!("- {{name: kid, version: 1.0.0, import-values: {imports}}}");
            let (_, values, lines) = run(&needs, "", "");
            assert_eq!((&*values, &*lines.join("\n")), (expected, warning), "{imports}");
        }
    }
}
