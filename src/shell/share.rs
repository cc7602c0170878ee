//! The dialog "Share": links to the open work, and the way to a lesson of one's own.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::app::use_dispatch;
use crate::state::{Action, Dialog, ShareForm};

/// The forms of a link: the label of the button and what it is for.
const FORMS: [(ShareForm, &str, &str); 3] = [
    (ShareForm::Link, "Copy the link", "Opens the files in the playground."),
    (
        ShareForm::Frame,
        "Copy the iframe",
        "HTML that shows the playground in slides or documentation.",
    ),
    (ShareForm::Markdown, "Copy as Markdown", "A link for a README or a chat."),
];

#[component]
pub fn Share() -> Html {
    let dispatch = use_dispatch();
    let place = use_state(|| true);
    let onchange = {
        let place = place.clone();
        move |event: Event| {
            place.set(event.target_unchecked_into::<HtmlInputElement>().checked());
        }
    };
    let copy = |form: ShareForm| {
        let (dispatch, place) = (dispatch.clone(), *place);
        move |_: MouseEvent| dispatch.emit(Action::CopyShare { form, place })
    };
    let homework = {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(Action::OpenDialog(Some(Dialog::Homework)))
    };
    html! {
        <div class="share">
            <p>{ "The link itself contains all files and events. No data is stored on a server." }</p>
            <label class="choice"><input type="checkbox" checked={*place} {onchange} />
                <span>{ "Lead to this page, query, file and line, and moment" }</span></label>
            <ul>
                { for FORMS.iter().map(|(form, label, what)| html! {
                    <li key={*label}>
                        <button type="button" class={(*form == ShareForm::Link).then_some("primary")} onclick={copy(*form)}>{ *label }</button>
                        <span class="muted">{ *what }</span>
                    </li>
                }) }
                <li>
                    <button type="button" onclick={homework}>{ "Make a lesson" }</button>
                    <span class="muted">{ "Homework that starts from these files, with goals that you choose." }</span>
                </li>
            </ul>
        </div>
    }
}
