//! The files of a server's database: blocks, the head's chunks and the write-ahead log.
//!
//! Source: Prometheus tsdb/docs/format, tsdb/db.go.

use std::collections::BTreeMap;

use promql::Timestamp;
use server::Process;

/// Milliseconds of a block before compaction, and of the samples that the head keeps besides.
const BLOCK: i64 = 2 * 3_600_000;
const HEAD: i64 = BLOCK * 3 / 2;
/// Milliseconds of a segment of the log.
const SEGMENT: i64 = 3_600_000;
/// Blocks that are listed at most.
const MOST_BLOCKS: i64 = 400;

/// Letters of a ULID. Source: github.com/oklog/ulid.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The name of the block that was written at a time.
fn ulid(at: Timestamp) -> String {
    let mut random = (at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut letters = Vec::new();
    let mut time = at as u64;
    for _ in 0..10 {
        letters.push(LETTERS[(time % 32) as usize]);
        time /= 32;
    }
    letters.reverse();
    for _ in 0..16 {
        random = random.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
        letters.push(LETTERS[(random >> 59) as usize]);
    }
    letters.into_iter().map(char::from).collect()
}

/// The files of a server's database by their paths, as its container has them.
pub(crate) fn files(process: &Process) -> BTreeMap<String, String> {
    let folder = process.flags.get("storage.tsdb.path");
    let folder = folder.trim_end_matches('/');
    let mut names = vec!["lock".to_owned(), "queries.active".to_owned()];
    let mut metas = Vec::new();
    if let Some((first, last)) = process.storage.time_range() {
        // A block is cut when the head spans one and a half of them.
        let start = first.div_euclid(BLOCK) * BLOCK;
        let head = ((last - HEAD).div_euclid(BLOCK) * BLOCK + BLOCK).max(start);
        let blocks = ((head - start) / BLOCK).clamp(0, MOST_BLOCKS);
        for number in 0..blocks {
            let (from, to) = (start + number * BLOCK, start + (number + 1) * BLOCK);
            let name = ulid(to + BLOCK / 2);
            let meta = format!(
                "{{\n\t\"ulid\": \"{name}\",\n\t\"minTime\": {},\n\t\"maxTime\": {to},\n\t\"compaction\": {{\n\t\t\"level\": 1,\n\t\t\"sources\": [\n\t\t\t\"{name}\"\n\t\t]\n\t}},\n\t\"version\": 1\n}}\n",
                from.max(first)
            );
            names.extend(
                ["chunks/000001", "index", "tombstones"].map(|file| format!("{name}/{file}")),
            );
            metas.push((format!("{folder}/{name}/meta.json"), meta));
        }
        names.push("chunks_head/000001".to_owned());
        let segments = (last - head.max(first)) / SEGMENT;
        names.extend((0..=segments).map(|number| format!("wal/{number:08}")));
    }
    let empty = names.into_iter().map(|name| (format!("{folder}/{name}"), String::new()));
    empty.chain(metas).collect()
}

#[cfg(test)]
mod tests {
    use super::ulid;

    #[test]
    fn names_of_blocks_sort_by_time() {
        let (first, second) = (ulid(1_767_225_600_000), ulid(1_767_232_800_000));
        assert!(first.len() == 26 && first.starts_with("01K") && first < second, "{first}");
    }
}
