//! The input of a lint, with accessors that most lints need.

use crate::Files;
use crate::config::{Config, ScrapeConfig};
use schema::Section;
use text::{FileId, Location, Span};
use yaml::{Node, Parsed};

/// A file under lint.
pub struct LintContext<'a> {
    pub file: FileId,
    pub root: Section<'a>,
    pub text: &'a str,
    pub config: &'a Config,
    pub files: &'a dyn Files,
}

/// A job as written, and as it was decoded.
pub struct Job<'a> {
    pub view: Section<'a>,
    pub typed: &'a ScrapeConfig,
}

impl<'a> LintContext<'a> {
    pub fn new(
        parsed: &'a Parsed,
        text: &'a str,
        config: &'a Config,
        files: &'a dyn Files,
    ) -> Option<Self> {
        let root = Section::new(parsed.root()?)?;
        Some(Self { file: parsed.file, root, text, config, files })
    }

    pub fn place(&self, span: Span) -> Location {
        Location::new(self.file, span)
    }

    /// The jobs of this file.
    pub fn jobs(&self) -> impl Iterator<Item = Job<'a>> + '_ {
        let of_file =
            self.config.scrape_configs.iter().filter(|job| job.location.file == self.file);
        let views = self.root.items("scrape_configs").iter().filter_map(Section::new);
        views.zip(of_file).map(|(view, typed)| Job { view, typed })
    }

    /// Every relabeling rule of the file.
    pub fn all_rules(&self) -> Vec<Section<'a>> {
        let mut rules = Vec::new();
        let mut add = |view: &Section<'a>| {
            for key in [
                "relabel_configs",
                "metric_relabel_configs",
                "alert_relabel_configs",
                "write_relabel_configs",
            ] {
                rules.extend(view.items(key).iter().filter_map(Section::new));
            }
        };
        for key in ["scrape_configs", "remote_write"] {
            self.root.items(key).iter().filter_map(Section::new).for_each(|view| add(&view));
        }
        if let Some(alerting) = self.root.section("alerting") {
            add(&alerting);
            alerting
                .items("alertmanagers")
                .iter()
                .filter_map(Section::new)
                .for_each(|view| add(&view));
        }
        rules
    }

    /// The value of a scalar as it appears in the text, without quotes, where it has no escapes and
    /// stands on one line: then a place in the value is a place in the text.
    pub fn literal(&self, node: &Node) -> Option<(Span, &'a str)> {
        let raw = node.written_span().slice(self.text);
        let value = node.text()?;
        let skip = u32::try_from(raw.find(value)?).ok()?;
        let quotes = raw.len().checked_sub(value.len())?;
        if quotes > 2 || raw.contains('\n') {
            return None;
        }
        let start = node.written_span().start + skip;
        let span = Span::new(start, start + value.len() as u32);
        Some((span, span.slice(self.text)))
    }
}
