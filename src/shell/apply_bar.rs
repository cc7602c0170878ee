//! The bar below the editor that says how the manifests are applied, and where the stored objects
//! differ from the text.

use yew::prelude::*;

use crate::app::use_dispatch;
use crate::state::{Action, Document, Shared};
use protocol::{ApplyMode, Changes, ObjectKey, RefusedChange, Stored};

/// Objects of a list that are shown. The number of the others is shown.
const SHOWN: usize = 20;

#[derive(Properties, PartialEq)]
pub struct ApplyBarProps {
    pub stored: Shared<Stored>,
    pub documents: Vec<Shared<Document>>,
    /// False if the worker has stopped.
    pub answers: bool,
    /// True if the defaults are shown in the text.
    pub defaults: bool,
}

#[component]
pub fn ApplyBar(props: &ApplyBarProps) -> Html {
    let dispatch = use_dispatch();
    let stored = &props.stored;
    let differs = stored.files.is_some() || stored.changes != Changes::default();
    if stored.objects == 0 && !differs && stored.mode == ApplyMode::FollowText {
        return Html::default();
    }
    let act = |action: Action| {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(action.clone())
    };
    let choice = |mode: ApplyMode, label: &'static str, title: &'static str| {
        let pressed = (stored.mode == mode).to_string();
        html! {
            <button type="button" class="small" aria-pressed={pressed} {title}
                onclick={act(Action::SetApplyMode(mode))}>{ label }</button>
        }
    };
    let by_hand = stored.mode == ApplyMode::ByHand;
    let waits = stored.changes != Changes::default();
    let status = status(stored);
    let class = classes!("apply-bar", (!by_hand && waits).then_some("late"));
    html! {
        <section {class} aria-label="Apply the manifests">
            <div class="h">
                <h2 class="visually-hidden">{ "Apply" }</h2>
                <span class="modes" role="group" aria-label="How the manifests are applied">
                    { choice(ApplyMode::FollowText, "Follow the text", FOLLOW) }
                    { choice(ApplyMode::ByHand, "Apply by hand", BY_HAND) }
                </span>
                if by_hand || waits {
                    <button type="button" class={classes!("small", waits.then_some("primary"))}
                        disabled={!props.answers} title="kubectl apply -f (Ctrl+S)"
                        onclick={act(Action::ApplyText)}>{ "Apply" }</button>
                }
                <span class="status" role="status">{ status }</span>
                <span class="sp" />
                <button type="button" class="small" aria-pressed={props.defaults.to_string()} title={DEFAULTS}
                    onclick={act(Action::ToggleDefaults)}>{ "Defaults" }</button>
            </div>
            <Differences stored={stored.clone()} documents={props.documents.clone()} />
        </section>
    }
}

const FOLLOW: &str = "Applies the manifests after each pause in typing, and deletes objects whose text \
     is gone";
const BY_HAND: &str = "Applies the manifests when you ask for it, as kubectl apply -f does. Objects \
     whose text is gone stay";

const DEFAULTS: &str = "Shows the fields that the API server fills in, below the lines of the text";

/// Says how the text differs from the stored objects.
fn status(stored: &Stored) -> String {
    let Changes { created, configured } = stored.changes;
    let count = |number: u32, what: &str| match number {
        0 => None,
        1 => Some(format!("1 object {what}")),
        number => Some(format!("{number} objects {what}")),
    };
    let parts: Vec<String> = [count(created, "to create"), count(configured, "to change")]
        .into_iter()
        .flatten()
        .collect();
    match (parts.is_empty(), stored.mode) {
        (false, ApplyMode::ByHand) => format!("Not applied yet: {}", parts.join(", ")),
        (false, ApplyMode::FollowText) => {
            format!("The cluster has an earlier text: {}", parts.join(", "))
        }
        (true, ApplyMode::ByHand) => "The text is applied".to_owned(),
        (true, ApplyMode::FollowText) => String::new(),
    }
}

#[derive(Properties, PartialEq)]
struct DifferencesProps {
    stored: Shared<Stored>,
    documents: Vec<Shared<Document>>,
}

/// Refused changes, objects without a text, and files that do not parse.
#[component]
fn Differences(props: &DifferencesProps) -> Html {
    let dispatch = use_dispatch();
    let Stored { refused, orphans, unparsed, mode, .. } = &*props.stored;
    let act = |action: Action| {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(action.clone())
    };
    // Text that is followed deletes objects without a text by itself.
    let orphans = if *mode == ApplyMode::ByHand { &orphans[..] } else { &[] };
    if refused.is_empty() && orphans.is_empty() && unparsed.is_empty() {
        return Html::default();
    }
    let refused_item = |change: &RefusedChange| {
        let recreate = Action::RecreateObjects(vec![change.object.clone()]);
        html! {
            <li class="bad">
                <button type="button" class="go" onclick={act(Action::ShowSource(change.at))}>
                    <b>{ change.object.to_string() }</b>{ " " }{ stays(change) }
                </button>
                if change.creatable {
                    <button type="button" class="small" title="kubectl delete, then kubectl apply"
                        onclick={act(recreate)}>{ "Delete and create again" }</button>
                }
            </li>
        }
    };
    let orphan_item = |object: &ObjectKey| {
        html! {
            <li>
                <span class="go"><b>{ object.to_string() }</b>{ " has no text any more, and is still stored." }</span>
                <button type="button" class="small" title="kubectl delete"
                    onclick={act(Action::DeleteObjects(vec![object.clone()]))}>{ "Delete" }</button>
            </li>
        }
    };
    let more = |number: usize| match number.checked_sub(SHOWN) {
        None | Some(0) => Html::default(),
        Some(more) => html! { <li class="muted">{ format!("and {more} more") }</li> },
    };
    let named = unparsed
        .iter()
        .filter_map(|file| props.documents.iter().find(|document| document.id == *file));
    html! {
        <ul>
            { for named.map(|document| html! {
                <li>{ stays_unparsed(&document.name) }</li>
            }) }
            { for refused.iter().take(SHOWN).map(refused_item) }
            { more(refused.len()) }
            { for orphans.iter().take(SHOWN).map(orphan_item) }
            { more(orphans.len()) }
            if orphans.len() > 1 {
                <li><button type="button" class="small"
                    onclick={act(Action::DeleteObjects(orphans.to_vec()))}>
                    { format!("Delete all {}", orphans.len()) }
                </button></li>
            }
        </ul>
    }
}

/// Says why the objects of a file stay. Chart.yaml stands for its chart.
fn stays_unparsed(name: &str) -> String {
    match name.strip_suffix("Chart.yaml") {
        Some(_) => format!("The chart of {name} does not render. Its objects stay as they were."),
        None => format!("{name} does not parse. Its objects stay as they were."),
    }
}

/// Says why the stored object stays.
fn stays(change: &RefusedChange) -> String {
    if change.creatable {
        let words = change.message.rsplit(": ").next().unwrap_or_default();
        format!("stays as it was. The API server refuses the change: {words}.")
    } else {
        "stays as it was. The API server refuses the text.".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_counts_what_an_application_changes() {
        let of = |mode, created, configured| {
            status(&Stored { mode, changes: Changes { created, configured }, ..Stored::default() })
        };
        let by_hand = ApplyMode::ByHand;
        assert_eq!(of(by_hand, 1, 2), "Not applied yet: 1 object to create, 2 objects to change");
        assert_eq!(of(by_hand, 0, 0), "The text is applied");
        assert_eq!(of(ApplyMode::FollowText, 0, 0), "");
        let early = of(ApplyMode::FollowText, 0, 1);
        assert_eq!(early, "The cluster has an earlier text: 1 object to change");
    }

    #[test]
    fn a_refused_change_has_the_reason_of_the_server() {
        let change = RefusedChange {
            object: ObjectKey::default(),
            message: "The Deployment \"web\" is invalid: spec.selector: Invalid value: {}: field is immutable".into(),
            at: text::Location::default(),
            creatable: true,
        };
        assert!(stays(&change).ends_with("refuses the change: field is immutable."));
    }
}
