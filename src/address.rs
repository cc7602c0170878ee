//! The address of the page: its parameters, and links that lead to a place.

use web_sys::UrlSearchParams;

use crate::share_link;
use crate::state::ShareForm;
use crate::state::address::{Address, FOLLOWED, Place};

/// Returns true in a frame of another page: `embed.js` marks the document.
pub fn is_embedded() -> bool {
    let root = web_sys::window().and_then(|w| w.document()).and_then(|d| d.document_element());
    root.is_some_and(|root| root.has_attribute("data-embed"))
}

/// Reads the parameters of the address, and takes those out of it that are followed once.
pub fn take() -> (Address, Vec<String>) {
    let Some(params) = params() else { return Address::read([]) };
    let mut pairs = Vec::new();
    for pair in js_sys::Array::from(&params).iter() {
        let pair = js_sys::Array::from(&pair);
        if let (Some(name), Some(value)) = (pair.get(0).as_string(), pair.get(1).as_string()) {
            pairs.push((name, value));
        }
    }
    // A frame is loaded again with its whole address.
    if !is_embedded() && pairs.iter().any(|(name, _)| FOLLOWED.contains(&&**name)) {
        for name in FOLLOWED {
            params.delete(name);
        }
        drop_followed(&params);
    }
    Address::read(pairs)
}

fn params() -> Option<UrlSearchParams> {
    let search = web_sys::window()?.location().search().ok()?;
    UrlSearchParams::new_with_str(&search).ok()
}

fn drop_followed(left: &UrlSearchParams) -> Option<()> {
    let location = web_sys::window()?.location();
    let left = String::from(left.to_string());
    let search = if left.is_empty() { left } else { format!("?{left}") };
    share_link::show_link(&(location.pathname().ok()? + &search + &location.hash().ok()?));
    Some(())
}

/// Returns the address of the page, or of the page for frames, without parameters.
fn base(frame: bool) -> Option<String> {
    let href = web_sys::window()?.location().href().ok()?;
    let here = href.split(['#', '?']).next()?;
    let folder = here.get(..=here.rfind('/')?)?;
    let file = here.get(folder.len()..)?;
    Some(match (frame, file) {
        (true, _) => format!("{folder}embed.html"),
        (false, "embed.html") => folder.to_owned(),
        (false, _) => here.to_owned(),
    })
}

/// Returns a link to work: `fragment` holds the work, `place` the place in it.
pub fn link_to(frame: bool, place: Option<&Place>, fragment: &str) -> Option<String> {
    let params = UrlSearchParams::new().ok()?;
    for (name, value) in place.map(Place::params).unwrap_or_default() {
        params.set(name, &value);
    }
    let params = String::from(params.to_string());
    let search = if params.is_empty() { params } else { format!("?{params}") };
    Some(base(frame)? + &search + fragment)
}

/// Returns a link that opens a lesson of the page.
pub fn link_of_lesson(name: &str) -> Option<String> {
    Some(format!("{}?lesson={name}", base(false)?))
}

/// Returns the address of the playground for what a frame shows.
pub fn outside() -> Option<String> {
    let location = web_sys::window()?.location();
    Some(base(false)? + &location.search().ok()? + &location.hash().ok()?)
}

/// Writes a link in a form.
pub fn written(form: ShareForm, link: &str) -> String {
    // Addresses have no quotes; `&` separates parameters.
    let escaped = link.replace('&', "&amp;");
    match form {
        ShareForm::Link => link.to_owned(),
        ShareForm::Frame => format!(
            "<iframe src=\"{escaped}\" title=\"Prometheus Playground\" width=\"100%\" height=\"640\" \
             style=\"border:0\" loading=\"lazy\" allow=\"clipboard-write\"></iframe>"
        ),
        ShareForm::Markdown => format!("[Open in the Prometheus Playground]({link})"),
    }
}
