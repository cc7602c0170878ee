//! Target groups into the target table, with every step on the way.
