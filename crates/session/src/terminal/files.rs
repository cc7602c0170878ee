//! The files of the workspace as commands see them.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{File, WrittenFile};
use world::World;

/// Files that commands have written and that the page has not sent back yet.
#[derive(Debug, Default)]
pub(super) struct Files {
    written: BTreeMap<String, String>,
}

impl Files {
    /// Gives commands the files of the workspace. Files outside of it, such as those in `/tmp`, stay.
    pub fn bring(&mut self, world: &mut World, files: &[File]) {
        self.written.retain(|name, _| !files.iter().any(|file| file.name == *name));
        let known = &world.terminal.files;
        let outside = known.iter().filter(|(name, _)| name.starts_with('/'));
        let mut all: BTreeMap<String, String> =
            outside.map(|(name, text)| (name.clone(), text.clone())).collect();
        all.extend(self.written.iter().map(|(name, text)| (name.clone(), text.clone())));
        all.extend(files.iter().map(|file| (file.name.clone(), file.text.clone())));
        if **known != all {
            world.terminal.files = Arc::new(all);
        }
    }

    /// Takes the files that differ from those of the workspace, each text once. Files outside of the
    /// workspace are not among them.
    pub fn take_written(&mut self, world: &World, files: &[File]) -> Vec<WrittenFile> {
        let mut written = Vec::new();
        for (name, text) in world.terminal.files.iter() {
            let known = files.iter().find(|file| file.name == *name).map(|file| &file.text);
            let sent = self.written.get(name) == Some(text);
            if name.starts_with('/') || known == Some(text) || sent {
                continue;
            }
            self.written.insert(name.clone(), text.clone());
            written.push(WrittenFile { name: name.clone(), text: text.clone() });
        }
        written
    }
}
