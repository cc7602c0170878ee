//! Explain: the meaning of the field at the cursor and its consequences in this system.

use yew::prelude::*;

use crate::app::use_dispatch;
use crate::state::{Action, Shared};
use crate::widgets::inline_code::inline_code;
use crate::widgets::source_link::SourceLink;
use protocol::View;
use protocol::pages::explain;

#[derive(Properties, PartialEq)]
pub struct ExplainProps {
    pub view: Shared<View>,
}

#[component]
pub fn Explain(props: &ExplainProps) -> Html {
    let View::Explain(view) = &*props.view else { return Html::default() };
    if view.title.is_empty() {
        return html! {
            <div class="empty">
                <h2>{ "Place the cursor on a field" }</h2>
                <p>{ "This page explains the field, its default, and its consequences in this system." }</p>
            </div>
        };
    }
    html! {
        <>
            <nav class="crumbs" aria-label="Path">
                { for view.path.iter().map(|crumb| html! {
                    <SourceLink to={Some(crumb.location)}>{ &crumb.label }</SourceLink>
                }) }
            </nav>
            <div class="title explain-title">
                <h2 class="mono">{ &view.title }</h2>
                <span class="st">{ &view.kind }</span>
            </div>
            { for view.findings.iter().map(|found| html! { <Finding found={found.clone()} /> }) }
            if !view.known {
                <p class="answer">{ "This field does not exist here." }</p>
            }
            { for view.doc.iter().enumerate().map(|(number, text)| html! {
                <p class={if number == 0 { "answer" } else { "more" }}>{ inline_code(text) }</p>
            }) }
            if let Some(refusal) = &view.refusal {
                <p class="muted">{ "The API server refuses this object, so it is not stored:" }</p>
                <pre class="text" tabindex="0" aria-label="Refusal">{ refusal }</pre>
            }
            { field_details(view) }
            if let Some(picture) = &view.picture {
                { drawn(picture) }
            }
            if let Some(estimate) = &view.storage {
                { estimated(estimate) }
            }
            if let Some(object) = &view.stored {
                <StoredObject object={object.clone()} />
            }
        </>
    }
}

/// Consequences, facts, values, mistakes and an example of a field.
fn field_details(view: &explain::View) -> Html {
    html! {
        <>
            if !view.consequences.is_empty() {
                <section class="card" aria-labelledby="here">
                    <div class="h"><h3 id="here">{ "Here" }</h3></div>
                    <ul class="b here">{ for view.consequences.iter().map(consequence) }</ul>
                </section>
            }
            if !view.facts.is_empty() {
                <dl class="kv facts-list">
                    { for view.facts.iter().map(|(name, value)| html! {
                        <><dt>{ name }</dt><dd>{ inline_code(value) }</dd></>
                    }) }
                </dl>
            }
            { pairs("Values", &view.allowed) }
            if !view.mistakes.is_empty() {
                <section class="card" aria-labelledby="mistakes">
                    <div class="h"><h3 id="mistakes">{ "Common mistakes" }</h3></div>
                    <div class="b">{ for view.mistakes.iter().map(|text| html! { <p>{ inline_code(text) }</p> }) }</div>
                </section>
            }
            if let Some(example) = &view.example {
                <section class="example">
                    <h3>{ "Example" }</h3>
                    <pre class="text">{ example }</pre>
                </section>
            }
            { pairs("Fields", &view.siblings) }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct StoredObjectProps {
    object: explain::StoredObject,
}

/// The stored object, with the lines that the API server and the controllers filled in.
#[component]
fn StoredObject(props: &StoredObjectProps) -> Html {
    let object = &props.object;
    let filled = object.lines.iter().filter(|line| line.filled.is_some()).count();
    html! {
        <section class="card" aria-labelledby="stored">
            <div class="h">
                <h3 id="stored">{ "As it is stored" }</h3>
                <span class="muted">{ format!("{} {}: {filled} of {} lines were filled in", object.kind, object.name, object.lines.len()) }</span>
            </div>
            <ol class="b stored mono" aria-label={format!("{} {} as YAML", object.kind, object.name)}>
                { for object.lines.iter().map(stored_line) }
            </ol>
        </section>
    }
}

fn stored_line(line: &explain::StoredLine) -> Html {
    let Some(filled) = &line.filled else {
        let text = html! { <code>{ &line.text }</code> };
        return match line.at {
            Some(_) => html! { <li><SourceLink to={line.at}>{ text }</SourceLink></li> },
            None => html! { <li>{ text }</li> },
        };
    };
    html! {
        <li class="filled">
            <code>{ &line.text }</code>
            <span class="by">{ &filled.by }</span>
            if !filled.why.is_empty() {
                <span class="because">{ inline_code(&filled.why) }</span>
            }
        </li>
    }
}

/// A chain of objects and fields of this workspace.
fn drawn(picture: &explain::Picture) -> Html {
    html! {
        <section class="card" aria-labelledby="picture">
            <div class="h"><h3 id="picture">{ &picture.title }</h3></div>
            <p class="b">{ &picture.text }</p>
            <ol class="chain">
                { for picture.parts.iter().map(|part| html! {
                    <li class={classes!(part.value.is_empty().then_some("missing"))}>
                        <span class="muted">{ &part.what }</span>
                        if part.value.is_empty() {
                            <b>{ "none" }</b>
                        } else if part.at.is_some() {
                            <SourceLink to={part.at}><code>{ &part.value }</code></SourceLink>
                        } else {
                            <code>{ &part.value }</code>
                        }
                    </li>
                }) }
            </ol>
        </section>
    }
}

/// The disk and the memory of the server, with the calculation.
fn estimated(estimate: &explain::Estimate) -> Html {
    html! {
        <section class="card" aria-labelledby="storage">
            <div class="h">
                <h3 id="storage">{ "How much disk?" }</h3>
                <span class="muted">{ "from what is simulated now" }</span>
            </div>
            <ul class="b here">{ for estimate.verdicts.iter().map(consequence) }</ul>
            <dl class="kv facts-list">
                { for estimate.rows.iter().map(|(name, value)| html! {
                    <><dt>{ name }</dt><dd>{ value }</dd></>
                }) }
            </dl>
        </section>
    }
}

fn consequence(found: &explain::Consequence) -> Html {
    html! {
        <li>
            <span class={if found.good { "dot" } else { "dot bad" }} aria-hidden="true" />
            <span>
                { inline_code(&found.text) }
                { for found.links.iter().map(|(label, location)| html! {
                    <>{ " " }<SourceLink to={Some(*location)}>{ label }</SourceLink></>
                }) }
            </span>
        </li>
    }
}

fn pairs(title: &'static str, pairs: &[(String, String)]) -> Html {
    if pairs.is_empty() {
        return Html::default();
    }
    html! {
        <section class="pairs">
            <h3>{ title }</h3>
            <dl class="kv">
                { for pairs.iter().map(|(name, value)| html! {
                    <><dt><code>{ name }</code></dt><dd>{ inline_code(value) }</dd></>
                }) }
            </dl>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct FindingProps {
    found: text::Diagnostic,
}

#[component]
fn Finding(props: &FindingProps) -> Html {
    let dispatch = use_dispatch();
    let found = &props.found;
    let why = {
        let (dispatch, code) = (dispatch.clone(), found.code.to_string());
        move |_| dispatch.emit(Action::ShowCheck(code.clone()))
    };
    html! {
        <div class="why" role="note">
            <b>{ &found.message }</b>
            if let Some(help) = &found.help {
                <span>{ inline_code(help) }</span>
            }
            <div class="row">
                    { for found.fixes.iter().map(|fix| {
                        let (dispatch, fix) = (dispatch.clone(), fix.clone());
                        let title = fix.title.clone();
                        html! {
                            <button type="button" class="small" onclick={move |_| dispatch.emit(Action::ApplyFix(fix.clone()))}>
                                { title }
                            </button>
                        }
                    }) }
                    <button type="button" class="quiet small" onclick={why}>{ "Why?" }</button>
                </div>
        </div>
    }
}
