//! The terminals: command lines on the simulated cluster. A plain list of lines and an input, so that
//! output can be selected, searched and read aloud.
//!
//! | file | content |
//! | --- | --- |
//! | `tabs` | the tabs "Problems" and "Terminal" |
//! | `log` | what a terminal shows |
//! | `prompt` | the input |
//! | `same` | the command that shows the same as a page of results |

mod log;
mod prompt;
mod same;
mod tabs;

use yew::prelude::*;

use crate::app::use_dispatch;
use crate::state::{Action, TerminalAction, Terminals};
use crate::widgets::icon::{Icon, icon};
use log::Log;
use prompt::Prompt;
pub use same::SameCommand;
pub use tabs::PaneTabs;

#[derive(Properties, PartialEq)]
pub struct TerminalPaneProps {
    pub terminals: Terminals,
    /// The number of errors and warnings, which the other tab shows.
    pub problems: usize,
}

/// The pane with all terminals; one of them is shown.
#[component]
pub fn TerminalPane(props: &TerminalPaneProps) -> Html {
    let dispatch = use_dispatch();
    let terminals = &props.terminals;
    let act = |action: TerminalAction| {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(Action::Terminal(action.clone()))
    };
    let Some(active) = terminals.active() else { return Html::default() };
    let several = terminals.all.len() > 1;
    let button = |label: &'static str, action: TerminalAction, face: Html| {
        html! {
            <button type="button" class="quiet small" aria-label={label} title={label}
                onclick={act(action)}>{ face }</button>
        }
    };
    let tall = terminals.tall;
    let (size, sign) = if tall { ("Smaller", "▾") } else { ("Larger", "▴") };
    html! {
        <section class={classes!("terminal", tall.then_some("tall"))} aria-label="Terminal">
            <div class="h">
                <PaneTabs terminal={true} problems={props.problems} />
                if several {
                    <div class="numbers" role="group" aria-label="Terminals">
                        { for terminals.all.iter().enumerate().map(|(number, one)| {
                            let pressed = (one.id == active.id).to_string();
                            let running = if one.running { ", a command runs" } else { "" };
                            html! {
                                <button type="button" class="quiet small" key={one.id} aria-pressed={pressed}
                                    aria-label={format!("Terminal {}{running}", number + 1)}
                                    onclick={act(TerminalAction::Select(one.id))}>
                                    { number + 1 }
                                    if one.running { <span class="dot info" aria-hidden="true" /> }
                                </button>
                            }
                        }) }
                    </div>
                }
                <span class="sp" />
                { button("New terminal", TerminalAction::Add, icon(Icon::Plus)) }
                { button("Commands to begin with", TerminalAction::Help, html! { "?" }) }
                { button(size, TerminalAction::SetTall(!tall), html! { <span aria-hidden="true">{ sign }</span> }) }
                if several {
                    { button("Close this terminal", TerminalAction::Close(active.id), icon(Icon::Close)) }
                }
            </div>
            <Log terminal={active.clone()} />
            <Prompt terminal={active.clone()} focus={terminals.focus} />
        </section>
    }
}
