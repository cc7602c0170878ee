//! Widgets in a real browser: `make test` runs this in Chromium.
#![cfg(target_arch = "wasm32")]

use gloo::timers::future::TimeoutFuture;
use playground::app::Dispatch;
use playground::state::Action;
use playground::widgets::chart::{ChartData, ChartSeries, LineChart};
use playground::widgets::source_link::SourceLink;
use text::{FileId, Location, Span};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

#[path = "determinism/mod.rs"]
mod determinism;
#[path = "web/editor.rs"]
mod editor;
#[path = "web/widgets.rs"]
mod widgets;

wasm_bindgen_test_configure!(run_in_browser);

/// Native code gave these numbers: see `determinism/mod.rs`.
#[wasm_bindgen_test]
fn the_simulation_gives_the_samples_that_it_gives_natively() {
    assert_eq!(determinism::checksums(), determinism::KNOWN);
}

/// Waits until a condition is met. Fails after some seconds.
async fn wait_until(condition: impl Fn() -> bool) {
    for _ in 0..500 {
        if condition() {
            return;
        }
        TimeoutFuture::new(10).await;
    }
    panic!("the condition is not met");
}

/// An empty element of the document.
fn place() -> Element {
    let document = web_sys::window().unwrap().document().unwrap();
    let place = document.create_element("div").unwrap();
    document.body().unwrap().append_child(&place).unwrap();
    place
}

fn find(place: &Element, selector: &str) -> HtmlElement {
    let found = place.query_selector(selector).unwrap();
    found.unwrap_or_else(|| panic!("no {selector} in {}", place.inner_html())).unchecked_into()
}

/// A key goes down on an element.
fn press(element: &Element, key: &str) {
    let make = "return new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true })";
    let event = js_sys::Function::new_with_args("key", make).call1(&JsValue::NULL, &key.into());
    element.dispatch_event(&event.unwrap().unchecked_into()).unwrap();
}

fn texts(place: &Element, selector: &str) -> Vec<String> {
    let found = place.query_selector_all(selector).unwrap();
    (0..found.length()).filter_map(|at| found.get(at)?.text_content()).collect()
}

#[derive(Properties, PartialEq)]
struct LinkedProps {
    to: Option<Location>,
    hear: Callback<Action>,
}

#[component]
fn Linked(props: &LinkedProps) -> Html {
    html! {
        <ContextProvider<Dispatch> context={Dispatch(props.hear.clone())}>
            <SourceLink to={props.to}>{ "<there>" }</SourceLink>
        </ContextProvider<Dispatch>>
    }
}

#[wasm_bindgen_test]
async fn a_source_link_says_where_to_and_its_text_is_text() {
    let to = Location::new(FileId(3), Span::new(4, 9));
    let (place, heard) = (place(), std::rc::Rc::new(std::cell::RefCell::new(Vec::new())));
    let hear = {
        let heard = heard.clone();
        Callback::from(move |action: Action| heard.borrow_mut().push(format!("{action:?}")))
    };
    yew::Renderer::<Linked>::with_root_and_props(place.clone(), LinkedProps { to: Some(to), hear })
        .render();
    TimeoutFuture::new(0).await;
    let button = find(&place, "button.text-link");
    assert_eq!(button.inner_html(), "&lt;there&gt;");
    button.click();
    TimeoutFuture::new(0).await;
    assert_eq!(*heard.borrow(), [format!("{:?}", Action::ShowOrigin(to))]);
}

#[wasm_bindgen_test]
async fn a_source_link_without_a_place_is_plain_text() {
    let place = place();
    let props = LinkedProps { to: None, hear: Callback::noop() };
    yew::Renderer::<Linked>::with_root_and_props(place.clone(), props).render();
    TimeoutFuture::new(0).await;
    assert!(place.query_selector("button").unwrap().is_none());
    assert_eq!(place.text_content().as_deref(), Some("<there>"));
}

#[derive(Properties, PartialEq)]
struct ChartingProps {
    data: ChartData,
}

#[component]
fn Charting(props: &ChartingProps) -> Html {
    html! { <LineChart data={props.data.clone()} label="Errors" /> }
}

#[wasm_bindgen_test]
async fn a_chart_that_cannot_be_fetched_says_so() {
    let place = place();
    let series = ChartSeries {
        label: "errors".into(),
        values: vec![1.0, f64::NAN, f64::INFINITY, 4.0],
        ..ChartSeries::default()
    };
    let times = vec![0.0, 15.0, 30.0, 45.0];
    let data = ChartData { times, series: vec![series], ..ChartData::default() };
    let handle =
        yew::Renderer::<Charting>::with_root_and_props(place.clone(), ChartingProps { data })
            .render();
    // Nobody serves the drawing library here; the flows end to end draw real graphs.
    let text = || texts(&place, "[role=img][aria-label=Errors]").concat();
    wait_until(|| text().contains("The graph library did not load")).await;
    handle.destroy();
    TimeoutFuture::new(0).await;
    assert!(place.query_selector("[role=img]").unwrap().is_none(), "it goes with its component");
}
