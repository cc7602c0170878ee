//! Selection of objects by a workload: namespaces, labels, and the checks of each object.
//!
//! Source: prometheus-operator pkg/prometheus/resource_selector.go selectObjects,
//! pkg/operator/operator.go SelectNamespacesFromCache.

use std::collections::BTreeMap;

use kubernetes::object::Value;
use kubernetes::validation::meta::selects;

use crate::checks::{at, selector};
use crate::options::Options;
use crate::prometheus::{self, ConfigContext, Mode};
use crate::rules;
use crate::store::Checked;
use crate::tree::Document;

/// The verdict on one monitor, rule or probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// The workload takes it.
    Selected,
    /// The Operator does not watch the namespace.
    NotWatched,
    /// The namespace selector is absent, and the object is in another namespace.
    OtherNamespace,
    /// The labels of the Namespace object do not match the namespace selector.
    NamespaceLabels,
    /// The selector is absent, which takes nothing of this kind.
    SelectorAbsent,
    /// The labels of the object do not match the selector.
    Labels,
}

/// A kind of objects that a workload selects.
#[derive(Debug)]
pub struct Kind {
    pub kind: &'static str,
    pub plural: &'static str,
    pub selector: &'static str,
    pub namespace_selector: &'static str,
}

/// Kinds that a Prometheus object selects.
pub static KINDS: &[Kind] = &[
    Kind {
        kind: "ServiceMonitor",
        plural: "servicemonitors",
        selector: "serviceMonitorSelector",
        namespace_selector: "serviceMonitorNamespaceSelector",
    },
    Kind {
        kind: "PodMonitor",
        plural: "podmonitors",
        selector: "podMonitorSelector",
        namespace_selector: "podMonitorNamespaceSelector",
    },
    Kind {
        kind: "Probe",
        plural: "probes",
        selector: "probeSelector",
        namespace_selector: "probeNamespaceSelector",
    },
    Kind {
        kind: "ScrapeConfig",
        plural: "scrapeconfigs",
        selector: "scrapeConfigSelector",
        namespace_selector: "scrapeConfigNamespaceSelector",
    },
    RULES,
];

pub const RULES: Kind = Kind {
    kind: "PrometheusRule",
    plural: "prometheusrules",
    selector: "ruleSelector",
    namespace_selector: "ruleNamespaceSelector",
};

/// The objects that an Alertmanager selects.
pub const ALERTMANAGER_CONFIGS: Kind = Kind {
    kind: "AlertmanagerConfig",
    plural: "alertmanagerconfigs",
    selector: "alertmanagerConfigSelector",
    namespace_selector: "alertmanagerConfigNamespaceSelector",
};

/// The row of a kind that a Prometheus object selects.
pub fn kind_of(kind: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|row| row.kind == kind)
}

/// Namespace objects by name, as the Operator sees them.
#[derive(Debug)]
pub struct Namespaces<'a> {
    labels: BTreeMap<&'a str, &'a Value>,
    options: &'a Options,
}

impl<'a> Namespaces<'a> {
    pub fn new(objects: &'a [Value], options: &'a Options) -> Self {
        let namespaces = objects.iter().filter(|object| object.str("kind") == "Namespace");
        let labels = namespaces
            .map(|object| (object["metadata"].str("name"), &object["metadata"]["labels"]))
            .collect();
        Self { labels, options }
    }

    fn matches(&self, namespace: &str, selector: &Value) -> bool {
        self.labels.get(namespace).is_some_and(|labels| {
            // The API server sets this label on each namespace.
            let mut labels = (*labels).clone();
            labels.set("kubernetes.io/metadata.name", namespace);
            selects(selector, &labels)
        })
    }

    /// Returns the first gate that stops an object, or `Selected`.
    pub fn gate(&self, workload: &Value, object: &Value, kind: &Kind) -> Gate {
        let in_namespace = || self.namespace_gate(workload, object, kind);
        if !self.options.watches(object["metadata"].str("namespace")) {
            Gate::NotWatched
        } else {
            in_namespace().or_else(|| label_gate(workload, object, kind)).unwrap_or(Gate::Selected)
        }
    }

    /// The gate of the namespace selector, if it stops an object.
    pub fn namespace_gate(&self, workload: &Value, object: &Value, kind: &Kind) -> Option<Gate> {
        let namespace = object["metadata"].str("namespace");
        match &workload["spec"][kind.namespace_selector] {
            Value::Null if namespace == workload["metadata"].str("namespace") => None,
            Value::Null => Some(Gate::OtherNamespace),
            selector => (!self.matches(namespace, selector)).then_some(Gate::NamespaceLabels),
        }
    }

    /// Returns the objects of a kind that a workload selects.
    pub fn selected(
        &self,
        workload: &Value,
        objects: &'a [Value],
        kind: &Kind,
    ) -> Checked<Vec<&'a Value>> {
        let spec = &workload["spec"];
        at(
            selector::label_selector(&spec[kind.namespace_selector]),
            "failed to convert namespace label selector to selector",
        )?;
        selector::label_selector(&spec[kind.selector])?;
        let of_kind = objects.iter().filter(|object| object.str("kind") == kind.kind);
        Ok(of_kind.filter(|one| self.gate(workload, one, kind) == Gate::Selected).collect())
    }
}

/// The gate of the selector, if it stops an object.
pub fn label_gate(workload: &Value, object: &Value, kind: &Kind) -> Option<Gate> {
    match &workload["spec"][kind.selector] {
        Value::Null => Some(Gate::SelectorAbsent),
        selector => (!selects(selector, &object["metadata"]["labels"])).then_some(Gate::Labels),
    }
}

/// The verdict of the Operator on an object that a workload selects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Accepted,
    /// The reason, as it appears in the Event.
    Rejected(String),
}

/// An object that a workload selects.
#[derive(Clone, Debug)]
pub struct Chosen<'a> {
    pub object: &'a Value,
    pub verdict: Verdict,
}

/// All that a Prometheus object selects.
#[derive(Clone, Debug, Default)]
pub struct Selection<'a> {
    /// By kind, then by namespace and name.
    pub objects: Vec<Chosen<'a>>,
    /// Rule files by name.
    pub rule_files: BTreeMap<String, Document>,
}

/// ConfigMaps of rule files that the StatefulSet mounts. Those that are not needed do not exist.
const MOUNTED_RULE_MAPS: usize = 3;

impl Selection<'_> {
    /// The rule files, parted into ConfigMaps.
    pub fn rule_buckets(&self) -> Vec<BTreeMap<&str, &Document>> {
        rules::buckets(&self.rule_files)
    }

    /// The names of the ConfigMaps that the configuration and the StatefulSet refer to.
    pub fn rule_config_maps(&self, name: &str) -> Vec<String> {
        let count = self.rule_buckets().len().max(MOUNTED_RULE_MAPS);
        (0..count).map(|at| format!("prometheus-{name}-rulefiles-{at}")).collect()
    }
}

/// Selects and checks all that a Prometheus object takes. The error fails its sync.
pub fn select<'a>(
    context: &ConfigContext<'a>,
    objects: &'a [Value],
    options: &'a Options,
) -> Checked<Selection<'a>> {
    let namespaces = Namespaces::new(objects, options);
    let mut selection = Selection::default();
    for kind in KINDS.iter().filter(|kind| kind.kind != RULES.kind) {
        let chosen = namespaces.selected(context.root.value, objects, kind);
        let chosen = at(chosen, &format!("selecting {}s failed", kind.kind))?;
        selection.objects.extend(chosen.into_iter().map(|object| {
            let verdict = prometheus::check(context, object);
            Chosen {
                object,
                verdict: verdict.map_or_else(Verdict::Rejected, |()| Verdict::Accepted),
            }
        }));
    }
    if context.mode == Mode::Server {
        let chosen = namespaces.selected(context.root.value, objects, &RULES);
        let chosen = at(chosen, "selecting PrometheusRule failed")?;
        let format = rules::Format::prometheus(context);
        rules::select(&format, chosen, &mut selection);
    }
    Ok(selection)
}
