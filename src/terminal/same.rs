//! The command that shows in a terminal what a page of results shows.

use yew::prelude::*;

use crate::app::use_dispatch;
use crate::state::{Action, TerminalAction};

#[derive(Properties, PartialEq)]
pub struct SameCommandProps {
    pub command: AttrValue,
}

/// The command; a click copies it, another one puts it at the prompt of the terminal.
#[component]
pub fn SameCommand(props: &SameCommandProps) -> Html {
    let dispatch = use_dispatch();
    let copy = {
        let (dispatch, command) = (dispatch.clone(), props.command.to_string());
        move |_: MouseEvent| dispatch.emit(Action::Copy(command.clone()))
    };
    let put = {
        let (dispatch, command) = (dispatch.clone(), props.command.to_string());
        move |_: MouseEvent| {
            dispatch.emit(Action::Terminal(TerminalAction::Put(command.clone())));
        }
    };
    let title = format!("Copy the command that shows the same: {}", props.command);
    html! {
        <div class="same-command">
            <button type="button" class="quiet small copy" title={title.clone()} aria-label={title} onclick={copy}>
                <span aria-hidden="true">{ "$" }</span>
                <code>{ &props.command }</code>
            </button>
            <button type="button" class="quiet small" title="Put the command at the prompt of the terminal" onclick={put}>
                { "In the terminal" }
            </button>
        </div>
    }
}
