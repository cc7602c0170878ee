//! The cluster as one state machine: inputs, a clock, a seed.
//!
//! Every controller, the scheduler and every controller of nodes work on keys that wait in one queue. The clock
//! goes from one due time to the next; nothing happens between two of them.

use kubernetes::object::Value;

use crate::apiserver::{ApiServer, Change, Event, Key};
use crate::controllers::provisioner::{self, PROVISIONER, StorageProvisioner};
use crate::controllers::triggers::Triggers;
use crate::controllers::{CONTROLLERS, Controller, RECONCILERS};
use crate::kubelet::Kubelets;
use crate::random::Random;
use crate::recorder::{Note, Recorder, Type};
use crate::work::{Cause, Work};

/// Options of a cluster.
#[derive(Clone, Debug)]
pub struct Options {
    /// Start of the clock, in milliseconds since the epoch.
    pub now: i64,
    /// Makes names, uids, and the small delays of every step.
    pub seed: u64,
}

/// Milliseconds that [`Cluster::settled`] simulates at most: 15 minutes.
pub const SETTLE_LIMIT: i64 = 15 * 60 * 1000;

/// A simulated cluster. A clone continues by itself from the same state.
#[derive(Clone, Debug)]
pub struct Cluster {
    pub server: ApiServer,
    pub kubelets: Kubelets,
    pub(crate) recorder: Recorder,
    pub(crate) random: Random,
    storage_provisioner: StorageProvisioner,
    triggers: Triggers,
    work: Work,
    now: i64,
}

/// The context of a controller.
pub struct ControllerContext<'a> {
    pub server: &'a mut ApiServer,
    pub recorder: &'a mut Recorder,
    pub random: &'a mut Random,
    /// Milliseconds since the epoch.
    pub now: i64,
    pub(crate) storage_provisioner: StorageProvisioner,
    pub(crate) triggers: &'a mut Triggers,
    component: &'static str,
    wakes: Vec<Wake>,
}

/// A key that is to be synced again, when, and why.
type Wake = (Key, i64, Cause);

/// A sync that has to be tried again, later each time.
#[derive(Debug)]
pub struct Retry;

impl ControllerContext<'_> {
    /// The time in whole seconds, as objects hold it.
    pub fn seconds(&self) -> i64 {
        self.now.div_euclid(1000)
    }

    pub fn timestamp(&self) -> String {
        self.server.timestamp()
    }

    /// Syncs a key again after some milliseconds.
    pub fn wake(&mut self, key: &Key, after: i64) {
        self.wakes.push((key.clone(), self.now + after.max(1), Cause::Progress));
    }

    /// Syncs a key again after some milliseconds; a cluster at rest may wait for it.
    pub fn wake_periodic(&mut self, key: &Key, after: i64) {
        self.wakes.push((key.clone(), self.now + after.max(1), Cause::Periodic));
    }

    /// Writes an event about an object in the name of this controller.
    pub fn event(&mut self, object: &Value, ty: Type, reason: &str, message: &str) {
        let component = self.component;
        self.note(&Note { object, field: "", ty, reason, message, component, host: "" });
    }

    /// Writes an event.
    pub fn note(&mut self, note: &Note<'_>) {
        self.recorder.write(self.server, self.now, note);
    }
}

impl Cluster {
    /// A fresh cluster without nodes.
    pub fn new(options: Options) -> Self {
        Self::of(ApiServer::new(options.now.div_euclid(1000), options.seed), options)
    }

    /// A cluster without nodes in which no controller has seen the objects of a server yet.
    pub fn with_server(mut server: ApiServer, options: Options) -> Self {
        server.storage.take_events();
        let added = |(key, object): (&Key, &Value)| Event {
            change: Change::Added,
            key: key.clone(),
            object: object.clone(),
            previous: Value::Null,
        };
        let events: Vec<Event> = server.storage.iter().map(added).collect();
        server.storage.add_events(&events);
        Self::of(server, options)
    }

    fn of(mut server: ApiServer, options: Options) -> Self {
        server.set_manager("");
        server.set_seed(options.seed);
        server.set_time(options.now.div_euclid(1000));
        Self {
            server,
            kubelets: Kubelets::default(),
            recorder: Recorder::default(),
            random: Random::new(options.seed ^ 0x5eed),
            storage_provisioner: StorageProvisioner::default(),
            triggers: Triggers::default(),
            work: Work::default(),
            now: options.now,
        }
    }

    /// Starts or stops the provisioner of minikube.
    pub fn set_storage_provisioner(&mut self, provisioner: StorageProvisioner) {
        self.storage_provisioner = provisioner;
        let number = CONTROLLERS.iter().position(|one| one.component == PROVISIONER.component);
        let Some(number) = number else { return };
        for key in provisioner::open(&self.server) {
            self.work.add((RECONCILERS.len() + number, key), self.now + 1, Cause::Progress);
        }
    }

    /// The clock, in milliseconds since the epoch.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Hands the changes of objects to the controllers that they concern.
    pub fn observe(&mut self) {
        for event in self.server.storage.take_events() {
            if event.key.kind == "Event" {
                continue;
            }
            self.observe_event(&event);
        }
    }

    fn observe_event(&mut self, event: &Event) {
        self.kubelets.observe(event, &mut self.random, self.now);
        for (number, reconciler) in RECONCILERS.iter().enumerate() {
            for key in (reconciler.keys)(&self.server, event) {
                let (low, high) = reconciler.delay();
                let delay = self.random.between(low, high);
                self.work.add((number, key), self.now + delay, Cause::Progress);
            }
        }
        for (number, controller) in CONTROLLERS.iter().enumerate() {
            for key in (controller.keys)(&self.server, event) {
                let (low, high) = controller.delay;
                let delay = self.random.between(low, high);
                let task = (RECONCILERS.len() + number, key);
                self.work.add(task, self.now + delay, Cause::Progress);
            }
        }
    }

    /// The time at which something happens next.
    pub fn next_time(&mut self) -> Option<i64> {
        self.observe();
        self.work.next_time().into_iter().chain(self.kubelets.next_time()).min()
    }

    /// Lets time pass until `to`, in milliseconds since the epoch.
    pub fn advance(&mut self, to: i64) {
        while let Some(at) = self.next_time() {
            if at > to {
                break;
            }
            self.set_time(at.max(self.now));
            self.step();
        }
        if to > self.now {
            self.set_time(to);
        }
    }

    /// The time at which something happens next that is more than repetition.
    pub fn next_progress(&self) -> Option<i64> {
        [self.work.next_progress(), self.kubelets.next_progress()].into_iter().flatten().min()
    }

    /// A clone at rest: only periodic work is left, or 15 simulated minutes have passed. The second
    /// value is false if it did not come to rest.
    #[must_use]
    pub fn settled(&self) -> (Self, bool) {
        let mut cluster = self.clone();
        let limit = cluster.now + SETTLE_LIMIT;
        loop {
            cluster.observe();
            match cluster.next_progress() {
                None => return (cluster, true),
                Some(at) if at > limit => {
                    cluster.advance(limit);
                    return (cluster, false);
                }
                Some(at) => cluster.advance(at),
            }
        }
    }

    fn set_time(&mut self, now: i64) {
        self.now = now;
        self.server.set_time(now.div_euclid(1000));
    }

    /// Does the first task that is due.
    fn step(&mut self) {
        let kubelet = self.kubelets.next_time().filter(|at| *at <= self.now);
        if let Some(at) = kubelet
            && self.work.next_time().is_none_or(|other| at < other)
        {
            let (server, recorder) = (&mut self.server, &mut self.recorder);
            return self.kubelets.step(server, recorder, &mut self.random, self.now);
        }
        let Some(task) = self.work.take(self.now) else { return };
        let (number, key) = &task;
        if let Some(reconciler) = RECONCILERS.get(*number) {
            (reconciler.reconcile)(&mut self.server, key);
            return;
        }
        let Some(controller) = CONTROLLERS.get(*number - RECONCILERS.len()) else { return };
        let (result, wakes) = self.sync(controller, key);
        for (key, at, cause) in wakes {
            self.work.add((*number, key), at, cause);
        }
        match result {
            Ok(()) => self.work.forget(&task),
            Err(Retry) => self.work.retry(task, self.now),
        }
    }

    fn sync(&mut self, controller: &Controller, key: &Key) -> (Result<(), Retry>, Vec<Wake>) {
        let mut context = ControllerContext {
            server: &mut self.server,
            recorder: &mut self.recorder,
            random: &mut self.random,
            now: self.now,
            storage_provisioner: self.storage_provisioner,
            triggers: &mut self.triggers,
            component: controller.component,
            wakes: Vec::new(),
        };
        let result = (controller.sync)(&mut context, key);
        (result, context.wakes)
    }
}

#[cfg(test)]
mod tests;
