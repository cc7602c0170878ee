//! The input of a terminal.

use web_sys::{HtmlInputElement, InputEvent, KeyboardEvent};
use yew::prelude::*;

use crate::app::use_dispatch;
use crate::state::terminals::Terminal;
use crate::state::{Action, Shared, TerminalAction};
use text::LineIndex;

/// Completions that are shown at most.
const SHOWN: usize = 40;

#[derive(Properties, PartialEq)]
pub struct PromptProps {
    pub terminal: Shared<Terminal>,
    /// The input gets the focus when this number changes.
    pub focus: u32,
}

/// The action of a key; None if the input handles it.
fn action_of(
    event: &KeyboardEvent,
    input: &HtmlInputElement,
    draft: &str,
    searches: bool,
) -> Option<TerminalAction> {
    let control = event.ctrl_key() && !event.alt_key() && !event.meta_key();
    let plain = !event.ctrl_key() && !event.alt_key() && !event.meta_key() && !event.shift_key();
    let start = input.selection_start().ok().flatten();
    let end = input.selection_end().ok().flatten();
    Some(match event.key().as_str() {
        "Enter" if !event.is_composing() => TerminalAction::Enter,
        "ArrowUp" if plain => TerminalAction::Older,
        "ArrowDown" if plain => TerminalAction::Newer,
        "l" if control => TerminalAction::Clear,
        "r" if control => TerminalAction::Search,
        "g" if control && searches => TerminalAction::EndSearch(false),
        "Escape" | "ArrowRight" | "Tab" if plain && searches => TerminalAction::EndSearch(true),
        // With a selection, the keys copy.
        "c" if control && start == end && !selects_output() => TerminalAction::Interrupt,
        // In an empty line Tab leaves the terminal.
        "Tab" if plain && !draft.is_empty() => {
            let utf16 = end.unwrap_or_default();
            TerminalAction::Complete { offset: LineIndex::new(draft).byte_of_utf16(utf16) }
        }
        _ => return None,
    })
}

/// Returns true if text outside of the input is selected.
fn selects_output() -> bool {
    let selection = web_sys::window().and_then(|window| window.get_selection().ok().flatten());
    selection.is_some_and(|selection| !selection.is_collapsed() && selection.type_() == "Range")
}

/// The prompt with its input and the completions that are offered.
#[component]
pub fn Prompt(props: &PromptProps) -> Html {
    let dispatch = use_dispatch();
    let terminal = &props.terminal;
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((props.focus, terminal.id), move |_| {
            if let Some(input) = node.cast::<HtmlInputElement>() {
                // An input that cannot get the focus can still be used.
                let _ = input.focus();
            }
        });
    }
    {
        let (node, draft) = (node.clone(), terminal.draft.clone());
        use_effect_with((terminal.id, terminal.cursor), move |(_, (cursor, change))| {
            if let Some(input) = node.cast::<HtmlInputElement>().filter(|_| *change > 0) {
                input.set_value(&draft);
                let at = LineIndex::new(&draft).utf16(*cursor);
                let _ = input.set_selection_range(at, at);
            }
        });
    }
    let send = {
        let dispatch = dispatch.clone();
        move |action| dispatch.emit(Action::Terminal(action))
    };
    let oninput = {
        let send = send.clone();
        move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                send(TerminalAction::Type(input.value()));
            }
        }
    };
    let onkeydown = {
        let (send, draft) = (send.clone(), terminal.draft.clone());
        let searches = terminal.search.is_some();
        move |event: KeyboardEvent| {
            let input = event.target_dyn_into::<HtmlInputElement>();
            let action = input.and_then(|input| action_of(&event, &input, &draft, searches));
            if let Some(action) = action {
                event.prevent_default();
                send(action);
            }
        }
    };
    let interrupt = {
        let send = send.clone();
        move |_: MouseEvent| send(TerminalAction::Interrupt)
    };
    let candidate = |label: &str, detail: &str| {
        let (send, draft, end) = (send.clone(), terminal.draft.clone(), label.to_owned());
        let onclick = move |_: MouseEvent| send(TerminalAction::Put(with_word(&draft, &end)));
        html! {
            <li><button type="button" class="small" title={detail.to_owned()} {onclick}>{ label }</button></li>
        }
    };
    let count = terminal.candidates.len();
    let searches = terminal.search.is_some();
    let (sign, label, placeholder) = match (searches, terminal.running) {
        (true, _) => ("search:", "Search the history", "a part of an earlier line"),
        (false, true) => ("…", "Command line", "a command runs"),
        (false, false) => ("$", "Command line", ""),
    };
    html! {
        <>
            if count > 0 {
                <ul class="candidates" aria-label="Completions">
                    { for terminal.candidates.iter().take(SHOWN).map(|one| candidate(&one.label, &one.detail)) }
                    if count > SHOWN {
                        <li class="muted">{ format!("and {} more", count - SHOWN) }</li>
                    }
                </ul>
            }
            if let (true, Some(found)) = (searches, terminal.found()) {
                <pre class="found">{ found.to_owned() }</pre>
            }
            <div class="visually-hidden" role="status">
                if count > 0 { { format!("{count} completions") } }
                if searches { { terminal.found().map_or("No line has this text".to_owned(), str::to_owned) } }
            </div>
            <div class="prompt">
                <span class="sign" aria-hidden="true">{ sign }</span>
                <input type="text" ref={node} value={terminal.draft.clone()} aria-label={label}
                    {placeholder}
                    autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="send"
                    {oninput} {onkeydown} />
                if terminal.running {
                    <button type="button" class="small" onclick={interrupt}>{ "Ctrl+C" }</button>
                }
            </div>
        </>
    }
}

/// A line whose last word is replaced.
fn with_word(line: &str, word: &str) -> String {
    let start = line.rfind([' ', '\t', '|', ';', '&', '(', '>']).map_or(0, |at| at + 1);
    let blank = if word.ends_with(['/', '=']) { "" } else { " " };
    format!("{}{word}{blank}", line.get(..start).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::with_word;

    #[test]
    fn the_last_word_is_replaced() {
        for (line, word, expected) in [
            ("kub", "kubectl", "kubectl "),
            ("kubectl get po", "pods", "kubectl get pods "),
            ("kubectl apply -f ch", "chart/", "kubectl apply -f chart/"),
            ("a |gr", "grep", "a |grep "),
            ("kubectl get ", "svc", "kubectl get svc "),
        ] {
            assert_eq!(with_word(line, word), expected, "{line}");
        }
    }
}
