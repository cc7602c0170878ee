//! Query text into a typed expression with a span on every node.
