//! The header: scenario, workspaces, import, export, share, theme, help.

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::address;
use crate::app::{Dispatch, use_dispatch};
use crate::state::{Action, Dialog, Theme};
use crate::widgets::icon::{Icon, icon};
use crate::widgets::list_option::ListOption;
use scenarios::SCENARIOS;

#[derive(Properties, PartialEq)]
pub struct HeaderProps {
    pub scenario: String,
    /// The name of the open workspace, unless it is a scenario as it came.
    pub workspace: Option<String>,
    /// True in a frame of another page.
    pub embedded: bool,
    pub theme: Theme,
    pub notes: bool,
}

fn brand() -> Html {
    html! {
        <h1 class="brand">
            <svg class="mark" viewBox="0 0 22 22" aria-hidden="true">
                <circle cx="11" cy="11" r="10" />
                <path d="M4.5 15.5 9 10l3 2.6L17.5 6" />
                <circle class="dot" cx="9" cy="10" r="1.2" />
                <circle class="dot" cx="12" cy="12.6" r="1.2" />
            </svg>
            <span>{ "Prometheus Playground" }</span>
        </h1>
    }
}

fn scenario_choice(open: &str, dispatch: &Dispatch) -> Html {
    let onchange = {
        let (dispatch, open) = (dispatch.clone(), open.to_owned());
        move |event: Event| {
            if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
                let chosen = select.value();
                // The selection follows the state, because the visitor can cancel.
                select.set_value(&open);
                dispatch.emit(Action::OpenScenario(chosen));
            }
        }
    };
    html! {
        <label class="field">
            <span class="hide-narrow">{ "Scenario" }</span>
            <select aria-label="Scenario" {onchange}>
                if open.is_empty() {
                    <ListOption value="" selected=true>{ "Your own files" }</ListOption>
                }
                { for SCENARIOS.iter().map(|scenario| html! {
                    <ListOption value={scenario.name} selected={scenario.name == open}>
                        { scenario.title }
                    </ListOption>
                }) }
            </select>
        </label>
    }
}

/// The header in a frame of another page: a link to the playground with the same work.
#[component]
fn EmbeddedHeader() -> Html {
    html! {
        <header>
            { brand() }
            <span class="sp" />
            <a href={address::outside()} target="_blank" rel="noopener">{ "Open in the playground" }</a>
        </header>
    }
}

#[component]
pub fn Header(props: &HeaderProps) -> Html {
    let dispatch = use_dispatch();
    let act = |action: Action| {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(action.clone())
    };
    let (next, face, name) = match props.theme {
        Theme::System => (Theme::Light, Icon::Auto, "system"),
        Theme::Light => (Theme::Dark, Icon::Sun, "light"),
        Theme::Dark => (Theme::System, Icon::Moon, "dark"),
    };
    let open = props.workspace.as_ref();
    let workspaces =
        open.map_or("Workspaces".to_owned(), |name| format!("Workspaces, {name} is open"));
    if props.embedded {
        return html! { <EmbeddedHeader /> };
    }
    html! {
        <header>
            { brand() }
            { scenario_choice(&props.scenario, &dispatch) }
            <button type="button" class="workspaces-button" aria-haspopup="dialog" title="Workspaces"
                aria-label={workspaces} onclick={act(Action::OpenDialog(Some(Dialog::Workspaces)))}>
                { icon(Icon::Workspaces) }
                <span class="hide-narrow">{ props.workspace.as_deref().unwrap_or("Workspaces") }</span>
            </button>
            <button type="button" aria-haspopup="dialog" onclick={act(Action::OpenDialog(Some(Dialog::Lessons)))}>{ "Lessons" }</button>
            <span class="sp" />
            <button type="button" class="hide-narrow" onclick={act(Action::OpenDialog(Some(Dialog::Import)))}>{ "Import" }</button>
            <button type="button" class="hide-narrow" onclick={act(Action::Export)}>{ "Export" }</button>
            <button type="button" class="primary" aria-label="Share" onclick={act(Action::Share)}>
                { icon(Icon::Share) }<span class="hide-narrow">{ "Share" }</span>
            </button>
            <button type="button" class="quiet icon" aria-label={format!("Theme: {name}")} title={format!("Theme: {name}")}
                onclick={act(Action::SetTheme(next))}>
                { icon(face) }
            </button>
            <button type="button" class="quiet icon" aria-label="Help" title="Help"
                onclick={act(Action::OpenDialog(Some(Dialog::Help)))}>
                { icon(Icon::Help) }
            </button>
        </header>
    }
}
