//! The arithmetic of storage: the disk and the memory that the simulated server needs, against its
//! claim, its retention and its limits.
//!
//! Source: documentation of Prometheus, "Storage", section "Operational aspects": retention × samples
//! a second × 1 to 2 bytes a sample; a write-ahead log of at least two hours.

use crate::world::{START, Snapshot};
use go::Duration;
use kubernetes::mounts;
use kubernetes::objects::VolumeSource;
use kubernetes::quantity;
use prometheus::values::size;
use protocol::number::number;
use protocol::pages::explain::{Consequence, Estimate};
use schema::ValueSource;
use text::Location;

/// Bytes of a sample in a block: at best, at worst.
const BLOCK_BYTES: (f64, f64) = (1.0, 2.0);

/// Bytes of a sample in the write-ahead log, which is compressed less: at best, at worst.
const LOG_BYTES: (f64, f64) = (4.0, 11.0);

/// The age of the oldest samples in the write-ahead log and the head block, in seconds: one and a
/// half blocks of two hours.
const HEAD_SECONDS: f64 = 3.0 * 3600.0;

/// Bytes of memory for a series in the head block: at best, at worst. A rule of thumb.
const SERIES_BYTES: (f64, f64) = (2_000.0, 8_000.0);

/// Memory of an idle server, in bytes. A rule of thumb.
const IDLE_BYTES: f64 = 60e6;

/// The part of a volume that may be filled; the rest is for compactions. The documentation says 80 to
/// 85 percent.
const USABLE: f64 = 0.85;

/// A series that got no sample for so long is not counted, in milliseconds.
const LIVE: i64 = 5 * 60_000;

/// A limit, with its place in the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit<T> {
    pub value: T,
    /// As it is written.
    pub text: String,
    pub at: Option<Location>,
}

/// What the server stores, and where.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Disk {
    /// Series that got a sample in the last five minutes.
    pub series: usize,
    pub samples_per_second: f64,
    /// The retention by age. None if only the size limits it.
    pub age: Option<Limit<Duration>>,
    /// The retention by size, in bytes.
    pub size: Option<Limit<f64>>,
    /// The claim that holds the database, in bytes.
    pub claim: Option<Limit<f64>>,
    /// The memory limit of the container, in bytes.
    pub memory: Option<Limit<f64>>,
}

impl Disk {
    /// The disk of the simulated server. Returns None if it has no samples yet.
    pub fn of(snapshot: &Snapshot<'_>) -> Option<Self> {
        let (series, samples_per_second) = ingestion(snapshot);
        if series == 0 {
            return None;
        }
        let analysis = snapshot.analysis;
        let mut disk = Self { series, samples_per_second, ..Self::default() };
        disk.set_retention(snapshot);
        let Some((instance, pod, container)) = analysis.server_container() else {
            let waits = !analysis.instances.is_empty() && analysis.server.pod.is_none();
            return (!waits).then_some(disk);
        };
        disk.memory = container.memory_limit.as_ref().and_then(|limit| {
            let value = quantity::parse(&limit.value)?;
            Some(Limit { value, text: limit.value.to_string(), at: limit.at })
        });
        let mount = mounts::mount_of(container, &instance.storage_path);
        let volume = mount.and_then(|mount| pod.spec.volume(&mount.name.value));
        if let Some(VolumeSource::PersistentVolumeClaim { claim_name, .. }) =
            volume.map(|volume| &volume.source)
        {
            let claims = &analysis.state.cluster.persistent_volume_claims;
            disk.claim = claims.get(&instance.namespace, &claim_name.value).and_then(|claim| {
                let value = quantity::parse(&claim.request.value)?;
                Some(Limit { value, text: claim.request.value.to_string(), at: claim.request.at })
            });
        }
        Some(disk)
    }

    /// Sets the limits of the retention. A section `retention` in the file replaces both flags.
    ///
    /// Source: cmd/prometheus/main.go.
    fn set_retention(&mut self, snapshot: &Snapshot<'_>) {
        let analysis = snapshot.analysis;
        let root = analysis.config_text.as_ref().and_then(|text| text.parsed.root());
        let section = ["storage", "tsdb", "retention"].into_iter();
        let section = section.fold(root, |node, key| node.and_then(|node| node.get(key)));
        if let Some(section) = section {
            let age = analysis.loaded.config.retention_time.as_ref();
            self.age = age.map(|time| {
                let at = match &time.source {
                    ValueSource::Written(at) => Some(*at),
                    _ => None,
                };
                Limit { value: time.value, text: time.value.to_string(), at }
            });
            self.size = section.get("size").and_then(|size| limit_by_size(size.text()?, None));
            return;
        }
        let instance = analysis.instances.first();
        let flag = |name: &str| {
            let flag = instance?.flag(name)?;
            Some((flag.value.as_deref()?.to_owned(), flag.at))
        };
        self.size =
            flag("storage.tsdb.retention.size").and_then(|(text, at)| limit_by_size(&text, at));
        let age = flag("storage.tsdb.retention.time").and_then(|(text, at)| {
            let value = Duration::parse(&text).ok().filter(|time| time.millis() > 0)?;
            Some(Limit { value, text, at })
        });
        let default = || Limit {
            value: Duration::from_secs(15 * 24 * 3600),
            text: "15d (default)".to_owned(),
            at: None,
        };
        self.age = age.or_else(|| self.size.is_none().then(default));
    }

    /// Bytes of the write-ahead log and of the head block on disk: at best, at worst.
    pub fn head_bytes(&self) -> (f64, f64) {
        let samples = self.samples_per_second * HEAD_SECONDS;
        let bytes = |log: f64, block: f64| samples * (log + block);
        (bytes(LOG_BYTES.0, BLOCK_BYTES.0), bytes(LOG_BYTES.1, BLOCK_BYTES.1))
    }

    /// Bytes of the blocks when the retention is reached: at best, at worst.
    pub fn block_bytes(&self) -> Option<(f64, f64)> {
        let seconds = self.age.as_ref()?.value.millis() as f64 / 1000.0;
        let samples = self.samples_per_second * seconds;
        Some((samples * BLOCK_BYTES.0, samples * BLOCK_BYTES.1))
    }

    /// Bytes that the server can come to use at worst, with the limit by size.
    pub fn most_bytes(&self) -> f64 {
        let blocks = self.block_bytes().map(|(_, most)| most);
        let limit = self.size.as_ref().map(|size| size.value);
        let blocks = match (blocks, limit) {
            (Some(blocks), Some(limit)) => blocks.min(limit),
            (one, other) => one.or(other).unwrap_or_default(),
        };
        blocks + self.head_bytes().1
    }

    /// The part of the claim that the limit by size, or else the estimate, fills. None without a
    /// claim.
    pub fn share_of_claim(&self) -> Option<f64> {
        let claim = self.claim.as_ref()?.value;
        let limit = self.size.as_ref().map_or_else(|| self.most_bytes(), |size| size.value);
        (claim > 0.0).then(|| limit / claim)
    }

    /// The calculation as the page shows it.
    pub fn estimate(&self) -> Estimate {
        Estimate { rows: self.rows(), verdicts: self.verdicts() }
    }

    fn rows(&self) -> Vec<(String, String)> {
        let mut rows = vec![
            ("Series that are stored now".to_owned(), number(self.series as f64)),
            ("Samples a second".to_owned(), number(self.samples_per_second)),
            ("Samples a day".to_owned(), number(self.samples_per_second * 86_400.0)),
            ("Bytes of a sample in a block".to_owned(), "1 to 2".to_owned()),
        ];
        if let (Some(age), Some(blocks)) = (&self.age, self.block_bytes()) {
            rows.push(("Retention by age".to_owned(), age.text.clone()));
            rows.push(("Blocks: samples a second × bytes × retention".to_owned(), range(blocks)));
        }
        if let Some(size) = &self.size {
            rows.push(("Retention by size".to_owned(), size.text.clone()));
        }
        rows.push(("Write-ahead log and head, up to 3 hours".to_owned(), range(self.head_bytes())));
        if let Some(claim) = &self.claim {
            rows.push(("Claim".to_owned(), claim.text.clone()));
        }
        rows.push(("Memory: 2 to 8 kB a series, and 60 MB".to_owned(), range(self.memory_bytes())));
        if let Some(memory) = &self.memory {
            rows.push(("Memory limit".to_owned(), memory.text.clone()));
        }
        rows
    }

    fn memory_bytes(&self) -> (f64, f64) {
        let series = self.series as f64;
        (IDLE_BYTES + series * SERIES_BYTES.0, IDLE_BYTES + series * SERIES_BYTES.1)
    }

    fn verdicts(&self) -> Vec<Consequence> {
        let mut found = vec![self.against_claim()];
        if let (Some(size), Some((least, most)), Some(age)) =
            (&self.size, self.block_bytes(), &self.age)
        {
            let text = match (most <= size.value, least > size.value) {
                (true, _) => format!(
                    "The age of {} ends first: the blocks stay below {}.",
                    age.text, size.text
                ),
                (_, true) => format!(
                    "The size of {} ends first: samples are deleted before they are {} old.",
                    size.text, age.text
                ),
                _ => format!(
                    "Age and size end at about the same time: {} and {}.",
                    age.text, size.text
                ),
            };
            found.push(consequence(text, true, size.at));
        }
        if let Some(memory) = &self.memory {
            let most = self.memory_bytes().1;
            let good = most <= memory.value;
            let text = match good {
                true => format!(
                    "The memory limit of {} is enough for these series. Queries need more for a moment.",
                    memory.text
                ),
                false => format!(
                    "The memory limit of {} may be too small for these series: the container would be killed.",
                    memory.text
                ),
            };
            found.push(consequence(text, good, memory.at));
        }
        found
    }

    /// The claim against what is limited by size, or needed.
    fn against_claim(&self) -> Consequence {
        let Some(claim) = &self.claim else {
            let text =
                "The database is on no claim: its samples end with the container or the pod.";
            return consequence(text.to_owned(), false, None);
        };
        if let Some(size) = &self.size {
            let good = size.value <= claim.value * USABLE;
            let text = match good {
                true => format!(
                    "`retention.size` of {} leaves room on the claim of {}.",
                    size.text, claim.text
                ),
                false if size.value > claim.value => format!(
                    "`retention.size` of {} is more than the claim of {}. If there are enough samples, the disk fills first, and Prometheus can no longer write.",
                    size.text, claim.text
                ),
                false => format!(
                    "`retention.size` of {} leaves too little of the claim of {} for compactions. At most 85 % is safe.",
                    size.text, claim.text
                ),
            };
            return consequence(text, good, size.at);
        }
        let most = self.most_bytes();
        let good = most <= claim.value * USABLE;
        let text = match good {
            true => format!(
                "The claim of {} is enough: it holds {} times as much.",
                claim.text,
                number((claim.value / most).floor().min(1e6))
            ),
            false => format!(
                "The claim of {} is too small for up to {}. No limit by size is set, so the disk fills, and Prometheus can no longer write.",
                claim.text,
                bytes(most)
            ),
        };
        consequence(text, good, claim.at)
    }
}

fn consequence(text: String, good: bool, at: Option<Location>) -> Consequence {
    let links = at.into_iter().map(|at| ("Show".to_owned(), at)).collect();
    Consequence { text, good, links }
}

fn limit_by_size(text: &str, at: Option<Location>) -> Option<Limit<f64>> {
    let value = size::parse(text).ok().filter(|bytes| *bytes > 0)? as f64;
    Some(Limit { value, text: text.to_owned(), at })
}

/// The number of series that are stored now, and the samples that they get in a second.
fn ingestion(snapshot: &Snapshot<'_>) -> (usize, f64) {
    let now = START.saturating_add_unsigned(snapshot.timeline.now());
    let (mut count, mut rate) = (0, 0.0);
    for series in snapshot.timeline.world.storage.iter() {
        let (Some(first), Some(last)) = (series.first_time(), series.last_time()) else { continue };
        if last < now - LIVE {
            continue;
        }
        count += 1;
        if last > first {
            rate += (series.len() - 1) as f64 * 1000.0 / (last - first) as f64;
        }
    }
    (count, rate)
}

/// A size in decimal units: `1.5 GB`.
fn bytes(value: f64) -> String {
    let units = [(1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB")];
    let unit = units.iter().find(|(size, _)| value >= *size);
    let (size, unit) = unit.copied().unwrap_or((1.0, "B"));
    let scaled = value / size;
    let digits = if scaled < 10.0 { 1 } else { 0 };
    format!("{scaled:.digits$} {unit}")
}

fn range((least, most): (f64, f64)) -> String {
    format!("{} to {}", bytes(least), bytes(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit<T>(value: T, text: &str) -> Limit<T> {
        Limit { value, text: text.to_owned(), at: None }
    }

    fn disk() -> Disk {
        Disk {
            series: 1000,
            samples_per_second: 1000.0 / 15.0,
            age: Some(limit(Duration::from_secs(15 * 86_400), "15d")),
            ..Disk::default()
        }
    }

    /// Seed 004: 288,000 samples a day are 0.3 to 0.6 MB, not 50 MB.
    #[test]
    fn a_day_of_samples_needs_one_to_two_bytes_each() {
        let day = Some(limit(Duration::from_secs(86_400), "1d"));
        let disk = Disk { samples_per_second: 288_000.0 / 86_400.0, age: day, ..disk() };
        let (least, most) = disk.block_bytes().unwrap();
        assert_eq!((least.round(), most.round()), (288_000.0, 576_000.0));
        assert_eq!(range((least, most)), "288 kB to 576 kB");
    }

    #[test]
    fn the_claim_is_compared_with_the_limit_or_with_the_need() {
        let gib = f64::from(1 << 30);
        for (size, claim, good, words) in [
            (None, None, false, "on no claim"),
            (None, Some(5.0), true, "is enough"),
            (None, Some(0.1), false, "too small for up to"),
            (Some(10.0), Some(5.0), false, "is more than the claim"),
            (Some(4.8), Some(5.0), false, "At most 85 %"),
            (Some(4.0), Some(5.0), true, "leaves room"),
        ] {
            let disk = Disk {
                size: size.map(|size: f64| limit(size * gib, "S")),
                claim: claim.map(|claim: f64| limit(claim * gib, "C")),
                ..disk()
            };
            let found = disk.against_claim();
            assert_eq!((found.good, found.text.contains(words)), (good, true), "{}", found.text);
        }
    }

    #[test]
    fn the_limit_that_ends_first_is_named() {
        let most = disk().block_bytes().unwrap().1;
        for (size, words) in [
            (most * 2.0, "The age of 15d ends first"),
            (most / 4.0, "The size of S ends first"),
            (most * 0.75, "Age and size end"),
        ] {
            let disk = Disk { size: Some(limit(size, "S")), ..disk() };
            let texts: Vec<String> = disk.verdicts().into_iter().map(|one| one.text).collect();
            assert!(texts.iter().any(|text| text.contains(words)), "{texts:?}");
        }
    }
}
