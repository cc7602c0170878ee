//! The Alertmanagers that a configuration names.
//!
//! Source: notifier/alertmanager.go `AlertmanagerFromGroup`.

use discovery::targets::{RelabelResult, Rules, too_large};
use prometheus::config::StaticConfig;
use prometheus::decode::{relabel_rules, static_config};
use promql::LabelsBuilder;
use schema::Section;
use text::FileId;
use yaml::Parsed;

use crate::state::Alertmanagers;

const ADDRESS: &str = "__address__";
const SCHEME: &str = "__scheme__";
const ALERTS_PATH: &str = "__alerts_path__";

impl Alertmanagers {
    /// The Alertmanagers of `static_configs` and of target files. `files` gives the groups of the
    /// files that a pattern matches.
    pub fn of_config(
        main: &Parsed,
        files: &dyn Fn(&str) -> Vec<StaticConfig>,
    ) -> Result<Self, String> {
        let mut found = Self::default();
        let alerting = main.root().and_then(Section::new).and_then(|root| root.section("alerting"));
        let Some(alerting) = alerting else { return Ok(found) };
        for entry in alerting.items("alertmanagers").iter().filter_map(Section::new) {
            let of_entry = Self::of_entry(main.file, &entry, files)?;
            found.active.extend(of_entry.active);
            found.dropped.extend(of_entry.dropped);
        }
        found.active.dedup();
        Ok(found)
    }

    /// The Alertmanagers of one entry.
    pub(crate) fn of_entry(
        file: FileId,
        entry: &Section<'_>,
        files: &dyn Fn(&str) -> Vec<StaticConfig>,
    ) -> Result<Self, String> {
        let mut found = Self::default();
        let rules = Rules::new(&relabel_rules(file, entry, "relabel_configs"), false);
        let mut groups: Vec<StaticConfig> = entry
            .items("static_configs")
            .iter()
            .filter_map(Section::new)
            .map(|group| static_config(file, &group))
            .collect();
        for source in entry.items("file_sd_configs").iter().filter_map(Section::new) {
            groups.extend(source.texts("files").flat_map(|(name, _)| files(&name)));
        }
        for group in &groups {
            found.add(entry, &rules, group)?;
        }
        found.active.dedup();
        Ok(found)
    }

    fn add(
        &mut self,
        entry: &Section<'_>,
        rules: &Rules,
        group: &StaticConfig,
    ) -> Result<(), String> {
        let scheme = match &*entry.text("scheme") {
            "" => "http".to_owned(),
            scheme => scheme.to_owned(),
        };
        let version = match &*entry.text("api_version") {
            "" => "v2".to_owned(),
            version => version.to_owned(),
        };
        let prefix = entry.text("path_prefix");
        let path = match prefix.trim_matches('/') {
            "" => format!("/api/{version}/alerts"),
            prefix => format!("/{prefix}/api/{version}/alerts"),
        };
        for (address, _) in &group.targets {
            let mut builder = LabelsBuilder::new();
            builder
                .set(ADDRESS, address.clone())
                .set(SCHEME, scheme.as_str())
                .set(ALERTS_PATH, path.as_str());
            for (name, value, _) in &group.labels {
                builder.set(name.clone(), value.clone());
            }
            let labels = builder.build();
            match rules.relabel(&labels) {
                RelabelResult::TooLarge { rule } => return Err(too_large(rule)),
                RelabelResult::Dropped { .. } => self.dropped.push(url(&labels)),
                RelabelResult::Kept(labels) => {
                    if labels.get(ADDRESS).contains('/') {
                        let address = go::quote::quote(labels.get(ADDRESS));
                        return Err(format!("{address} is not a valid hostname"));
                    }
                    self.active.push(url(&labels));
                }
            }
        }
        Ok(())
    }
}

fn url(labels: &promql::Labels) -> String {
    format!("{}://{}{}", labels.get(SCHEME), labels.get(ADDRESS), labels.get(ALERTS_PATH))
}

/// Groups of a file of targets, in YAML or JSON.
pub fn target_groups(parsed: &Parsed) -> Vec<StaticConfig> {
    let items = parsed.root().map_or(&[][..], yaml::Node::items);
    let groups = items.iter().filter_map(Section::new);
    groups.map(|group| static_config(parsed.file, &group)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_made_of_labels() {
        let text = "alerting:\n  alertmanagers:\n    - static_configs: [{targets: ['a:9093']}]\n    - path_prefix: /am/\n      scheme: https\n      static_configs: [{targets: ['b:1', 'c:1']}]\n      file_sd_configs: [{files: ['x.yml']}]\n      relabel_configs: [{source_labels: [__address__], regex: 'c:.*', action: drop}]\n";
        let main = yaml::parse(FileId(1), text);
        let file = yaml::parse(FileId(2), "- targets: ['d:1']\n");
        let found = Alertmanagers::of_config(&main, &|_| target_groups(&file));
        let found = found.expect("the addresses are valid");
        assert_eq!(
            found.active,
            [
                "http://a:9093/api/v2/alerts",
                "https://b:1/am/api/v2/alerts",
                "https://d:1/am/api/v2/alerts"
            ]
        );
        assert_eq!(found.dropped, ["https://c:1/am/api/v2/alerts"]);
    }

    #[test]
    fn an_address_is_no_url() {
        let text = "alerting: {alertmanagers: [{static_configs: [{targets: ['http://a']}]}]}";
        let found = Alertmanagers::of_config(&yaml::parse(FileId(1), text), &|_| Vec::new());
        assert_eq!(found, Err("\"http://a\" is not a valid hostname".to_owned()));
    }
}
