//! Archives become files: gzip, tar and ZIP, also in each other, within limits.
//!
//! Data is inflated piece by piece, so that an archive that grows beyond the limit is given up as
//! soon as it does.

use std::io::{Cursor, Read};

use flate2::read::MultiGzDecoder;
use protocol::Given;
use protocol::import::{MOST_BYTES, MOST_FILES, is_wanted};

/// Archives inside of archives.
const MOST_DEPTH: usize = 3;
/// Entries of an archive that are looked at, kept or not.
const MOST_ENTRIES: usize = 50_000;
/// Names that a note lists; the others are counted.
const MOST_NAMED: usize = 3;

/// A file with its bytes, after all archives have been opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Unpacked {
    pub name: String,
    pub bytes: Vec<u8>,
    pub pasted: bool,
}

/// Opens archives, and counts what they hold.
#[derive(Default)]
pub struct Unpacker {
    pub files: Vec<Unpacked>,
    pub notes: Vec<String>,
    /// Bytes so far.
    size: usize,
    /// Names of entries that are not kept, for each reason.
    other_kinds: Vec<String>,
    unsafe_names: Vec<String>,
    /// True after a limit was reached. Nothing else is read.
    full: bool,
}

/// The reason why an archive ends before its end.
enum Stop {
    Limit,
    Broken(String),
}

impl Unpacker {
    /// Adds a file. An archive is replaced by its files.
    pub fn add(&mut self, name: &str, bytes: Vec<u8>, from: Given) {
        match crate::is_read(name, from) {
            true => self.open(name, bytes, from == Given::Pasted, 0),
            false => self.other_kinds.push(printable(name)),
        }
    }

    /// Returns the files and the notes.
    pub fn finish(mut self) -> (Vec<Unpacked>, Vec<String>) {
        for (names, what, reason) in [
            (
                &self.other_kinds,
                "of a folder or archive",
                "only YAML, JSON, .rules and .prom files are read",
            ),
            (
                &self.unsafe_names,
                "of an archive",
                "absolute paths and paths with “..” lead out of it",
            ),
        ] {
            if let Some(first) = names.first() {
                let files = match names.len() {
                    1 => format!("The file {first}"),
                    count => format!("{count} files"),
                };
                let shown = names.iter().take(MOST_NAMED).map(String::as_str);
                let list = match names.len() {
                    1 => String::new(),
                    count if count <= MOST_NAMED => {
                        format!(" ({})", shown.collect::<Vec<_>>().join(", "))
                    }
                    _ => format!(" ({}, …)", shown.collect::<Vec<_>>().join(", ")),
                };
                let verb = if names.len() == 1 { "is" } else { "are" };
                self.notes.push(format!("{files} {what}{list} {verb} skipped: {reason}."));
            }
        }
        (self.files, self.notes)
    }

    fn open(&mut self, name: &str, bytes: Vec<u8>, pasted: bool, depth: usize) {
        if self.full {
            return;
        }
        let kind = Kind::of(&bytes);
        if kind == Kind::Plain || depth >= MOST_DEPTH {
            return self.keep(name, bytes, pasted);
        }
        let result = match kind {
            Kind::Gzip => self.gzip(name, &bytes, depth),
            Kind::Tar => self.tar(folder_of_charts(name), &bytes, depth),
            _ => self.zip(&bytes, depth),
        };
        match result {
            Ok(()) => {}
            Err(Stop::Limit) => self.stop(),
            Err(Stop::Broken(reason)) => {
                self.notes.push(format!("{name} cannot be unpacked: {reason}."));
            }
        }
    }

    fn keep(&mut self, name: &str, bytes: Vec<u8>, pasted: bool) {
        self.size = self.size.saturating_add(bytes.len());
        if self.size > MOST_BYTES || self.files.len() >= MOST_FILES {
            return self.stop();
        }
        self.files.push(Unpacked { name: name.to_owned(), bytes, pasted });
    }

    fn stop(&mut self) {
        if !std::mem::replace(&mut self.full, true) {
            self.notes.push(format!(
                "The files exceed the limit of {MOST_FILES} files and {} MB. The rest is not read.",
                MOST_BYTES >> 20
            ));
        }
    }

    fn gzip(&mut self, name: &str, bytes: &[u8], depth: usize) -> Result<(), Stop> {
        let content = self.read(MultiGzDecoder::new(bytes))?;
        let lower = name.to_ascii_lowercase();
        let end = [".tgz", ".gz"].into_iter().find(|end| lower.ends_with(end)).unwrap_or("");
        let inner = name.get(..name.len() - end.len()).unwrap_or(name);
        // A compressed tar file is one archive.
        let depth = depth + usize::from(Kind::of(&content) != Kind::Tar);
        self.open(inner, content, false, depth);
        Ok(())
    }

    /// Reads at most as many bytes as still fit.
    fn read(&self, from: impl Read) -> Result<Vec<u8>, Stop> {
        let left = MOST_BYTES.saturating_sub(self.size);
        let mut content = Vec::new();
        let read = from.take(left as u64 + 1).read_to_end(&mut content);
        read.map_err(|error| Stop::Broken(error.to_string()))?;
        if content.len() > left { Err(Stop::Limit) } else { Ok(content) }
    }

    /// `folder` is put before the names of the entries.
    fn tar(&mut self, folder: &str, bytes: &[u8], depth: usize) -> Result<(), Stop> {
        let broken = |error: std::io::Error| Stop::Broken(error.to_string());
        let mut archive = tar::Archive::new(bytes);
        for (number, entry) in archive.entries().map_err(broken)?.enumerate() {
            let entry = entry.map_err(broken)?;
            if number >= MOST_ENTRIES {
                return Err(Stop::Limit);
            }
            let kind = entry.header().entry_type();
            // Links and devices have no content.
            if !kind.is_file() && !kind.is_contiguous() && !kind.is_gnu_sparse() {
                continue;
            }
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            if let Some(name) = self.inside(&name) {
                let content = self.read(entry)?;
                self.open(&format!("{folder}{name}"), content, false, depth + 1);
            }
        }
        Ok(())
    }

    fn zip(&mut self, bytes: &[u8], depth: usize) -> Result<(), Stop> {
        let broken = |error: zip::result::ZipError| Stop::Broken(error.to_string());
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
        for number in 0..archive.len() {
            if number >= MOST_ENTRIES {
                return Err(Stop::Limit);
            }
            let entry = archive.by_index(number).map_err(broken)?;
            if !entry.is_file() {
                continue;
            }
            let name = entry.name().to_owned();
            if let Some(name) = self.inside(&name) {
                let content = self.read(entry)?;
                self.open(&name, content, false, depth + 1);
            }
        }
        Ok(())
    }

    /// Returns the name of an entry that is kept. Others are counted.
    fn inside(&mut self, name: &str) -> Option<String> {
        let path = name.replace('\\', "/");
        let leaves = path.starts_with('/')
            || path.split('/').any(|step| step == "..")
            || path.as_bytes().get(1) == Some(&b':');
        if leaves {
            self.unsafe_names.push(printable(name));
            return None;
        }
        let steps = path.split('/').filter(|step| !matches!(*step, "" | "."));
        let path = steps.collect::<Vec<_>>().join("/");
        if !is_wanted(&path) {
            self.other_kinds.push(printable(name));
            return None;
        }
        Some(path)
    }
}

/// The folder in which the entries of an archive stand: that of the archive, if it is a chart which
/// another chart depends on. Other archives have names of their own.
fn folder_of_charts(name: &str) -> &str {
    let end = name.rfind('/').map_or(0, |at| at + 1);
    let folder = name.get(..end).unwrap_or_default();
    match folder == "charts/" || folder.ends_with("/charts/") {
        true => folder,
        false => "",
    }
}

/// A name without control characters, for a note.
pub fn printable(name: &str) -> String {
    name.chars().filter(|letter| !letter.is_control()).take(120).collect()
}

/// The format of bytes, by their first ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Gzip,
    Tar,
    Zip,
    Plain,
}

impl Kind {
    fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(&[0x1f, 0x8b]) {
            Self::Gzip
        } else if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
            Self::Zip
        } else if bytes.get(257..262) == Some(b"ustar") {
            Self::Tar
        } else {
            Self::Plain
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// A tar file with names as given, also those that the library would refuse to write.
    fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (name, content) in files {
            let mut header = tar::Header::new_gnu();
            header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_size(content.len() as u64);
            header.set_entry_type(tar::EntryType::Regular);
            header.set_cksum();
            builder.append(&header, *content).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in files {
            writer.start_file(*name, ::zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn unpack(name: &str, bytes: Vec<u8>) -> (Vec<(String, String)>, Vec<String>) {
        let mut unpacker = Unpacker::default();
        unpacker.add(name, bytes, Given::Chosen);
        let (files, notes) = unpacker.finish();
        let text = |file: Unpacked| (file.name, String::from_utf8_lossy(&file.bytes).into_owned());
        (files.into_iter().map(text).collect(), notes)
    }

    #[test]
    fn archives_give_their_files() {
        let files: &[(&str, &[u8])] = &[("./conf/a.yml", b"a: 1\n"), ("b.rules", b"groups: []\n")];
        let expected = [("conf/a.yml", "a: 1\n"), ("b.rules", "groups: []\n")]
            .map(|(name, text)| (name.to_owned(), text.to_owned()));
        for (name, bytes) in [
            ("x.tar", tar(files)),
            ("x.tgz", gzip(&tar(files))),
            ("x.tar.gz", gzip(&tar(files))),
            ("x.zip", zip(files)),
            ("x.zip", zip(&[("inner.tgz", &gzip(&tar(files)))])),
        ] {
            assert_eq!(unpack(name, bytes), (expected.to_vec(), Vec::new()), "{name}");
        }
        let inner = gzip(&tar(&[("db/Chart.yaml", b"name: db\n"), ("db/templates/_h.tpl", b"x")]));
        let chart =
            gzip(&tar(&[("web/Chart.yaml", b"name: web\n"), ("web/charts/db-1.0.0.tgz", &inner)]));
        let names: Vec<String> =
            unpack("web.tgz", chart).0.into_iter().map(|file| file.0).collect();
        assert_eq!(
            names,
            ["web/Chart.yaml", "web/charts/db/Chart.yaml", "web/charts/db/templates/_h.tpl"]
        );
        let two = [gzip(b"a: 1\n"), gzip(b"b: 2\n")].concat();
        let found = unpack("prometheus.yml.gz", two);
        assert_eq!(found.0, [("prometheus.yml".to_owned(), "a: 1\nb: 2\n".to_owned())]);
    }

    #[test]
    fn entries_that_lead_out_or_are_of_other_kinds_are_said_and_skipped() {
        let files: &[(&str, &[u8])] = &[
            ("../a.yml", b"a"),
            ("/etc/b.yml", b"b"),
            ("c/../../d.yml", b"d"),
            ("C:\\e.yml", b"e"),
            ("main.go", b"f"),
            ("ok.yml", b"g"),
        ];
        for archive in [tar(files), zip(files)] {
            let (found, notes) = unpack("x", archive);
            assert_eq!(found, [("ok.yml".to_owned(), "g".to_owned())]);
            assert_eq!(notes.len(), 2, "{notes:?}");
            assert!(
                notes[0].starts_with("The file main.go of a folder or archive is skipped"),
                "{notes:?}"
            );
            assert!(
                notes[1].starts_with(
                    "4 files of an archive (../a.yml, /etc/b.yml, c/../../d.yml, …) are"
                ),
                "{notes:?}"
            );
        }
    }

    #[test]
    fn an_archive_that_grows_beyond_the_limit_is_given_up() {
        let zeros = vec![b'\n'; MOST_BYTES + 1];
        let bomb = gzip(&zeros);
        assert!(bomb.len() < MOST_BYTES / 100);
        let nested = gzip(&bomb);
        for bytes in [bomb, nested, zip(&[("a.yml", &zeros)]), zeros.clone()] {
            let (files, notes) = unpack("a.yml.gz", bytes);
            assert_eq!(files, []);
            assert_eq!(
                notes,
                ["The files exceed the limit of 1000 files and 64 MB. The rest is not read."]
            );
        }
        let many: Vec<String> = (0..MOST_FILES + 1).map(|number| format!("{number}.yml")).collect();
        let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &b""[..])).collect();
        let (files, notes) = unpack("a.tar", tar(&many));
        assert_eq!((files.len(), notes.len()), (MOST_FILES, 1));
    }

    #[test]
    fn broken_archives_are_said() {
        let whole = gzip(b"a: 1\n");
        for broken in [&whole[..12], b"PK\x03\x04 no archive", &[0x1f, 0x8b, 9, 9][..]] {
            let (files, notes) = unpack("a.gz", broken.to_vec());
            assert_eq!(files, []);
            assert!(notes[0].starts_with("a.gz cannot be unpacked: "), "{notes:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(mut bytes: Vec<u8>, kind in 0..4) {
            let head: &[u8] = match kind { 0 => &[0x1f, 0x8b, 8, 0], 1 => b"PK\x03\x04", _ => b"" };
            bytes.splice(0..0, head.iter().copied());
            if kind == 2 {
                bytes.resize(600, 0);
                bytes.splice(257..262, *b"ustar");
            }
            unpack("a", bytes);
        }
    }
}
