//! Properties of the table of flags.

use super::*;

#[test]
fn every_flag_is_explained_once() {
    for (at, flag) in FLAGS.iter().enumerate() {
        assert!(!flag.note.is_empty() && flag.doc.ends_with('.'), "{}", flag.name);
        assert!(FLAGS.iter().skip(at + 1).all(|other| other.name != flag.name), "{}", flag.name);
    }
    for Removed { name, instead, replacement } in REMOVED {
        assert!(find(name).is_none(), "{name}");
        assert!(instead.ends_with('.'));
        assert!(replacement.is_none_or(|other| find(other).is_some()), "{name}");
    }
}

#[test]
fn switches_have_a_negative() {
    assert_eq!(find("no-web.enable-lifecycle").map(|flag| flag.name), Some("web.enable-lifecycle"));
    assert!(find("no-config.file").is_none());
    assert!(find("storage.local.path").is_none());
}
