//! The files of a database: blocks, head chunks and the write-ahead log, as far as their names follow
//! from the times of the samples.
//!
//! Source: tsdb/db.go `compactHead`, tsdb/compact.go `LeveledCompactor.plan`, tsdb/head.go
//! `truncateWAL`, cmd/prometheus/main.go.

use promql::Timestamp;
use promql::storage::{SampleBuffer, Storage};

/// The shortest range of a block, in milliseconds.
const SHORTEST: i64 = 2 * 3_600_000;
/// The longest range of a block without a retention, in milliseconds.
const LONGEST: i64 = 31 * 24 * 3_600_000;
/// A compacted block is three times as long as the blocks in it.
const STEP: i64 = 3;
/// Blocks of the head that are followed at most; older ones are taken as deleted.
const MOST_CUTS: i64 = 5_000;
/// The digits of a ULID.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Samples of a full chunk.
const CHUNK: usize = 120;

/// A block with the samples of `[from, to)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub from: Timestamp,
    pub to: Timestamp,
    pub level: u32,
    /// When it was written.
    pub written: Timestamp,
    /// The blocks of the head in it.
    pub sources: Vec<String>,
    /// The blocks that it was made of.
    pub parents: Vec<(String, Timestamp, Timestamp)>,
}

impl Block {
    /// The name: a ULID with the time at which the block was written. Its other digits follow from
    /// the range.
    pub fn name(&self) -> String {
        let seed = (self.from as u64).rotate_left(32) ^ (self.to as u64);
        let mut digits = [0_u8; 26];
        let mut time = self.written as u64;
        for digit in digits.iter_mut().take(10).rev() {
            *digit = (time % 32) as u8;
            time /= 32;
        }
        let mut state = seed;
        for digit in digits.iter_mut().skip(10) {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            *digit = (state >> 59) as u8;
        }
        let letters = digits.iter().map(|digit| DIGITS.get(usize::from(*digit)).copied());
        letters.map(|letter| char::from(letter.unwrap_or(b'0'))).collect()
    }
}

/// The files of a database at one time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Database {
    /// From the oldest to the newest.
    pub blocks: Vec<Block>,
    /// The numbers of the files of head chunks.
    pub head_chunks: Vec<u32>,
    /// The numbers of the segments of the write-ahead log.
    pub segments: Vec<u32>,
    /// The number of the checkpoint, if there is one.
    pub checkpoint: Option<u32>,
}

impl Database {
    /// The files of a server whose first sample is of a time.
    pub fn at(first: Timestamp, now: Timestamp, retention: Option<i64>) -> Self {
        let ranges = ranges(retention);
        let mut database = Self { segments: vec![0], ..Self::default() };
        let mut head = first.max(now - MOST_CUTS * SHORTEST);
        let mut cuts = 0;
        // The head is cut when it is half as long again as a block.
        while now - head > SHORTEST / 2 * 3 {
            let to = head.div_euclid(SHORTEST) * SHORTEST + SHORTEST;
            let written = head + SHORTEST / 2 * 3 + 1;
            let mut block =
                Block { from: head, to, level: 1, written, sources: vec![], parents: vec![] };
            block.sources.push(block.name());
            database.blocks.push(block);
            head = to;
            cuts += 1;
            database.truncate_log();
            while database.compact(&ranges, written) {}
            if let (Some(retention), Some(newest)) = (retention, database.blocks.last()) {
                let end = newest.to;
                database.blocks.retain(|block| end - block.to < retention);
            }
        }
        database.head_chunks = match cuts {
            0 if now - first < SHORTEST / 4 => Vec::new(),
            0 => vec![1],
            cuts => vec![cuts, cuts + 1],
        };
        database
    }

    /// Begins a new segment, and replaces two thirds of the old ones by a checkpoint.
    fn truncate_log(&mut self) {
        let (Some(&first), Some(&last)) = (self.segments.first(), self.segments.last()) else {
            return;
        };
        self.segments.push(last + 1);
        let Some(kept) = last.checked_sub(1).filter(|kept| *kept >= first) else { return };
        let end = first + (kept - first) * 2 / 3;
        if end > first {
            self.checkpoint = Some(end);
            self.segments.retain(|segment| *segment > end);
        }
    }

    /// Compacts the first blocks that fill a longer range. The newest block is left out.
    fn compact(&mut self, ranges: &[i64], now: Timestamp) -> bool {
        let Some((_, old)) = self.blocks.split_last() else { return false };
        let Some(high) = old.last().map(|block| block.from) else { return false };
        for range in ranges.iter().skip(1) {
            let mut start = 0;
            while let Some(first) = old.get(start) {
                let slot = first.from.div_euclid(*range);
                let own = |block: &&Block| block.from.div_euclid(*range) == slot;
                let count = old.iter().skip(start).take_while(own).count().max(1);
                let parts: Vec<Block> = old.iter().skip(start).take(count).cloned().collect();
                let end = parts.last().map_or(first.to, |last| last.to);
                let fits = end <= (slot + 1) * range;
                if parts.len() > 1 && fits && (end - first.from == *range || end <= high) {
                    let block = Block {
                        from: first.from,
                        to: end,
                        level: parts.iter().map(|part| part.level).max().unwrap_or_default() + 1,
                        written: now,
                        sources: parts.iter().flat_map(|part| part.sources.clone()).collect(),
                        parents: parts
                            .iter()
                            .map(|part| (part.name(), part.from, part.to))
                            .collect(),
                    };
                    self.blocks.splice(start..start + count, [block]);
                    return true;
                }
                start += count;
            }
        }
        false
    }

    /// The paths in the folder of the database. A folder without a file ends with a slash.
    pub fn paths(&self) -> Vec<String> {
        let mut paths = Vec::new();
        for block in &self.blocks {
            let files = ["chunks/000001", "index", "meta.json", "tombstones"];
            paths.extend(files.map(|file| format!("{}/{file}", block.name())));
        }
        if self.head_chunks.is_empty() {
            paths.push("chunks_head/".to_owned());
        }
        paths.extend(self.head_chunks.iter().map(|number| format!("chunks_head/{number:06}")));
        paths.extend(self.segments.iter().map(|number| format!("wal/{number:08}")));
        paths.extend(self.checkpoint.map(|number| format!("wal/checkpoint.{number:08}/00000000")));
        paths
    }

    /// The files `meta.json` of the blocks, by path. The numbers are those of a storage.
    pub fn descriptions(&self, storage: &Storage) -> Vec<(String, String)> {
        self.blocks.iter().map(|block| describe(block, storage)).collect()
    }
}

fn describe(block: &Block, storage: &Storage) -> (String, String) {
    let (mut samples, mut series, mut chunks) = (0, 0, 0);
    let mut buffer = SampleBuffer::default();
    for one in storage.iter() {
        buffer.clear();
        one.read(block.from, block.to - 1, &mut buffer);
        let count = buffer.len();
        samples += count;
        series += usize::from(count > 0);
        chunks += count.div_ceil(CHUNK);
    }
    let name = block.name();
    let list = |items: Vec<String>| match items.is_empty() {
        true => "[]".to_owned(),
        false => format!("[\n\t\t\t{}\n\t\t]", items.join(",\n\t\t\t")),
    };
    let sources = list(block.sources.iter().map(|name| format!("\"{name}\"")).collect());
    let parents = block.parents.iter().map(|(name, from, to)| {
        let fields = format!("\"ulid\": \"{name}\",\n\t\t\t\t\"minTime\": {from}");
        format!("{{\n\t\t\t\t{fields},\n\t\t\t\t\"maxTime\": {to}\n\t\t\t}}")
    });
    let parents = match block.parents.is_empty() {
        true => String::new(),
        false => format!(",\n\t\t\"parents\": {}", list(parents.collect())),
    };
    let Block { from, to, level, .. } = block;
    let text = format!(
        "{{\n\t\"ulid\": \"{name}\",\n\t\"minTime\": {from},\n\t\"maxTime\": {to},\n\t\"stats\": {{\n\t\t\
         \"numSamples\": {samples},\n\t\t\"numFloatSamples\": {samples},\n\t\t\"numSeries\": \
         {series},\n\t\t\"numChunks\": {chunks}\n\t}},\n\t\"compaction\": {{\n\t\t\"level\": \
         {level},\n\t\t\"sources\": {sources}{parents}\n\t}},\n\t\"version\": 1\n}}"
    );
    (format!("{name}/meta.json"), text)
}

/// The ranges of blocks with a retention.
fn ranges(retention: Option<i64>) -> Vec<i64> {
    let longest =
        retention.map_or(LONGEST, |retention| (retention / 10).min(LONGEST)).max(SHORTEST);
    std::iter::successors(Some(SHORTEST), |range| range.checked_mul(STEP))
        .take_while(|range| *range <= longest)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;
    /// A multiple of 18 hours.
    const START: i64 = 18 * HOUR * 27_000;
    const RETENTION: Option<i64> = Some(15 * 24 * HOUR);

    fn ranges_of(database: &Database) -> Vec<(i64, i64, u32)> {
        let hours = |time: i64| (time - START) / HOUR;
        let blocks = database.blocks.iter();
        blocks.map(|block| (hours(block.from), hours(block.to), block.level)).collect()
    }

    #[test]
    fn blocks_are_cut_and_compacted() {
        for (hours, expected) in [
            (3, vec![]),
            (4, vec![(0, 2, 1)]),
            (6, vec![(0, 2, 1), (2, 4, 1)]),
            (8, vec![(0, 2, 1), (2, 4, 1), (4, 6, 1)]),
            (10, vec![(0, 6, 2), (6, 8, 1)]),
            (16, vec![(0, 6, 2), (6, 12, 2), (12, 14, 1)]),
            (22, vec![(0, 18, 3), (18, 20, 1)]),
        ] {
            let database = Database::at(START, START + hours * HOUR, RETENTION);
            assert_eq!(ranges_of(&database), expected, "{hours}");
        }
    }

    #[test]
    fn old_blocks_are_deleted_and_names_are_unique() {
        let database = Database::at(START, START + 20 * 24 * HOUR, RETENTION);
        let blocks = &database.blocks;
        let newest = blocks.last().expect("a block").to;
        assert!(blocks.iter().all(|block| newest - block.to < 15 * 24 * HOUR));
        let mut names: Vec<String> = blocks.iter().map(Block::name).collect();
        assert!(names.iter().all(|name| name.len() == 26 && name.starts_with("01")));
        names.dedup();
        assert_eq!(names.len(), blocks.len());
        assert!(blocks.is_sorted_by(|a, b| a.to <= b.from));
    }

    #[test]
    fn a_block_is_described_by_json() {
        let database = Database::at(START, START + 10 * HOUR, RETENTION);
        let files = database.descriptions(&Storage::default());
        let (path, text) = files.first().expect("a block");
        assert!(path.ends_with("/meta.json"));
        let meta: serde_json::Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(meta["compaction"]["parents"].as_array().map(Vec::len), Some(3));
        assert_eq!(meta["compaction"]["sources"].as_array().map(Vec::len), Some(3));
        assert_eq!((&meta["version"], &meta["stats"]["numSamples"]), (&1.into(), &0.into()));
    }

    #[test]
    fn the_log_has_a_checkpoint_after_some_cuts() {
        for (hours, segments, checkpoint, head) in [
            (0, vec![0], None, vec![]),
            (1, vec![0], None, vec![1]),
            (4, vec![0, 1], None, vec![1, 2]),
            (8, vec![0, 1, 2, 3], None, vec![3, 4]),
            (10, vec![2, 3, 4], Some(1), vec![4, 5]),
            (12, vec![2, 3, 4, 5], Some(1), vec![5, 6]),
            (14, vec![4, 5, 6], Some(3), vec![6, 7]),
        ] {
            let database = Database::at(START, START + hours * HOUR, RETENTION);
            assert_eq!(
                (database.segments, database.checkpoint, database.head_chunks),
                (segments, checkpoint, head),
                "{hours}"
            );
        }
    }
}
