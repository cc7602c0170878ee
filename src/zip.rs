//! Files in a ZIP archive, stored without compression, for export.
//!
//! Source: PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16.

use std::collections::HashMap;

use protocol::File;

/// 1 January 1980, the first day that the format knows, so that an archive depends on nothing but
/// its files.
const DATE: u16 = 0x0021;
/// Names are in UTF-8.
const UTF8: u16 = 0x0800;

/// The archive's bytes. A name that occurs again gets a number, and no name leads out of the
/// folder that it is unpacked in.
pub fn zip(files: &[File]) -> Vec<u8> {
    let mut archive = Vec::new();
    let mut directory = Vec::new();
    let mut seen: HashMap<String, u32> = HashMap::new();
    for file in files {
        let name = unique(&mut seen, &safe(&file.name));
        let data = file.text.as_bytes();
        let offset = archive.len() as u32;
        let mut common = Vec::new();
        for field in [UTF8, 0, 0, DATE] {
            common.extend(field.to_le_bytes());
        }
        for field in [crc32(data), data.len() as u32, data.len() as u32] {
            common.extend(field.to_le_bytes());
        }
        common.extend((name.len() as u16).to_le_bytes());
        common.extend(0u16.to_le_bytes());

        archive.extend(b"PK\x03\x04\x14\x00");
        archive.extend(&common);
        archive.extend(name.as_bytes());
        archive.extend(data);

        directory.extend(b"PK\x01\x02\x14\x00\x14\x00");
        directory.extend(&common);
        // No comment, first disk, no attributes.
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = (files.len() as u16).to_le_bytes();
    let start = archive.len() as u32;
    archive.extend(&directory);
    archive.extend(b"PK\x05\x06\x00\x00\x00\x00");
    archive.extend(count);
    archive.extend(count);
    archive.extend((directory.len() as u32).to_le_bytes());
    archive.extend(start.to_le_bytes());
    archive.extend(0u16.to_le_bytes());
    archive
}

fn safe(name: &str) -> String {
    let steps = name.split(['/', '\\']).filter(|step| !matches!(*step, "" | "." | ".."));
    let name = steps.collect::<Vec<_>>().join("/");
    let end = (0..=name.len().min(200)).rev().find(|end| name.is_char_boundary(*end)).unwrap_or(0);
    if end == 0 { "file".to_owned() } else { name[..end].to_owned() }
}

fn unique(seen: &mut HashMap<String, u32>, name: &str) -> String {
    let count = seen.entry(name.to_owned()).or_default();
    *count += 1;
    if *count == 1 { name.to_owned() } else { format!("{count}-{name}") }
}

/// The checksum of the format: CRC-32 with the polynomial 0xEDB88320.
fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> File {
        File { name: name.into(), text: text.into(), ..File::default() }
    }

    #[test]
    fn the_checksum_is_the_known_one() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
    }

    #[test]
    fn names_stay_inside_and_differ() {
        let archive =
            zip(&[file("../../etc/x.yaml", "a"), file("x.yaml", "b"), file("x.yaml", "c")]);
        let text = String::from_utf8_lossy(&archive);
        assert!(!text.contains(".."));
        assert!(text.contains("2-x.yaml"));
    }

    #[test]
    fn the_directory_is_where_the_end_says() {
        let archive = zip(&[file("a.yaml", "x: 1\n"), file("b.yaml", "y: 2\n")]);
        let end = archive.len() - 22;
        assert_eq!(&archive[end..end + 4], b"PK\x05\x06");
        let number =
            |at: usize| u32::from_le_bytes(archive[at..at + 4].try_into().unwrap()) as usize;
        let (size, start) = (number(end + 12), number(end + 16));
        assert_eq!(start + size, end);
        assert_eq!(&archive[start..start + 4], b"PK\x01\x02");
        let second = number(start + 46 + 6 + 42);
        assert_eq!(&archive[second..second + 4], b"PK\x03\x04");
    }
}
