//! Small widgets, drawn and used.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::timers::future::TimeoutFuture;
use playground::storage;
use playground::widgets::inline_code::inline_code;
use playground::widgets::sparkline::{Sparkline, SparklineProps};
use playground::widgets::tabs::tab_keys;
use playground::widgets::virtual_table::{ROW, VirtualTable};
use protocol::pages::query::Line;
use wasm_bindgen_test::wasm_bindgen_test;
use yew::prelude::*;

use super::{find, place, press, texts, wait_until};

#[wasm_bindgen_test]
async fn a_small_graph_has_gaps_where_there_is_no_value() {
    let place = place();
    let values = vec![Some(0.0), Some(2.0), None, Some(1.0)];
    let props = SparklineProps {
        lines: vec![Line { label: String::new(), values }],
        points: 4,
        label: "errors".into(),
    };
    yew::Renderer::<Sparkline>::with_root_and_props(place.clone(), props).render();
    TimeoutFuture::new(0).await;
    let path = find(&place, "svg[aria-label=errors] path").get_attribute("d").unwrap();
    assert_eq!(path.matches('M').count(), 2, "{path}");
    assert_eq!(path.matches('L').count(), 1, "{path}");
}

#[derive(Properties, PartialEq)]
struct Heard<T: PartialEq> {
    #[prop_or_default]
    heard: Rc<RefCell<Vec<T>>>,
}

#[component]
fn Tabs(props: &Heard<usize>) -> Html {
    let heard = props.heard.clone();
    let keys = tab_keys(3, 2, Callback::from(move |tab| heard.borrow_mut().push(tab)));
    html! {
        <div role="tablist" onkeydown={keys}>
            <button role="tab" id="a">{ "a" }</button><button role="tab">{ "b" }</button>
            <button role="tab" id="c">{ "c" }</button>
        </div>
    }
}

#[wasm_bindgen_test]
async fn arrows_choose_a_tab_and_take_the_focus_along() {
    let (place, heard) = (place(), Rc::default());
    let props = Heard { heard: Rc::clone(&heard) };
    yew::Renderer::<Tabs>::with_root_and_props(place.clone(), props).render();
    TimeoutFuture::new(0).await;
    for key in ["ArrowRight", "ArrowLeft", "Home", "End", "x"] {
        press(&find(&place, "#c"), key);
        if key == "ArrowRight" {
            let focused = find(&place, "#a").owner_document().unwrap().active_element().unwrap();
            assert_eq!(focused.id(), "a", "behind the last comes the first");
        }
    }
    assert_eq!(*heard.borrow(), [0, 1, 0, 2]);
}

#[component]
fn Long(props: &Heard<u32>) -> Html {
    let heard = props.heard.clone();
    let onmove = Callback::from(move |first| heard.borrow_mut().push(first));
    html! {
        <div style="height: 300px">
            <VirtualTable label="Many" head={html! { <tr><th>{ "Name" }</th></tr> }} columns=1 total=5000
                first=0 shown=40 opened=0 {onmove}>
                { for (0..40).map(|row| html! {
                    <tr data-row={row.to_string()}><td style="height: 60px">{ row }</td></tr>
                }) }
            </VirtualTable>
        </div>
    }
}

#[wasm_bindgen_test]
async fn a_long_table_holds_few_rows_and_asks_for_those_in_view() {
    let (place, heard) = (place(), Rc::default());
    let props = Heard { heard: Rc::clone(&heard) };
    yew::Renderer::<Long>::with_root_and_props(place.clone(), props).render();
    TimeoutFuture::new(0).await;
    assert_eq!(texts(&place, "tr[data-row]").len(), 40);
    let table = find(&place, ".virtual-table");
    // The page's style sheet is not here; it is what makes the table scroll.
    table.set_attribute("style", "height: 300px; overflow: auto").unwrap();
    assert!(table.scroll_height() as u32 > 4_900 * ROW, "as high as all rows would be");
    table.set_scroll_top((1_000 * ROW) as i32);
    let asked = || heard.borrow().last().copied();
    wait_until(|| asked().is_some_and(|first| (950..1_000).contains(&first))).await;
}

#[component]
fn Words(_: &()) -> Html {
    inline_code("set `<b>` to `1`")
}

#[wasm_bindgen_test]
async fn only_backticks_are_markup() {
    let place = place();
    yew::Renderer::<Words>::with_root(place.clone()).render();
    TimeoutFuture::new(0).await;
    assert_eq!(texts(&place, "code"), ["<b>", "1"]);
    assert!(place.query_selector("b").unwrap().is_none());
}

#[wasm_bindgen_test]
fn what_is_kept_comes_back_and_nonsense_does_not() {
    use storage::Kind;
    const KEY: &str = "playground.test";
    storage::save(Kind::Local, KEY, &vec!["é\0🎁".to_owned()]).unwrap();
    assert_eq!(storage::load::<Vec<String>>(Kind::Local, KEY), Some(vec!["é\0🎁".to_owned()]));
    assert_eq!(storage::load::<u32>(Kind::Local, KEY), None);
    assert_eq!(storage::load::<u32>(Kind::Local, "playground.absent"), None);
    // Five megabytes are what a browser gives a page.
    let full = storage::save(Kind::Local, KEY, &"x".repeat(12 << 20));
    assert_eq!(full, Err("the storage of the browser is full".to_owned()));
    web_sys::window().unwrap().local_storage().unwrap().unwrap().remove_item(KEY).unwrap();
}
