//! Findings about rendered text, at the places of the templates and of the values.

use rustc_hash::FxHashSet;
use text::{Diagnostic, Fix, Location};

use super::origins::locate;
use crate::workspace::sources::Sources;

/// The most values that a finding names.
const MOST_VALUES: usize = 3;
/// The most letters of a rendered line that the help quotes.
const MOST_LETTERS: usize = 120;

/// Replaces places in rendered files by those in the templates, and adds the rendered line and the
/// values that it was made of. Fixes of text that no template has as it is are left out.
pub fn relocate(sources: &Sources, diagnostics: &mut Vec<Diagnostic>) {
    if !sources.iter().any(|source| source.rendered.is_some()) {
        return;
    }
    let is_rendered = |at: Location| protocol::template_of(at.file).is_some();
    for one in diagnostics.iter_mut() {
        if is_rendered(one.location) {
            tell_origin(sources, one);
        }
        for related in &mut one.related {
            related.location = locate(sources, sources, related.location);
        }
        one.fixes.retain_mut(|fix| relocate_fix(sources, fix));
    }
    let mut seen = FxHashSet::default();
    diagnostics.retain(|one| seen.insert((one.code.clone(), one.location, one.message.clone())));
}

/// Moves a finding to its template.
fn tell_origin(sources: &Sources, one: &mut Diagnostic) {
    let at = one.location;
    one.location = locate(sources, sources, at);
    let Some(source) = sources.get(at.file) else { return };
    let Some(origins) = &source.rendered else { return };
    let line = source.index.line_number(at.span.start);
    let start = source.index.line_start(line.saturating_sub(1)) as usize;
    let text = source.text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
    let quoted: String = text.trim().chars().take(MOST_LETTERS).collect();
    let mut help = one.help.take().unwrap_or_default();
    if !help.is_empty() {
        help.push(' ');
    }
    help.push_str(&format!("Rendered, line {line} is `{}`.", quoted.replace('`', "'")));
    one.help = Some(help);
    for value in origins.values(at.span).iter().take(MOST_VALUES) {
        if let Some((file, span)) = origins.references().place(value) {
            one.related.push(text::Related {
                location: Location::new(file.id, span),
                message: format!("the value `{}` in {}", value.text(), file.name),
            });
        }
    }
}

/// Moves the edits of a fix to the templates. Returns false if that is not possible.
fn relocate_fix(sources: &Sources, fix: &mut Fix) -> bool {
    for edit in &mut fix.edits {
        if protocol::template_of(edit.location.file).is_none() {
            continue;
        }
        let origins = sources.get(edit.location.file).and_then(|one| one.rendered.clone());
        let place = origins.as_ref().and_then(|one| one.editable(edit.location.span));
        let Some((file, span)) = place else { return false };
        if edit.text.contains("{{") {
            return false;
        }
        edit.location = Location::new(file.id, span);
    }
    true
}
