//! Mounts the page and reports its panics.

use playground::app::App;

fn main() {
    playground::errors::install_panic_hook();
    let document = web_sys::window().and_then(|window| window.document());
    if let Some(root) = document.and_then(|document| document.get_element_by_id("page")) {
        root.set_inner_html("");
        yew::Renderer::<App>::with_root(root).render();
    }
}
