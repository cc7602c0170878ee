//! Series in memory, and the index that finds them.
