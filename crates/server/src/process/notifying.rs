//! Alerts on their way to the Alertmanagers.
//!
//! Source: notifier/manager.go, notifier/sendloop.go, notifier/alert.go.

use std::sync::Arc;

use discovery::targets::{RelabelResult, Rules};
use go::Duration;
use prometheus::config::StaticConfig;
use prometheus::decode::relabel_rules;
use promql::{Labels, Timestamp};
use schema::Section;
use serde_json::{Map, Value, json};

use super::log::LogLine;
use super::{Host, Process};
use crate::alertmanagers::target_groups;
use crate::client::{Client, USER_AGENT};
use crate::configuration::Configuration;
use crate::files::beside;
use crate::network::{Network, Outgoing};
use crate::state::Alertmanagers;
use crate::targets_files::targets_file;
use crate::time::format_rfc3339;

/// An alert to send.
#[derive(Clone, Debug)]
pub(super) struct Notice {
    pub labels: Labels,
    pub annotations: Vec<(Arc<str>, Arc<str>)>,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    pub expression: String,
}

/// The Alertmanagers and what changes alerts before they are sent.
#[derive(Clone, Debug, Default)]
pub(super) struct Notifier {
    pub sets: Vec<AlertmanagerSet>,
    /// `alert_relabel_configs`.
    rules: Rules,
}

/// One entry of `alertmanagers`.
#[derive(Clone, Debug)]
pub(super) struct AlertmanagerSet {
    pub found: Alertmanagers,
    client: Client,
    timeout: Duration,
    rules: Rules,
}

impl Notifier {
    /// Reads the section `alerting`. The error is that of a certificate that cannot be read or of an
    /// address.
    pub fn of(configuration: &Configuration, path: &str, host: &Host) -> Result<Self, String> {
        let main = configuration.main();
        let root = main.root().and_then(Section::new);
        let Some(alerting) = root.and_then(|root| root.section("alerting")) else {
            return Ok(Self::default());
        };
        let files = |pattern: &str| -> Vec<StaticConfig> {
            let files = host.files.glob(&beside(path, pattern)).into_iter();
            let read = files.filter_map(|file| targets_file(&file, &host.files).ok());
            read.flat_map(|parsed| target_groups(&parsed)).collect()
        };
        let mut sets = Vec::new();
        for entry in alerting.items("alertmanagers").iter().filter_map(Section::new) {
            let client = Client::of(&entry, path);
            client.check_tls(&host.files)?;
            let rules = relabel_rules(main.file, &entry, "alert_relabel_configs");
            sets.push(AlertmanagerSet {
                found: Alertmanagers::of_entry(main.file, &entry, &files)?,
                client,
                timeout: entry.duration("timeout", Duration::from_secs(10)),
                rules: Rules::new(&rules, false),
            });
        }
        let rules = relabel_rules(main.file, &alerting, "alert_relabel_configs");
        Ok(Self { sets, rules: Rules::new(&rules, false) })
    }
}

impl Process {
    /// Sends alerts to every Alertmanager. Those that relabeling drops are not sent.
    pub(super) fn notify(&mut self, notices: &[Notice], host: &Host, network: &mut dyn Network) {
        let mut alerts = Vec::new();
        for notice in notices {
            let mut builder = notice.labels.builder();
            for label in self.external_labels.iter().filter(|one| !notice.labels.has(&one.name)) {
                builder.set(label.name.clone(), label.value.clone());
            }
            if let RelabelResult::Kept(labels) = self.notifier.rules.relabel(&builder.build()) {
                alerts.push((labels, notice));
            }
        }
        if alerts.is_empty() {
            return;
        }
        let sets = self.notifier.sets.clone();
        for set in &sets {
            let of_set =
                alerts.iter().filter_map(|(labels, notice)| match set.rules.relabel(labels) {
                    RelabelResult::Kept(labels) => Some(self.alert(&labels, notice)),
                    RelabelResult::Dropped { .. } | RelabelResult::TooLarge { .. } => None,
                });
            let of_set: Vec<Value> = of_set.collect();
            if of_set.is_empty() {
                continue;
            }
            for url in &set.found.active {
                self.post(url, set, &of_set, host, network);
            }
        }
    }

    fn alert(&self, labels: &Labels, notice: &Notice) -> Value {
        let pairs = labels.iter().map(|label| (label.name.to_string(), json!(&*label.value)));
        let annotations = notice.annotations.iter();
        let annotations = annotations.map(|(name, text)| (name.to_string(), json!(&**text)));
        let query = go::url::query_escape(&notice.expression);
        json!({
            "labels": pairs.collect::<Map<_, _>>(),
            "annotations": annotations.collect::<Map<_, _>>(),
            "startsAt": format_rfc3339(Some(notice.starts_at)),
            "endsAt": format_rfc3339(Some(notice.ends_at)),
            "generatorURL": format!("{}/graph?g0.expr={query}&g0.tab=1", self.external_url),
        })
    }

    fn post(
        &mut self,
        url: &str,
        set: &AlertmanagerSet,
        alerts: &[Value],
        host: &Host,
        network: &mut dyn Network,
    ) {
        let mut request = Outgoing {
            method: "POST",
            url: url.to_owned(),
            headers: vec![
                ("Content-Type".to_owned(), "application/json".to_owned()),
                ("User-Agent".to_owned(), USER_AGENT.to_owned()),
            ],
            body: Value::from(alerts).to_string(),
            timeout: set.timeout,
            ..Outgoing::default()
        };
        let ready = set.client.authorize(&mut request, &host.files);
        let sent = match ready.map_err(|error| request.failure(&error)) {
            Ok(()) => self.send(&request, host, network).0,
            Err(error) => Err(error),
        };
        let error = match sent {
            Ok(answer) if (200..300).contains(&answer.status) => return,
            Ok(answer) => {
                let status = simulation::events::status_line(answer.status);
                format!("bad response status {status}")
            }
            Err(error) => error,
        };
        let line = LogLine::error("Error sending alerts").at("sendloop.go:239");
        let line = line.with("component", "notifier").with("alertmanager", url);
        self.logs(line.with("count", alerts.len().to_string()).with("err", error));
    }
}
