//! The notations that configuration values are written in, read as Go's libraries read them.

pub mod scrape_url;
pub mod size;
