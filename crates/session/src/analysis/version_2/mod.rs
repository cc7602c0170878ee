//! Images of Prometheus 2, which the page runs by the rules of version 3: said once for each server,
//! with what differs for this workspace.

mod changes;

use std::sync::Arc;

use super::Analysis;
use super::configuration::ConfigText;
use super::expressions;
use super::rule_files::RuleSet;
use crate::workspace::embedded_documents::Document;
use crate::workspace::sources::FileKind;
use changes::{CHANGES, Change};
use discovery::targets::TargetTable;
use kubernetes::prometheus::Instance;
use promql::Labels;
use text::{Code, Diagnostic, FileId};
use yaml::{Entry, Node};

pub const VERSION_2: &str = "version-2-image";

pub static CODES: &[Code] = &[Code {
    code: VERSION_2,
    title: "Prometheus 2 behaves like Prometheus 3.14 here",
    doc: DOC,
    example: "apiVersion: v1\nkind: Pod\nmetadata: {name: prometheus}\nspec: {containers: [{name: prometheus, image: 'prom/prometheus:v2.48.0'}]}\n",
}];

const DOC: &str = "The page simulates Prometheus 3.14 for every image of Prometheus. The table lists what has changed since 2.48, and whether it bears on this workspace.\n\n\
Some guides query `prometheus_tsdb_head_samples`, which is a name of neither version. The counter is `prometheus_tsdb_head_samples_appended_total`.";

/// The parts of a workspace that changes are looked for in.
pub struct Workspace<'a> {
    /// The server that is simulated.
    pub(super) instance: Option<&'a Instance>,
    pub(super) config_text: Option<&'a ConfigText>,
    pub(super) rules: &'a RuleSet,
    pub(super) table: &'a TargetTable,
    /// All files and the documents in ConfigMaps.
    pub(super) documents: &'a [Arc<Document>],
}

impl<'a> Workspace<'a> {
    /// The workspace of an analysis.
    pub fn of(analysis: &'a Analysis) -> Self {
        Self {
            instance: analysis.instances.first(),
            config_text: analysis.config_text.as_deref(),
            rules: &analysis.rules,
            table: &analysis.table,
            documents: &analysis.documents,
        }
    }

    fn has_flag(&self, name: &str) -> bool {
        self.instance.is_some_and(|instance| instance.flag(name).is_some())
    }

    fn feature(&self, name: &str) -> bool {
        let flags = self.instance.iter().flat_map(|instance| &instance.flags);
        let lists = flags.filter(|flag| &*flag.name == "enable-feature");
        let mut lists = lists.filter_map(|flag| flag.value.as_deref());
        lists.any(|list| list.split(',').any(|one| one == name))
    }

    /// Returns true for an expression of a rule file, also one that version 3 refuses.
    fn has_expr(&self, test: impl Fn(&str) -> bool) -> bool {
        let files = self.documents.iter().filter(|one| one.kind == FileKind::Rules);
        let mut exprs = files.flat_map(|one| expressions::nodes(&one.parsed));
        exprs.any(|node| node.text().is_some_and(&test))
    }

    /// Returns true if an entry of the configuration passes a test.
    fn has_entry(&self, test: impl Fn(&Entry) -> bool) -> bool {
        let root = self.config_text.and_then(|text| text.parsed.root());
        let mut nodes: Vec<&Node> = root.into_iter().collect();
        while let Some(node) = nodes.pop() {
            nodes.extend(node.items());
            for entry in node.entries() {
                if test(entry) {
                    return true;
                }
                nodes.push(&entry.value);
            }
        }
        false
    }

    fn has_field(&self, name: &str) -> bool {
        self.has_entry(|entry| entry.name() == Some(name) && !entry.value.is_null())
    }

    fn has_value(&self, name: &str, value: &str) -> bool {
        self.has_entry(|entry| entry.name() == Some(name) && entry.value.text() == Some(value))
    }

    fn has_credentials(&self) -> bool {
        let fields = ["authorization", "basic_auth", "bearer_token", "bearer_token_file", "oauth2"];
        fields.iter().any(|field| self.has_field(field))
    }

    fn has_target_without_port(&self) -> bool {
        let mut targets = self.table.pools.iter().flat_map(|pool| &pool.active);
        targets.any(|target| !go::net::has_port(target.labels.get("__address__")))
    }

    fn has_config_of_image(&self) -> bool {
        self.config_text.is_some_and(|text| text.parsed.file == FileId::OUTSIDE)
    }

    /// Returns true if a rule matches `.` with a discovered value that has a line break.
    fn relabels_line_breaks(&self) -> bool {
        self.table.pools.iter().any(|pool| {
            let rules = pool.job.rules.iter().filter(|(_, rule)| rule.regex.source().contains('.'));
            let names: Vec<&Arc<str>> = rules.flat_map(|(_, rule)| &rule.source_labels).collect();
            let breaks = |labels: &Labels| names.iter().any(|name| labels.get(name).contains('\n'));
            pool.active.iter().any(|target| breaks(&target.discovered))
                || pool.dropped.iter().any(|target| breaks(&target.discovered))
        })
    }
}

/// The table of changes for a workspace.
pub fn table(workspace: &Workspace<'_>) -> Vec<protocol::pages::checks::Change> {
    let row = |change: &Change| protocol::pages::checks::Change {
        area: change.area.to_owned(),
        before: change.before.to_owned(),
        after: change.after.to_owned(),
        here: (change.here)(workspace),
    };
    CHANGES.iter().map(row).collect()
}

/// Finds the servers with an image of version 2. The first one is the server that the page simulates.
pub fn check(instances: &[Instance], workspace: &Workspace<'_>, found: &mut Vec<Diagnostic>) {
    for (number, instance) in instances.iter().enumerate() {
        let image = &instance.image;
        let Some(at) = image.at.filter(|_| kubernetes::prometheus::is_version_2(&image.value))
        else {
            continue;
        };
        let tag = image.value.rsplit_once(':').map_or("2", |(_, tag)| tag);
        let message = format!("Prometheus {tag} behaves like version 3.14 here");
        let here = |one: &&Change| {
            number == 0 && !one.note.is_empty() && (one.here)(workspace) == Some(true)
        };
        let notes: Vec<&str> = CHANGES.iter().filter(here).map(|one| one.note).collect();
        let help = match notes.as_slice() {
            [] => "Nothing was found in this workspace that differs. “Why?” has the table of what has changed since 2.48.".to_owned(),
            notes => format!(
                "{} “Why?” has the table of what has changed since 2.48.",
                notes.join(" ")
            ),
        };
        found.push(Diagnostic::info(VERSION_2, at, message).with_help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kubernetes::flags::REMOVED;

    #[test]
    fn the_flags_of_the_table_are_known_as_removed() {
        for name in changes::FLAGS {
            assert!(REMOVED.iter().any(|removed| removed.name == name), "{name}");
        }
    }
}
