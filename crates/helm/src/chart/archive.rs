//! Chart archives: a gzipped tar file in memory becomes files.
//!
//! Source: helm pkg/chart/loader/archive archive.go, Go archive/tar and compress/gzip.

use miniz_oxide::inflate::decompress_to_vec_with_limit;

use super::ChartFile;

/// The most bytes of an unpacked chart, and of one of its files.
pub const MAX_CHART: usize = 100 << 20;
pub const MAX_FILE: usize = 5 << 20;

/// The message of Go for bytes that are no gzip file.
pub const NO_GZIP: &str = "gzip: invalid header";

const BLOCK: usize = 512;

/// Unpacks an archive. Names lose their first folder.
pub fn unpack(bytes: &[u8]) -> Result<Vec<ChartFile>, String> {
    let tar = gunzip(bytes)?;
    let mut files = Vec::new();
    for (name, data) in entries(&tar)? {
        let (folder, rest) = name.split_once('/').unwrap_or((&name, ""));
        if rest.starts_with('/') {
            return Err("chart illegally contains absolute paths".to_owned());
        }
        let rest = go::path::clean(rest);
        if rest == "." {
            let name = go::quote::quote(&name);
            return Err(format!(
                "chart illegally contains content outside the base directory: {name}"
            ));
        }
        if rest.starts_with("..") {
            return Err("chart illegally references parent directory".to_owned());
        }
        if folder == "Chart.yaml" {
            return Err("chart yaml not in base directory".to_owned());
        }
        if data.len() > MAX_FILE {
            let name = go::quote::quote(&name);
            return Err(format!(
                "decompressed chart file {name} is larger than the maximum file size {MAX_FILE}"
            ));
        }
        files.push(ChartFile::new(rest, data));
    }
    if files.is_empty() {
        return Err("no files in chart archive".to_owned());
    }
    Ok(files)
}

/// Unpacks the first member of a gzip file.
fn gunzip(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let header = || NO_GZIP.to_owned();
    let (fixed, mut rest) = bytes.split_at_checked(10).ok_or_else(header)?;
    if !fixed.starts_with(&[0x1f, 0x8b, 8]) {
        return Err(header());
    }
    let flags = fixed.get(3).copied().unwrap_or_default();
    if flags & 4 != 0 {
        let (length, behind) = rest.split_at_checked(2).ok_or_else(header)?;
        let length = length.iter().rev().fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
        rest = behind.get(length..).ok_or_else(header)?;
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            let end = rest.iter().position(|byte| *byte == 0).ok_or_else(header)?;
            rest = rest.get(end + 1..).unwrap_or_default();
        }
    }
    if flags & 2 != 0 {
        rest = rest.get(2..).ok_or_else(header)?;
    }
    decompress_to_vec_with_limit(rest, MAX_CHART).map_err(|error| match error.status {
        miniz_oxide::inflate::TINFLStatus::HasMoreOutput => {
            format!("decompressed chart is larger than the maximum size {MAX_CHART}")
        }
        _ => "unexpected EOF".to_owned(),
    })
}

/// The regular files of a tar file with their names.
fn entries(mut tar: &[u8]) -> Result<Vec<(String, &[u8])>, String> {
    let broken = || "archive/tar: invalid tar header".to_owned();
    let mut files = Vec::new();
    let mut long_name: Option<String> = None;
    while let Some((header, rest)) = tar.split_at_checked(BLOCK) {
        if header.iter().all(|byte| *byte == 0) {
            break;
        }
        if !checksum_fits(header) {
            return Err(broken());
        }
        let size = octal(header.get(124..136).unwrap_or_default()).ok_or_else(broken)?;
        let data = rest.get(..size).ok_or("unexpected EOF")?;
        tar = rest.get(size.next_multiple_of(BLOCK)..).unwrap_or_default();
        let kind = header.get(156).copied().unwrap_or_default();
        match kind {
            b'L' => long_name = Some(text(data)),
            b'x' => long_name = pax_path(data).or(long_name),
            b'0' | 0 | b'7' => {
                let name = long_name.take().unwrap_or_else(|| name(header));
                if !name.ends_with('/') {
                    files.push((name, data));
                }
            }
            _ => long_name = None,
        }
    }
    Ok(files)
}

fn checksum_fits(header: &[u8]) -> bool {
    let sum: usize = header
        .iter()
        .enumerate()
        .map(|(at, byte)| if (148..156).contains(&at) { 32 } else { usize::from(*byte) })
        .sum();
    octal(header.get(148..156).unwrap_or_default()) == Some(sum)
}

/// A number in octal digits that end with a blank or a zero byte.
fn octal(field: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(field).ok()?;
    let digits = text.trim_matches([' ', '\0']);
    if digits.is_empty() { Some(0) } else { usize::from_str_radix(digits, 8).ok() }
}

fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}

/// The name, with the prefix that ustar keeps apart.
fn name(header: &[u8]) -> String {
    let name = text(header.get(..100).unwrap_or_default());
    let is_ustar = header.get(257..263) == Some(b"ustar\0");
    let prefix = text(header.get(345..500).unwrap_or_default());
    if is_ustar && !prefix.is_empty() { format!("{prefix}/{name}") } else { name }
}

/// The record `path` of an extended header: `LENGTH path=NAME\n`.
fn pax_path(data: &[u8]) -> Option<String> {
    let data = std::str::from_utf8(data).ok()?;
    data.lines().find_map(|line| line.split_once(" path=")).map(|(_, path)| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, size: usize) -> Vec<u8> {
        let mut block = vec![0; BLOCK];
        block[..name.len()].copy_from_slice(name.as_bytes());
        block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
        block[156] = b'0';
        block[148..156].copy_from_slice(b"        ");
        let sum: usize = block.iter().map(|byte| usize::from(*byte)).sum();
        block[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
        block[154] = 0;
        block
    }

    /// A gzip file with the tar blocks stored by the encoder of miniz_oxide.
    fn gzip(tar: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
        bytes.extend(miniz_oxide::deflate::compress_to_vec(tar, 6));
        bytes.extend([0; 8]);
        bytes
    }

    fn archive(name: &str, data: &[u8]) -> Vec<u8> {
        let mut tar = header(name, data.len());
        tar.extend(data);
        tar.resize(tar.len().next_multiple_of(BLOCK), 0);
        tar.resize(tar.len() + 2 * BLOCK, 0);
        gzip(&tar)
    }

    #[test]
    fn archives_are_unpacked() {
        let files = unpack(&archive("demo/Chart.yaml", b"name: demo\n")).expect("an archive");
        assert_eq!(files.len(), 1);
        assert_eq!(files[0].name, "Chart.yaml");
        assert_eq!(&*files[0].data, b"name: demo\n");
    }

    #[test]
    fn bad_archives_are_refused() {
        for (bytes, expected) in [
            (b"no".to_vec(), NO_GZIP),
            (b"not a gzip file".to_vec(), NO_GZIP),
            (gzip(&[7; 600]), "archive/tar: invalid tar header"),
            (gzip(&header("demo/a", 5)), "unexpected EOF"),
            (archive("demo/../../x", b"x"), "chart illegally references parent directory"),
            (
                archive("Chart.yaml", b"x"),
                "chart illegally contains content outside the base directory: \"Chart.yaml\"",
            ),
            (gzip(&[0; 1024]), "no files in chart archive"),
        ] {
            assert_eq!(unpack(&bytes).map(|files| files.len()), Err(expected.to_owned()));
        }
    }
}
