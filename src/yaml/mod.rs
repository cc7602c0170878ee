//! Text into a tree in which every key and value has its span, by the rules of Go's YAML library.
