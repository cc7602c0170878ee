//! The raw text that a target answers with.

use serde::{Deserialize, Serialize};

use crate::session::Session;
use crate::simulation::world::Body;

/// Most bytes of a body that are shown.
const MOST: usize = 256 * 1024;

/// What the page wants to see.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The target's URL; the first target where it is empty or gone.
    pub url: String,
}

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// Every target's URL, in the order of the table.
    pub urls: Vec<String>,
    pub url: String,
    pub content_type: String,
    pub text: String,
    /// Why there is no text.
    pub error: Option<String>,
    /// Whether the text was cut.
    pub cut: bool,
}

/// The answer, from what the session knows now.
pub fn view(session: &Session, question: &Question) -> View {
    let routes = &session.system.routes;
    let urls: Vec<String> = routes.iter().map(|route| route.spec.url.to_string()).collect();
    let asked = routes.iter().find(|route| *route.spec.url == *question.url);
    let Some(route) = asked.or(routes.first()) else { return View::default() };
    let mut view = View { url: route.spec.url.to_string(), urls, ..View::default() };
    match session.timeline.world.body(&route.spec.job, &route.spec.labels) {
        Some(Body::Text { content_type, mut text }) => {
            view.content_type = content_type.to_string();
            if text.len() > MOST {
                let end = text[..text.floor_char_boundary(MOST)].rfind('\n').unwrap_or(0);
                text.truncate(end);
                view.cut = true;
            }
            view.text = text;
        }
        Some(Body::Error(error)) => view.error = Some(error),
        None => view.error = Some("nothing is known of this target yet".to_owned()),
    }
    view
}
