//! A question with choices, or with a number as its answer.

use web_sys::{FormData, HtmlFormElement};
use yew::prelude::*;

use crate::widgets::inline_code::inline_code;

#[derive(Properties, PartialEq)]
pub struct AskProps {
    /// An identifier that is unique in the page.
    pub id: String,
    pub question: String,
    /// The choices; empty if the answer is a number.
    pub choices: Vec<String>,
    /// The label of the button.
    #[prop_or("Answer")]
    pub word: &'static str,
    pub answer: Callback<String>,
}

#[component]
pub fn Ask(props: &AskProps) -> Html {
    let onsubmit = {
        let answer = props.answer.clone();
        move |event: SubmitEvent| {
            event.prevent_default();
            let form: HtmlFormElement = event.target_unchecked_into();
            let given =
                FormData::new_with_form(&form).ok().and_then(|data| data.get("answer").as_string());
            if let Some(given) = given.filter(|given| !given.trim().is_empty()) {
                answer.emit(given.trim().to_owned());
            }
        }
    };
    let question = format!("{}-question", props.id);
    html! {
        <form class="ask" {onsubmit} aria-labelledby={question.clone()}>
            <p id={question.clone()}>{ inline_code(&props.question) }</p>
            if props.choices.is_empty() {
                <div class="row">
                    <input type="text" name="answer" inputmode="decimal" autocomplete="off" required=true aria-labelledby={question} />
                    <button type="submit" class="small">{ props.word }</button>
                </div>
            } else {
                { for props.choices.iter().map(|choice| html! {
                    <label class="choice"><input type="radio" name="answer" required=true value={choice.clone()} /><span>{ inline_code(choice) }</span></label>
                }) }
                <button type="submit" class="small">{ props.word }</button>
            }
        </form>
    }
}
