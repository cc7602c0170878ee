//! Compiled regexes by their source. The check of a rule, its decoding, its lints and its run, and
//! all of them again after the next keystroke, compile a regex once.
//!
//! The cache has two generations: regexes used since the last change of generations, and those used
//! before. When the younger is full, the older is dropped. Large programs are not kept, so the size
//! of the cache is bounded.

use std::cell::RefCell;
use std::collections::HashMap;

use super::{Regex, RegexError};

/// The most regexes in a generation.
const MOST: usize = 2048;

/// The longest source that is kept, in bytes.
const LONGEST: usize = 1024;

pub type Compiled = Result<Regex, RegexError>;

#[derive(Default)]
pub struct Cache {
    young: HashMap<Box<str>, Compiled>,
    old: HashMap<Box<str>, Compiled>,
}

/// The mode in which a source is compiled. The same source is a different regex in each mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Matches the whole text.
    Anchored,
    /// Matches anywhere.
    Unanchored,
}

thread_local! {
    static CACHES: RefCell<[Cache; 2]> = RefCell::default();
}

/// Returns the regex of a source from the cache, or compiles it. `compile` also returns true if the
/// result is small enough to be kept.
pub fn compiled(mode: Mode, source: &str, compile: impl FnOnce() -> (Compiled, bool)) -> Compiled {
    if source.len() > LONGEST {
        return compile().0;
    }
    // The borrow ends before the compilation, which must be free to ask for another regex.
    let known = CACHES.with_borrow_mut(|caches| mode.of(caches).get(source));
    known.unwrap_or_else(|| {
        let (compiled, keep) = compile();
        if keep {
            CACHES.with_borrow_mut(|caches| mode.of(caches).put(source.into(), compiled.clone()));
        }
        compiled
    })
}

impl Mode {
    fn of(self, [anchored, unanchored]: &mut [Cache; 2]) -> &mut Cache {
        match self {
            Self::Anchored => anchored,
            Self::Unanchored => unanchored,
        }
    }
}

impl Cache {
    fn get(&mut self, source: &str) -> Option<Compiled> {
        if let Some(known) = self.young.get(source) {
            return Some(known.clone());
        }
        let (source, known) = self.old.remove_entry(source)?;
        self.put(source, known.clone());
        Some(known)
    }

    fn put(&mut self, source: Box<str>, compiled: Compiled) {
        if self.young.len() >= MOST {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(source, compiled);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(source: &str) -> Compiled {
        Regex::new(source)
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let mut cache = Cache::default();
        for number in 0..3 * MOST {
            cache.put(number.to_string().into(), compile("a"));
            assert!(number == 0 || cache.get("0").is_some(), "after {number}");
            assert!(cache.young.len() + cache.old.len() <= 2 * MOST);
        }
        assert!(cache.get("1").is_none());
    }

    #[test]
    fn the_same_source_is_compiled_once() {
        let mut times = 0;
        for _ in 0..3 {
            let made = super::compiled(Mode::Anchored, "only here", || {
                times += 1;
                (compile("a"), true)
            });
            assert!(made.is_ok());
        }
        assert_eq!(times, 1);
        for _ in 0..3 {
            let _ = super::compiled(Mode::Anchored, "large here", || {
                times += 1;
                (compile("a"), false)
            });
        }
        assert_eq!(times, 4, "what is too large is not kept");
    }

    #[test]
    fn errors_are_kept_too() {
        assert_eq!(compile("(").map(|_| ()), compile("(").map(|_| ()));
        assert!(compile("(").is_err());
    }
}
