//! A notice about a worker that does not answer: why, and the way on.

use yew::prelude::*;

use crate::app::use_dispatch;
use crate::state::{Action, WorkerStatus};

#[derive(Properties, PartialEq)]
pub struct WorkerNoticeProps {
    pub worker: WorkerStatus,
}

#[component]
pub fn WorkerNotice(props: &WorkerNoticeProps) -> Html {
    let dispatch = use_dispatch();
    let (text, reason, label) = match &props.worker {
        WorkerStatus::Starting | WorkerStatus::Working => return Html::default(),
        WorkerStatus::StartingSlowly => (
            "The simulation is still loading. The network is slow or does not answer.",
            None,
            "Load it again",
        ),
        WorkerStatus::Retrying(reason) => (
            "The simulation did not load and is loaded again in a few seconds.",
            Some(reason),
            "Try now",
        ),
        WorkerStatus::NotStarted(reason) => (
            "The simulation did not load. Check the network connection, then try again.",
            Some(reason),
            "Try again",
        ),
        WorkerStatus::Outdated => (
            "The page has changed on the server. Reload the page to continue; your files are kept.",
            None,
            "Reload the page",
        ),
        WorkerStatus::Stopped => (
            "The simulation is stopped. It starts again when you change the files.",
            None,
            "Restart the simulation",
        ),
    };
    let outdated = props.worker == WorkerStatus::Outdated;
    let onclick = move |_: MouseEvent| {
        if outdated {
            reload();
        } else {
            dispatch.emit(Action::RestartWorker);
        }
    };
    html! {
        <div class="worker-notice" role="status">
            <p>
                { text }
                if let Some(reason) = reason {
                    <span class="reason">{ reason }</span>
                }
            </p>
            <button type="button" {onclick}>{ label }</button>
        </div>
    }
}

/// Reloads the page. The work is saved when the page is hidden.
fn reload() {
    if let Some(window) = web_sys::window() {
        // A browser that does not reload leaves the page as it is.
        let _ = window.location().reload();
    }
}
