//! A configuration inside a ConfigMap's block scalar is explained, checked and completed as a bare one
//! is: same words, same places.

use super::driver::Driver;
use protocol::{Card, Reply, Request};
use text::{FileId, Span};

const ID: FileId = FileId(1);

/// A configuration with mistakes of many kinds: keys, values, expressions, names, the text itself. Its
/// items are short, because a pointer at a blank of a long one, indentation included, gets no card.
const TEXT: &str = "\
# Größe 𝄞
global:
  scrape_intervall: 15s
  scrape_timeout: 1 minute
  external_labels: {'mönster': \"é\"}
scrape_configs:
  - job_name: 'a'
    metrics_path: /metrics # é
    honor_label: tru
    scheme: htps
    static_configs:
      - targets: ['a:80', \"b:80/metrics\"]
        labels: {__x: y, 1z: w}
  - job_name: a
    kubernetes_sd_configs:
      - role: pods

    relabel_configs:
      - source_labels: [__address__, ]
        regex: '(a'
        action: kep
        
      - {action: drop, source_labels: [job], regex: a}
rule_files: [\"*.yml\"]
";

const CONFIG_MAP: &str =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  prometheus.yml: ";

/// A place in the configuration, and its explanation.
type Said<T> = Option<(Option<(u32, u32)>, T)>;

/// A session with the configuration as its only file.
struct Open {
    driver: Driver,
    indent: &'static str,
    /// For each line where it begins in the configuration, and where in the file.
    lines: Vec<(usize, usize)>,
}

impl Open {
    /// With so much before each line; `head` is above.
    fn new(name: &str, head: &str, indent: &'static str) -> Self {
        let mut text = head.to_owned();
        let mut lines = Vec::new();
        let mut bare = 0;
        for line in TEXT.lines() {
            if !line.is_empty() || indent.is_empty() {
                text.push_str(indent);
            }
            lines.push((bare, text.len()));
            text.push_str(line);
            text.push('\n');
            bare += line.len() + 1;
        }
        Self { driver: Driver::with_files(&[(name, &text)]), indent, lines }
    }

    /// The place in the file of a place in the bare text.
    fn place(&self, bare: usize) -> u32 {
        let at = self.lines.partition_point(|(from, _)| *from <= bare) - 1;
        (self.lines[at].1 + bare - self.lines[at].0) as u32
    }

    /// And the way back; nothing for what is above the configuration.
    fn bare(&self, place: u32) -> Option<u32> {
        let at = self.lines.partition_point(|(_, to)| *to <= place as usize).checked_sub(1)?;
        Some((self.lines[at].0 + place as usize - self.lines[at].1) as u32)
    }

    fn span(&self, span: Span) -> Option<(u32, u32)> {
        Some((self.bare(span.start)?, self.bare(span.end)?))
    }

    /// Every finding with its place and its fixes.
    fn findings(&self) -> Vec<String> {
        let found = self.driver.session.snapshot().diagnostics_of(ID).filter_map(|found| {
            let span = self.span(found.location.span)?;
            let edits = found.fixes.iter().flat_map(|fix| &fix.edits);
            let edits: Vec<_> =
                edits.map(|edit| (self.span(edit.location.span), &edit.text)).collect();
            Some(format!("{span:?} {} {} {:?} {edits:?}", found.code, found.message, found.help))
        });
        found.collect()
    }

    fn hover(&mut self, bare: usize) -> Said<String> {
        let offset = self.place(bare);
        let Reply::Hover(card) = self.driver.send(Request::Hover { file: ID, offset }) else {
            return None;
        };
        let card = card?;
        let span = self.span(card.span);
        Some((span, format!("{:?}", Card { span: Span::new(0, 0), ..card })))
    }

    /// The completions at a position, without the indentation of further lines.
    fn complete(&mut self, bare: usize) -> Said<Vec<String>> {
        let ask = Request::Complete { file: ID, offset: self.place(bare) };
        let Reply::Completions(found) = self.driver.send(ask) else { return None };
        let found = found.filter(|found| !found.items.is_empty())?;
        let indent = format!("\n{}", self.indent);
        let items = found.items.into_iter().map(|item| {
            format!("{} {} {}", item.label, item.insert.replace(&indent, "\n"), item.detail)
        });
        Some((self.span(found.span), items.collect()))
    }
}

#[test]
fn a_block_scalar_is_read_like_a_bare_file() {
    for (header, indent) in [("|\n", "    "), ("|-\n", "   "), ("|2+ # é\n", "    ")] {
        let mut bare = Open::new("prometheus.yml", "", "");
        let head = format!("{CONFIG_MAP}{header}");
        let mut inner = Open::new("map.yaml", &head, indent);
        assert!(bare.findings().len() > 5, "{:?}", bare.findings());
        assert_eq!(bare.findings(), inner.findings(), "{header}");
        for offset in (0..TEXT.len()).filter(|at| TEXT.is_char_boundary(*at)) {
            let before = &TEXT[..offset];
            assert_eq!(bare.hover(offset), inner.hover(offset), "{header} {before}");
            assert_eq!(bare.complete(offset), inner.complete(offset), "{header} {before}");
        }
    }
}
