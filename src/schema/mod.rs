//! Fields as data, and the one walk over a tree that gives checks, explanations and completions.
