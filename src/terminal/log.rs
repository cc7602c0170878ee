//! What a terminal shows: typed lines and their output.

use web_sys::Element;
use yew::prelude::*;

use crate::app::use_dispatch;
use crate::state::terminals::{Content, Entry, Terminal};
use crate::state::{Action, Shared, TerminalAction};
use protocol::terminal::FIRST_COMMANDS;
use protocol::{LinkTarget, OutputPiece};

#[derive(Properties, PartialEq)]
pub struct LogProps {
    pub terminal: Shared<Terminal>,
}

/// The list of entries. It stays at its end as long as the visitor has not scrolled away from it.
#[component]
pub fn Log(props: &LogProps) -> Html {
    let terminal = &props.terminal;
    let node = use_node_ref();
    let at_end = use_mut_ref(|| true);
    let last = terminal.entries.last().map(|entry| entry.number);
    {
        let (node, at_end) = (node.clone(), at_end.clone());
        use_effect_with((terminal.id, last), move |_| {
            if let Some(list) = node.cast::<Element>().filter(|_| *at_end.borrow()) {
                list.set_scroll_top(list.scroll_height());
            }
        });
    }
    let onscroll = {
        let node = node.clone();
        move |_: Event| {
            if let Some(list) = node.cast::<Element>() {
                let below = list.scroll_height() - list.scroll_top() - list.client_height();
                *at_end.borrow_mut() = below < 24;
            }
        }
    };
    html! {
        <div class="log" ref={node} role="log" aria-label="Output" tabindex="0" {onscroll}>
            if terminal.entries.is_empty() {
                <p class="muted">{ "kubectl, helm, promtool and curl on the simulated cluster. Type ? for the commands to begin with." }</p>
            }
            if terminal.dropped {
                <p class="muted">{ "Earlier output is dropped." }</p>
            }
            { for terminal.entries.iter().map(|entry| {
                html! { <EntryView key={entry.number} entry={entry.clone()} /> }
            }) }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct EntryViewProps {
    entry: Shared<Entry>,
}

#[component]
fn EntryView(props: &EntryViewProps) -> Html {
    match &props.entry.content {
        Content::Line(line) => html! {
            <pre class="line"><span class="sign">{ "$ " }</span>{ line }</pre>
        },
        Content::Output(piece) => html! { <Output piece={piece.clone()} /> },
        Content::FirstCommands => html! { <FirstCommands /> },
    }
}

#[derive(Properties, PartialEq)]
struct OutputProps {
    piece: OutputPiece,
}

/// The text of a piece, without the line feed at its end, and its links.
#[component]
fn Output(props: &OutputProps) -> Html {
    let piece = &props.piece;
    let text = piece.text.strip_suffix('\n').unwrap_or(&piece.text);
    let mut parts: Vec<Html> = Vec::new();
    let mut done = 0;
    for link in &piece.links {
        let (start, end) = (link.start as usize, link.end as usize);
        let (Some(before), Some(word)) = (text.get(done..start), text.get(start..end)) else {
            continue;
        };
        parts.push(html! { { before.to_owned() } });
        parts.push(html! { <Link word={word.to_owned()} target={link.target.clone()} /> });
        done = end;
    }
    parts.push(html! { { text.get(done..).unwrap_or_default().to_owned() } });
    let class = classes!(piece.error.then_some("error"), piece.note.then_some("note"));
    html! { <pre {class}>{ for parts }</pre> }
}

#[derive(Properties, PartialEq)]
struct LinkProps {
    word: AttrValue,
    target: LinkTarget,
}

#[component]
fn Link(props: &LinkProps) -> Html {
    let dispatch = use_dispatch();
    let title = match &props.target {
        LinkTarget::Manifest { object, .. } => format!("Show the manifest of {object}"),
        LinkTarget::File(_) => "Show the file".to_owned(),
        LinkTarget::Page { object, page } => format!("Show {object} on the page {}", page.title()),
        LinkTarget::Line(_) => "Put this command at the prompt".to_owned(),
        LinkTarget::Wait { .. } => "Move the clock".to_owned(),
    };
    let target = props.target.clone();
    let onclick = move |_| dispatch.emit(Action::Terminal(TerminalAction::Follow(target.clone())));
    html! { <button type="button" class="text-link" {title} {onclick}>{ &props.word }</button> }
}

/// The commands for beginners. A click puts one at the prompt.
#[component]
fn FirstCommands() -> Html {
    let dispatch = use_dispatch();
    let row = |line: &'static str, shows: &'static str| {
        let dispatch = dispatch.clone();
        let onclick = move |_| {
            dispatch.emit(Action::Terminal(TerminalAction::Put(line.to_owned())));
        };
        html! {
            <li>
                <button type="button" class="text-link" {onclick}><code>{ line }</code></button>
                <span>{ shows }</span>
            </li>
        }
    };
    html! {
        <div class="first">
            <ul>{ for FIRST_COMMANDS.iter().map(|one| row(one.line, one.shows)) }</ul>
            <p class="muted">
                { "Tab completes, ↑ and ↓ show earlier lines, Ctrl+R searches them, Ctrl+C ends a command, clear empties the screen. Objects outside of the namespace default need -n NAMESPACE." }
            </p>
        </div>
    }
}
