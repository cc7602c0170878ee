//! Import: the dialog with its ways in, the choice of what becomes of the files, the overlay while
//! files are dragged over the page, and the question before data of a live system is shared.

use std::collections::HashSet;

use web_sys::{HtmlElement, HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::workspaces::size;
use crate::app::{Dispatch, use_dispatch};
use crate::file_input;
use crate::state::workspaces::CurrentWorkspace;
use crate::state::{Action, Document, Shared};
use protocol::{File, Imported};

/// The script that asks a Prometheus server about itself.
const SCRIPT: &str = include_str!("../../static/bundle.sh");
/// The name under which the script is saved.
const SCRIPT_NAME: &str = "bundle.sh";
/// Prints the objects of a cluster that bear on monitoring.
const KUBECTL: &str = "kubectl get deploy,sts,ds,job,cronjob,pod,svc,endpointslice,ingress,cm,ns,node,netpol,sa,role,rolebinding,clusterrole,clusterrolebinding -A -o yaml > cluster.yaml";

/// The dialog "Import".
#[component]
pub fn Import() -> Html {
    let dispatch = use_dispatch();
    let text = use_node_ref();
    let act = {
        let dispatch = dispatch.clone();
        Callback::from(move |action: Action| dispatch.emit(action))
    };
    let onchange = {
        let act = act.clone();
        Callback::from(move |event: Event| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                file_input::read_input(&input, act.clone());
            }
        })
    };
    let onsubmit = {
        let (text, act) = (text.clone(), act.clone());
        move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(area) = text.cast::<HtmlTextAreaElement>() {
                act.emit(file_input::pasted(area.value()));
            }
        }
    };
    html! {
        <>
            <p>{ "Drop files anywhere on the page, or choose them. You then open them as a new workspace or add them to the open files." }</p>
            <div class="row">
                <label class="button primary">
                    { "Choose files…" }
                    <input type="file" class="visually-hidden" multiple=true aria-label="Files to import" autofocus=true onchange={onchange.clone()} />
                </label>
                <label class="button">
                    { "Choose a folder…" }
                    <input type="file" class="visually-hidden" webkitdirectory=true aria-label="Folder to import" {onchange} />
                </label>
            </div>
            <p class="muted">{ "Configurations, manifests, rule files, files of targets, metrics (" }<code>{ ".prom" }</code>{ "), and archives of them (" }<code>{ ".gz" }</code>{ ", " }<code>{ ".tgz" }</code>{ ", " }<code>{ ".zip" }</code>{ "). Files stay in this browser." }</p>
            <form {onsubmit} class="import-paste">
                <label for="import-text">{ "Or paste text" }</label>
                <textarea ref={text} id="import-text" rows="4" required=true spellcheck="false" placeholder="scrape_configs: …" />
                <button type="submit">{ "Read the text" }</button>
            </form>
            <Live />
        </>
    }
}

/// The ways from a live Prometheus and from a live cluster.
#[component]
fn Live() -> Html {
    let dispatch = use_dispatch();
    let copy = |text: &'static str| {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(Action::Copy(text.to_owned()))
    };
    let download = {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| {
            let file = File { name: SCRIPT_NAME.into(), text: SCRIPT.into(), ..File::default() };
            dispatch.emit(Action::Download(file));
        }
    };
    html! {
        <>
            <details class="import-live">
                <summary>{ "From a live Prometheus" }</summary>
                <p>{ "The script asks the HTTP API of a server and writes one file, " }<code>{ "prometheus-bundle.json" }</code>{ ". Nothing is sent anywhere. The page makes a workspace of it: configuration, discovered targets, rules, flags, and types of metrics. It then compares its targets with those of the server." }</p>
                <ol>
                    <li>{ "Run " }<code>{ "sh bundle.sh http://localhost:9090" }</code>{ ". Options of curl can follow the URL, for example " }<code>{ "-u user" }</code>{ "." }</li>
                    <li>{ "Drop the file on this page." }</li>
                </ol>
                <p class="muted">{ "The steps of relabeling are recorded for 500 targets at most, and only if jq is installed. Prometheus hides passwords; the import takes credentials out of URLs. A single answer of " }<code>{ "/api/v1/status/config" }</code>{ " works too, and so does the Secret of the Prometheus Operator that contains " }<code>{ "prometheus.yaml.gz" }</code>{ "." }</p>
                <div class="row">
                    <button type="button" onclick={download}>{ "Download the script" }</button>
                    <button type="button" onclick={copy(SCRIPT)}>{ "Copy the script" }</button>
                </div>
                <pre class="text script" tabindex="0" aria-label="The script">{ SCRIPT }</pre>
            </details>
            <details class="import-live">
                <summary>{ "From a live cluster" }</summary>
                <p>{ "The import removes the fields that the API server sets, and objects that controllers create." }</p>
                <pre class="text script" tabindex="0" aria-label="The command">{ KUBECTL }</pre>
                <div class="row"><button type="button" onclick={copy(KUBECTL)}>{ "Copy the command" }</button></div>
            </details>
        </>
    }
}

#[derive(Properties, PartialEq)]
pub struct ImportReviewProps {
    /// None while the files are being read.
    pub imported: Option<Shared<Imported>>,
    pub documents: Vec<Shared<Document>>,
    pub current: CurrentWorkspace,
    pub storage_failed: Option<String>,
}

/// Shows the files that were read, and asks what becomes of them.
#[component]
pub fn ImportReview(props: &ImportReviewProps) -> Html {
    let dispatch = use_dispatch();
    let replace = use_state(|| true);
    let wanted = use_node_ref();
    // The dialog was opened while the files were being read, so that the focus is on its first button.
    use_effect_with((props.imported.is_some(), wanted.clone()), |(_, wanted)| {
        if let Some(button) = wanted.cast::<HtmlElement>() {
            // A button that is shown can be focused.
            let _ = button.focus();
        }
    });
    let Some(imported) = &props.imported else {
        let cancel = move |_: MouseEvent| dispatch.emit(Action::OpenDialog(None));
        return html! {
            <>
                <p role="status">{ "The files are being read." }</p>
                <div class="row dialog-foot"><button type="button" onclick={cancel}>{ "Cancel" }</button></div>
            </>
        };
    };
    let open: HashSet<&str> = props.documents.iter().map(|one| one.name.as_str()).collect();
    let collisions = imported.files.iter().filter(|file| open.contains(file.name.as_str())).count();
    html! {
        <>
            { files(imported, &open) }
            if !imported.notes.is_empty() {
                <ul class="import-notes">{ for imported.notes.iter().map(|note| html! { <li>{ note }</li> }) }</ul>
            }
            if !imported.files.is_empty() { { what_follows(props, collisions) } }
            if collisions > 0 { { replace_choice(&replace) } }
            { choices(&dispatch, !imported.files.is_empty(), *replace, wanted) }
        </>
    }
}

/// The names and sizes of the files.
fn files(imported: &Imported, open: &HashSet<&str>) -> Html {
    if imported.files.is_empty() {
        return html! { <p>{ "There is nothing to import." }</p> };
    }
    let row = |file: &protocol::ImportedFile| {
        html! {
            <li key={file.name.clone()}>
                <code class="grow">{ &file.name }</code>
                if open.contains(file.name.as_str()) { <span class="st">{ "name in use" }</span> }
                <span class="muted">{ size(file.text.len()) }</span>
            </li>
        }
    };
    html! {
        <ul class="import-files" tabindex="0" aria-label="Files">{ for imported.files.iter().map(row) }</ul>
    }
}

/// The checkbox that decides about files whose names are in use.
fn replace_choice(replace: &UseStateHandle<bool>) -> Html {
    let checked = **replace;
    let replace = replace.clone();
    let onchange = move |event: Event| {
        let input: HtmlInputElement = event.target_unchecked_into();
        replace.set(input.checked());
    };
    html! {
        <label class="check">
            <input type="checkbox" {checked} {onchange} />
            { "When adding, replace open files of the same name" }
        </label>
    }
}

/// The buttons. `wanted` is the one that gets the focus.
fn choices(dispatch: &Dispatch, has_files: bool, replace: bool, wanted: NodeRef) -> Html {
    let act = |action: Action| {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(action.clone())
    };
    let cancel = act(Action::OpenDialog(None));
    html! {
        <div class="row dialog-foot">
            <span class="sp" />
            if has_files {
                <button type="button" onclick={cancel}>{ "Cancel" }</button>
                <button type="button" onclick={act(Action::AddImport { replace })}>{ "Add to the open files" }</button>
                <button ref={wanted} type="button" class="primary" onclick={act(Action::OpenImport)}>{ "Open as a new workspace" }</button>
            } else {
                <button ref={wanted} type="button" onclick={cancel}>{ "Close" }</button>
            }
        </div>
    }
}

/// Says what a new workspace does to the open files.
fn what_follows(props: &ImportReviewProps, collisions: usize) -> Html {
    let kept = match (&props.storage_failed, props.current.own) {
        (Some(reason), _) => {
            format!("The open files cannot be saved: {reason}. Export downloads them.")
        }
        (None, true) => {
            format!("A new workspace keeps the open files as “{}”.", props.current.name)
        }
        (None, false) => {
            "A new workspace closes the scenario, which stays in the list of scenarios.".to_owned()
        }
    };
    let names = match collisions {
        0 => "",
        1 => " One name is in use.",
        _ => " Some names are in use.",
    };
    html! { <p class="muted">{ kept }{ names }{ " Both choices can be undone." }</p> }
}

/// Asks before a link is made of data of a live system.
#[component]
pub fn ShareLive() -> Html {
    let dispatch = use_dispatch();
    let act = |action: Action| {
        let dispatch = dispatch.clone();
        move |_: MouseEvent| dispatch.emit(action.clone())
    };
    html! {
        <>
            <p>{ "This workspace contains data of a live system: its configuration, addresses, and labels. Whoever has the link can read all of it. The link itself holds the data; nothing is stored on a server." }</p>
            <div class="row dialog-foot">
                <span class="sp" />
                <button type="button" autofocus=true onclick={act(Action::OpenDialog(None))}>{ "Cancel" }</button>
                <button type="button" class="primary" onclick={act(Action::ShareLive)}>{ "Continue" }</button>
            </div>
        </>
    }
}

/// Watches for dropped and pasted files, and covers the page while files are dragged over it.
#[component]
pub fn DropOverlay() -> Html {
    let dispatch = use_dispatch();
    let over = use_state(|| false);
    {
        let over = over.clone();
        use_effect_with((), move |()| {
            let hover = Callback::from(move |on| over.set(on));
            let act = Callback::from(move |action| dispatch.emit(action));
            let watch = file_input::watch_page(hover, act);
            move || drop(watch)
        });
    }
    html! {
        if *over {
            <div class="drop-overlay" role="status">
                <p><b>{ "Drop to import" }</b><br />{ "Files, folders, or archives" }</p>
            </div>
        }
    }
}
