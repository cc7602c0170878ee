//! The API server: what it makes of a request, and what it stores.
//!
//! | file | content |
//! | --- | --- |
//! | `create`, `update`, `apply`, `delete`, `eviction` | the ways of a request |
//! | `authorization` | what a user may do |
//! | `admission` | plugins that fill in, check and refuse |
//! | `storage` | objects by kind, namespace and name; changes as events |
//! | `recording` | the objects that a piece of work reads and writes |
//! | `addresses` | cluster addresses and node ports of Services |
//! | `status` | refusals with reason, message and causes |
//! | `bootstrap` | what a fresh cluster has |
//!
//! Source: staging/src/k8s.io/apiserver/pkg/registry/generic/registry/store.go.

mod addresses;
mod admission;
mod apply;
mod authorization;
mod bootstrap;
mod bootstrap_roles;
mod create;
mod custom;
mod delete;
mod eviction;
mod recording;
mod status;
mod storage;
mod update;

pub use admission::quota;
pub use authorization::{Attributes, Rule, User};
pub use delete::Propagation;
pub(crate) use eviction::disruption_target;
pub use recording::{Access, Presence};
pub use status::{Cause, Reason, Status};
pub use storage::{Change, Event, Key, Storage};
pub use update::PatchType;

use std::cell::OnceCell;
use std::collections::BTreeMap;

use kubernetes::hash::Hash;
use kubernetes::kinds::{self, Kind};
use kubernetes::object::Value;

/// An API server with its storage. It is cheap to clone: objects are shared.
#[derive(Clone, Debug)]
pub struct ApiServer {
    pub storage: Storage,
    addresses: addresses::Addresses,
    /// Seconds since the epoch.
    now: i64,
    /// The same as it appears in objects, once it is asked for.
    timestamp: OnceCell<String>,
    /// State of the generator of uids and names, while accesses are recorded.
    random: u64,
    /// Makes uids and names otherwise.
    seed: u64,
    /// How many uids and names were made for each identity, by its hash.
    made: BTreeMap<u64, u64>,
    custom: Vec<&'static Kind>,
    /// The field manager of requests other than server-side apply.
    manager: String,
    /// The treatment of fields that the type of an object does not have.
    pub field_validation: FieldValidation,
    /// The user of requests; None for the owner of the cluster.
    user: Option<User>,
    /// Webhooks that see what is created and changed.
    webhooks: Vec<&'static Webhook>,
}

/// The treatment of fields that the type of an object does not have.
/// Source: apimachinery pkg/apis/meta/v1 FieldValidation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FieldValidation {
    /// The request is refused.
    #[default]
    Strict,
    /// They are dropped with a warning.
    Warn,
    /// They are dropped.
    Ignore,
}

/// An admission webhook.
#[derive(Debug)]
pub struct Webhook {
    /// Changes an object before it is checked.
    pub mutate: fn(&Kind, &mut Value),
    /// Refuses an object that is otherwise accepted.
    pub validate: fn(&Kind, &Value) -> Result<(), Status>,
}

/// An accepted request.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The object as it is stored.
    pub object: Value,
    /// Warnings about it, in order.
    pub warnings: Vec<String>,
}

impl ApiServer {
    /// Lets what the server chooses from now on, as uids and names, follow from a seed.
    pub fn set_seed(&mut self, seed: u64) {
        (self.seed, self.random) = (seed, seed);
        self.made.clear();
        self.addresses = addresses::Addresses::default();
    }

    /// Sets the clock, in seconds since the epoch.
    pub fn set_time(&mut self, now: i64) {
        if now != self.now {
            self.now = now;
            self.timestamp.take();
        }
    }

    /// The clock, in seconds since the epoch.
    pub fn time(&self) -> i64 {
        self.now
    }

    /// Calls a webhook from now on.
    pub fn add_webhook(&mut self, webhook: &'static Webhook) {
        self.webhooks.push(webhook);
    }

    fn call_mutating(&self, kind: &Kind, object: &mut Value) {
        self.webhooks.iter().for_each(|webhook| (webhook.mutate)(kind, object));
    }

    fn call_validating(&self, kind: &Kind, object: &Value) -> Result<(), Status> {
        self.webhooks.iter().try_for_each(|webhook| (webhook.validate)(kind, object))
    }

    /// Sets the name under which changes of fields are recorded: `kubectl-client-side-apply`.
    pub fn set_manager(&mut self, manager: &str) {
        if self.manager != manager {
            self.manager = manager.to_owned();
        }
    }

    /// The time as it appears in objects: `2026-01-01T00:00:00Z`.
    pub fn timestamp(&self) -> String {
        self.timestamp.get_or_init(|| timestamp_of(self.now)).clone()
    }

    /// The time in so many seconds from now, as it appears in objects.
    pub fn timestamp_in(&self, seconds: i64) -> String {
        timestamp_of(self.now.saturating_add(seconds))
    }

    /// The row of a kind: of the table, or of a definition that is stored.
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<&'static Kind> {
        kinds::find(api_version, kind).or_else(|| {
            self.note_definitions();
            let same = |row: &&&Kind| row.kind == kind && row.api_version() == api_version;
            self.custom.iter().find(same).copied()
        })
    }

    /// The row that a word of a command names.
    pub fn kind_named(&self, word: &str) -> Option<&'static Kind> {
        let lower = go::case::lower(word);
        let name = lower.split('.').next().unwrap_or_default();
        kinds::named(word).or_else(|| {
            self.note_definitions();
            let named = |row: &&&Kind| {
                row.plural == name || row.singular() == name || row.short_names.contains(&name)
            };
            self.custom.iter().find(named).copied()
        })
    }

    /// Stores an object that another server has stored, as it is. An object of an unknown kind is
    /// left out: definitions come before their objects.
    pub fn restore(&mut self, object: &Value) {
        let Some(kind) = self.kind(object.str("apiVersion"), object.str("kind")) else { return };
        let metadata = &object["metadata"];
        let key = Key::new(kind, metadata.str("namespace"), metadata.str("name"));
        self.restore_at(&key, object);
    }

    /// Stores an object that another server has stored under a key.
    pub fn restore_at(&mut self, key: &Key, object: &Value) {
        self.storage.restore(key.clone(), object.clone());
        if key.kind == "CustomResourceDefinition"
            && let Some(kind) = self.row_of(key)
        {
            self.note_definition(kind, object);
        }
    }

    /// Removes an object that another server has removed.
    pub fn forget(&mut self, key: &Key) {
        if let Some(object) = self.storage.get(key).cloned()
            && let Some(kind) = self.row_of(key)
        {
            self.forget_definition(kind, &object);
        }
        self.storage.forget(key);
    }

    /// Records reads and writes of the storage from now on. What the server chooses, as uids and
    /// addresses, follows from the seed alone.
    pub fn record(&mut self, seed: u64) {
        self.random = seed;
        self.addresses = addresses::Addresses::seeded(seed);
        self.storage.record();
    }

    /// An object in the version of the row; an error if there is none.
    pub fn get(&self, kind: &Kind, namespace: &str, name: &str) -> Result<Value, Status> {
        self.authorize("get", kind, namespace, name)?;
        if let Some(status) = bootstrap::component_status(kind, name) {
            return Ok(status);
        }
        let key = Key::new(kind, namespace, name);
        match self.storage.get(&key) {
            Some(object) => Ok(served(kind, object)),
            None => Err(Status::not_found(kind, name)),
        }
    }

    /// A number that looks random and is the same in each run.
    fn next_random(&mut self) -> u64 {
        // SplitMix64.
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number that looks random and follows from the seed, what it is for, and how often that was
    /// asked before. So it does not depend on other objects.
    fn number_for(&mut self, identity: &[&str]) -> u64 {
        if self.storage.is_recorded() {
            return self.next_random();
        }
        let mut hash = Hash::of(identity);
        let count = self.made.entry(hash.value()).or_default();
        *count += 1;
        hash.add(&count.to_string());
        hash.add(&self.seed.to_string());
        hash.value()
    }

    /// A uid of an object.
    fn new_uid(&mut self, kind: &str, namespace: &str, name: &str) -> String {
        let mut number = |part| self.number_for(&["uid", part, kind, namespace, name]);
        let (high, low) = (number("high"), number("low"));
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xfff,
            low >> 48 & 0x3fff | 0x8000,
            low & 0xffff_ffff_ffff
        )
    }

    /// The random end of a generated name. Source: apimachinery pkg/util/rand.
    pub(crate) fn random_suffix(&mut self, namespace: &str, prefix: &str) -> String {
        const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
        let mut number = self.number_for(&["name", namespace, prefix]);
        let mut suffix = String::new();
        for _ in 0..5 {
            let at = (number % LETTERS.len() as u64) as usize;
            suffix.push(char::from(LETTERS[at]));
            number /= LETTERS.len() as u64;
        }
        suffix
    }
}

/// An object as the version of a row shows it.
pub(crate) fn served(kind: &Kind, stored: &Value) -> Value {
    if kind.group == "autoscaling" && kind.version == "v1" {
        return kinds::autoscaler_v1(stored);
    }
    stored.clone()
}

/// An object as it is stored, in the preferred version.
pub(crate) fn stored_version(kind: &Kind, object: Value) -> Value {
    if kind.group == "autoscaling" && kind.version == "v1" {
        return kinds::autoscaler_v2(&object);
    }
    object
}

/// Returns the text of a time in seconds since 1970, as objects have it.
pub fn timestamp_of(time: i64) -> String {
    go::rfc3339::format(go::time::DateTime::of_unix(time, 0))
}

#[cfg(test)]
mod tests;
