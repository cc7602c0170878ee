//! Compares the targets that are computed with those that a server showed.
//!
//! Targets are the same if their labels before relabeling are. Of targets that were merged, a server
//! shows the discovered labels of any one, so that these also match by their labels and URL.

use std::collections::{BTreeMap, HashMap, HashSet};

use discovery::targets::{Pool, PopulateStep, Rule, Rules, Target, explain_rules};
use promql::Labels;
use serde_json::{Map, Value, json};

use super::{ActiveTarget, Answers, DroppedTarget, LabelMap, RecordedSteps, redact};

/// The result of a comparison.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// Targets that the server lists.
    pub targets: usize,
    /// Those of them that are computed with the same result.
    pub equal_targets: usize,
    /// Targets whose relabeling the server recorded.
    pub steps: usize,
    pub equal_steps: usize,
    pub differences: Vec<Difference>,
    /// Jobs that the configuration does not have.
    pub unknown_pools: Vec<String>,
    /// Jobs of which the server lists only some of the dropped targets: job, listed, all.
    pub cut_pools: Vec<(String, usize, u64)>,
}

/// A target with another result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub pool: String,
    /// The URL, or the address of a target that has none.
    pub target: String,
    pub fields: Vec<FieldDifference>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDifference {
    /// `state`, `url`, `interval`, `timeout`, a label's name, or `step 2`.
    pub field: String,
    pub here: String,
    pub server: String,
}

/// Compares target pools with the answers of a server. The names of the pools differ.
pub fn compare<'a>(pools: impl IntoIterator<Item = &'a Pool>, answers: &Answers) -> Comparison {
    let mut comparison = Comparison::default();
    let mut servers = by_pool(answers);
    for pool in pools {
        if let Some(server) = servers.remove(&*pool.name) {
            compare_pool(pool, &server, &mut comparison);
            let count =
                answers.targets.as_ref().and_then(|all| all.dropped_target_counts.get(&*pool.name));
            if let Some(all) = count.filter(|all| **all > server.dropped.len() as u64) {
                comparison.cut_pools.push((pool.name.to_string(), server.dropped.len(), *all));
            }
        }
        for recorded in answers.relabel_steps.get(&*pool.name).into_iter().flatten() {
            comparison.steps += 1;
            match compare_steps(&pool.job.rules, recorded) {
                None => comparison.equal_steps += 1,
                Some(field) => comparison.differences.push(Difference {
                    pool: pool.name.to_string(),
                    target: recorded.labels.get(ADDRESS).cloned().unwrap_or_default(),
                    fields: vec![field],
                }),
            }
        }
    }
    comparison.targets +=
        servers.values().map(|one| one.active.len() + one.dropped.len()).sum::<usize>();
    comparison.unknown_pools = servers.into_keys().map(str::to_owned).collect();
    comparison
}

const ADDRESS: &str = "__address__";

/// The active targets of a server, for looking up single ones.
pub struct ServerTargets<'a>(HashMap<(&'a str, &'a str), Vec<&'a ActiveTarget>>);

impl<'a> ServerTargets<'a> {
    pub fn new(answers: &'a Answers) -> Self {
        let mut found: HashMap<_, Vec<&ActiveTarget>> = HashMap::new();
        for target in answers.targets.iter().flat_map(|targets| &targets.active_targets) {
            let key = (target.scrape_pool.as_str(), target.scrape_url.as_str());
            found.entry(key).or_default().push(target);
        }
        Self(found)
    }

    /// Returns the target with the URL and the labels of one that is computed.
    pub fn find(&self, pool: &str, target: &Target) -> Option<&'a ActiveTarget> {
        let url = redact::in_text(&target.url);
        let labels = label_map(&target.public_labels());
        let listed = self.0.get(&(pool, url.as_str()))?;
        listed.iter().copied().find(|one| one.labels == labels)
    }
}

/// The targets of a pool that the server lists.
#[derive(Default)]
struct ServerPool<'a> {
    active: Vec<&'a ActiveTarget>,
    dropped: Vec<&'a DroppedTarget>,
    /// The number of dropped targets, also of those that are not listed.
    all_dropped: u64,
}

fn by_pool(answers: &Answers) -> BTreeMap<&str, ServerPool<'_>> {
    let mut pools: BTreeMap<&str, ServerPool<'_>> = BTreeMap::new();
    let Some(targets) = &answers.targets else { return pools };
    for (pool, count) in &targets.dropped_target_counts {
        pools.entry(pool).or_default().all_dropped = *count;
    }
    for target in &targets.active_targets {
        pools.entry(&target.scrape_pool).or_default().active.push(target);
    }
    for target in &targets.dropped_targets {
        pools.entry(&target.scrape_pool).or_default().dropped.push(target);
    }
    pools
}

/// A target of a pool as it is computed.
enum Computed<'a> {
    Active(&'a Target),
    Dropped(Option<usize>),
    Failed(&'a str),
}

impl Computed<'_> {
    fn state(&self) -> String {
        match self {
            Self::Active(_) => "active".to_owned(),
            Self::Dropped(Some(rule)) => format!("dropped by rule {}", rule + 1),
            Self::Dropped(None) => "dropped, without labels".to_owned(),
            Self::Failed(error) => format!("not created: {error}"),
        }
    }
}

fn compare_pool(pool: &Pool, server: &ServerPool<'_>, comparison: &mut Comparison) {
    let mut computed = computed(pool);
    let mut left: Vec<&ActiveTarget> = Vec::new();
    let mut add = |target: &str, fields: Vec<FieldDifference>| {
        if fields.is_empty() {
            comparison.equal_targets += 1;
            return;
        }
        let (pool, target) = (pool.name.to_string(), target.to_owned());
        comparison.differences.push(Difference { pool, target, fields });
    };
    for target in &server.active {
        match take(&mut computed, &target.discovered_labels) {
            Some(Computed::Active(found)) => {
                add(&target.scrape_url, active_fields(pool, found, target));
            }
            Some(other) => add(&target.scrape_url, state(other.state(), "active")),
            None => left.push(target),
        }
    }
    for target in &server.dropped {
        let found = take(&mut computed, &target.discovered_labels);
        let address = target.discovered_labels.get(ADDRESS).map_or("", String::as_str);
        match found {
            Some(Computed::Dropped(_)) => add(address, Vec::new()),
            Some(other) => add(address, state(other.state(), "dropped")),
            None => add(address, state("not discovered", "dropped")),
        }
    }
    let mut rest: Vec<Computed<'_>> = computed.into_values().flatten().collect();
    for target in left {
        let merged = rest.iter().position(|one| matches!(one, Computed::Active(found) if active_fields(pool, found, target).is_empty()));
        match merged {
            Some(at) => {
                rest.swap_remove(at);
                add(&target.scrape_url, Vec::new());
            }
            None => add(&target.scrape_url, state("not discovered", "active")),
        }
    }
    let is_cut = server.all_dropped > server.dropped.len() as u64;
    for one in &rest {
        let (target, server) = match one {
            Computed::Active(found) => (redact::in_text(&found.url), "not listed"),
            // A server lists no targets that fail, and not all that are dropped.
            Computed::Failed(_) => continue,
            Computed::Dropped(_) if is_cut => continue,
            Computed::Dropped(_) => (String::new(), "not listed"),
        };
        let (pool, fields) = (pool.name.to_string(), state(one.state(), server));
        comparison.differences.push(Difference { pool, target, fields });
    }
    comparison.targets += server.active.len() + server.dropped.len();
}

/// The computed targets of a pool by their labels before relabeling.
fn computed(pool: &Pool) -> HashMap<LabelMap, Vec<Computed<'_>>> {
    let mut all: HashMap<LabelMap, Vec<Computed<'_>>> = HashMap::new();
    let mut add = |labels: &Labels, one| all.entry(label_map(labels)).or_default().push(one);
    for target in &pool.active {
        add(&target.discovered, Computed::Active(target));
    }
    for target in &pool.dropped {
        add(&target.discovered, Computed::Dropped(target.rule));
    }
    for target in &pool.failed {
        add(&target.discovered, Computed::Failed(&target.error));
    }
    all
}

fn take<'a>(
    computed: &mut HashMap<LabelMap, Vec<Computed<'a>>>,
    labels: &LabelMap,
) -> Option<Computed<'a>> {
    let found = computed.get_mut(labels)?;
    let one = found.pop();
    if found.is_empty() {
        computed.remove(labels);
    }
    one
}

fn state(here: impl Into<String>, server: impl Into<String>) -> Vec<FieldDifference> {
    vec![FieldDifference { field: "state".to_owned(), here: here.into(), server: server.into() }]
}

/// The fields of an active target that differ.
fn active_fields(pool: &Pool, found: &Target, server: &ActiveTarget) -> Vec<FieldDifference> {
    let mut fields = Vec::new();
    let mut compare = |field: &str, here: String, server: &str| {
        if here != server {
            let (field, server) = (field.to_owned(), server.to_owned());
            fields.push(FieldDifference { field, here, server });
        }
    };
    compare("url", redact::in_text(&found.url), &server.scrape_url);
    compare("interval", found.interval_text().to_owned(), &server.scrape_interval);
    compare("timeout", found.timeout_text().to_owned(), &server.scrape_timeout);
    let here = label_map(&found.public_labels());
    let names: HashSet<&String> = here.keys().chain(server.labels.keys()).collect();
    let mut names: Vec<&String> = names.into_iter().collect();
    names.sort_unstable();
    for name in names {
        let of = |labels: &LabelMap| labels.get(name).cloned().unwrap_or_default();
        compare(name, of(&here), &of(&server.labels));
    }
    // A pool over its limit fails all scrapes; other errors are those of the scrape itself.
    if let Some(limit) = &pool.limit_error
        && server.health != "unknown"
    {
        compare("error", limit.clone(), &server.last_error);
    }
    fields
}

fn label_map(labels: &Labels) -> LabelMap {
    labels
        .iter()
        .map(|label| (label.name.to_string(), redact::label(&label.name, &label.value)))
        .collect()
}

/// Compares the relabeling of one target. Returns the first step that differs.
pub fn compare_steps(rules: &Rules, recorded: &RecordedSteps) -> Option<FieldDifference> {
    let pairs = recorded.labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let (steps, _) = explain_rules(rules, &Labels::from_pairs(pairs));
    let mut output: Map<String, Value> =
        recorded.labels.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let mut kept = true;
    let found = (0..rules.len()).map(|index| {
        match steps.get(index) {
            Some(step) => kept &= apply(&mut output, step),
            None => kept = false,
        }
        let output = if kept { Value::from(output.clone()) } else { json!({}) };
        let mut step =
            json!({ "rule": rules.get(index).map(rule_json), "output": output, "keep": kept });
        redact::in_json(&mut step);
        step
    });
    let found: Vec<Value> = found.collect();
    // A job without rules has no list of steps.
    let server = recorded.answer.pointer("/data/steps").and_then(Value::as_array);
    let server = server.map_or(&[][..], Vec::as_slice);
    let count = found.len().max(server.len());
    let differs = (0..count).find(|index| found.get(*index) != server.get(*index))?;
    let print = |steps: &[Value]| steps.get(differs).map_or("none".to_owned(), Value::to_string);
    Some(FieldDifference {
        field: format!("step {}", differs + 1),
        here: print(&found),
        server: print(server),
    })
}

/// Applies the changes of a step. Returns false if the step drops the target.
fn apply(labels: &mut Map<String, Value>, step: &PopulateStep) -> bool {
    for change in &step.changes {
        match &change.after {
            Some(after) => labels.insert(change.name.to_string(), json!(&**after)),
            None => labels.remove(&*change.name),
        };
    }
    !step.drops
}

/// Returns a rule as the API prints it: empty fields are left out, except for `replacement`.
fn rule_json(rule: &Rule) -> Value {
    let sources: Vec<&str> = rule.source_labels.iter().map(|name| &**name).collect();
    let mut fields = json!({
        "source_labels": sources,
        "separator": &*rule.separator,
        "regex": rule.regex.source(),
        "modulus": rule.modulus,
        "target_label": &*rule.target_label,
        "replacement": &*rule.replacement,
        "action": rule.action.name(),
    });
    if let Some(fields) = fields.as_object_mut() {
        let empty = [json!(""), json!(0), json!([])];
        fields.retain(|name, value| name == "replacement" || !empty.contains(value));
    }
    fields
}
