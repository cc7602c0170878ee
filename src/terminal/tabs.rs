//! The tabs of the pane below the editor.

use yew::prelude::*;

use crate::app::use_dispatch;
use crate::state::{Action, TerminalAction};
use crate::widgets::tabs::tab_keys;

#[derive(Properties, PartialEq)]
pub struct PaneTabsProps {
    /// True if the tab "Terminal" is selected.
    pub terminal: bool,
    /// The number of problems, shown beside the tab that is not selected; 0 is not shown.
    #[prop_or_default]
    pub problems: usize,
}

/// The tabs "Problems" and "Terminal".
#[component]
pub fn PaneTabs(props: &PaneTabsProps) -> Html {
    let dispatch = use_dispatch();
    let choose = Callback::from(move |index: usize| {
        dispatch.emit(Action::Terminal(TerminalAction::Show(index == 1)));
    });
    let onkeydown = tab_keys(2, usize::from(props.terminal), choose.clone());
    let tab = |index: usize, label: &'static str, badge: Html| {
        let selected = props.terminal == (index == 1);
        html! {
            <button type="button" role="tab" aria-selected={selected.to_string()}
                tabindex={if selected { "0" } else { "-1" }}
                onclick={choose.reform(move |_: MouseEvent| index)}>{ label }{ badge }</button>
        }
    };
    let badge = match props.problems {
        0 => Html::default(),
        number => html! { <>{ " " }<span class="badge">{ number }</span></> },
    };
    html! {
        <div class="pane-tabs" role="tablist" aria-label="Below the editor" {onkeydown}>
            { tab(0, "Problems", badge) }
            { tab(1, "Terminal", Html::default()) }
        </div>
    }
}
