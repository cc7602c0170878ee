//! The drawing of the lab: samples that move by pointer and keys, the window, extrapolation and
//! resets. The tables below the drawing contain the same values.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};
use yew::prelude::*;

use super::geometry::{HEIGHT, Scale};
use super::{handles, marks};
use crate::state::Shared;
use go::Duration;
use protocol::View;
use protocol::lab::LabAction;

/// The minimum and maximum width of the drawing, in SVG units.
const NARROW: f64 = 340.0;
const WIDE: f64 = 1100.0;

#[derive(Properties, PartialEq)]
pub struct DrawingProps {
    pub view: Shared<View>,
    pub change: Callback<LabAction>,
    /// The selected sample.
    #[prop_or_default]
    pub chosen: Option<u32>,
    #[prop_or_default]
    pub choose: Callback<Option<u32>>,
}

/// The element that the pointer drags.
#[derive(Clone, Copy, PartialEq)]
pub enum Held {
    Dot(u32),
    /// The window, at an offset from its end.
    Window(i64),
    /// The start of the window.
    Start,
}

/// The pointer in the drawing.
struct Pointer {
    svg: NodeRef,
    held: Rc<RefCell<Option<Held>>>,
    /// With a captured pointer, the drawing gets the double-click, not the sample under it.
    pressed: Rc<RefCell<Option<Held>>>,
    scale: Scale,
    /// The end of the window.
    end: i64,
}

impl Pointer {
    /// Returns the time and value at a point of the screen.
    fn place(&self, x: i32, y: i32) -> Option<(i64, f64)> {
        let rect = self.svg.cast::<Element>()?.get_bounding_client_rect();
        let unit = self.scale.width / rect.width().max(1.0);
        let (x, y) = ((f64::from(x) - rect.left()) * unit, (f64::from(y) - rect.top()) * unit);
        Some(self.scale.under(x, y))
    }

    /// Returns the change of a movement.
    fn drag(&self, event: &PointerEvent) -> Option<LabAction> {
        let held = (*self.held.borrow())?;
        let (at, value) = self.place(event.client_x(), event.client_y())?;
        Some(match held {
            Held::Dot(id) => LabAction::Move { id, at, value },
            Held::Window(off) => LabAction::Evaluate(at + off),
            Held::Start => LabAction::Range(Duration(((self.end - at) / 1000).max(1) * 1000)),
        })
    }

    fn grab(&self, event: &PointerEvent, held: Held) {
        event.prevent_default();
        event.stop_propagation();
        let held = match (held, self.place(event.client_x(), event.client_y())) {
            (Held::Window(_), Some((at, _))) => Held::Window(self.end - at),
            (held, _) => held,
        };
        *self.held.borrow_mut() = Some(held);
        *self.pressed.borrow_mut() = Some(held);
        if let Some(svg) = self.svg.cast::<Element>() {
            // Without the capture a drag ends at the edge of the drawing.
            let _ = svg.set_pointer_capture(event.pointer_id());
        }
        focus(event);
    }

    /// Returns the change of a double-click: removes a sample or adds one.
    fn double_click(&self, event: &MouseEvent) -> Option<LabAction> {
        if let Some(Held::Dot(id)) = *self.pressed.borrow() {
            return Some(LabAction::Drop(id));
        }
        let (at, value) = self.place(event.client_x(), event.client_y())?;
        Some(LabAction::Add { at, value })
    }
}

#[component]
pub fn Drawing(props: &DrawingProps) -> Html {
    let svg = use_node_ref();
    let held = use_mut_ref(|| None::<Held>);
    let pressed = use_mut_ref(|| None::<Held>);
    let width = use_width(&svg);
    let View::RateLab(view) = &*props.view else { return Html::default() };
    let scale = Scale::of(view, width);
    let pointer = Rc::new(Pointer { svg: svg.clone(), held, pressed, scale, end: view.end });
    let onpointermove = {
        let (pointer, change) = (pointer.clone(), props.change.clone());
        move |event: PointerEvent| pointer.drag(&event).into_iter().for_each(|one| change.emit(one))
    };
    let release = {
        let pointer = pointer.clone();
        move |_: PointerEvent| *pointer.held.borrow_mut() = None
    };
    let grab = {
        let (pointer, choose) = (pointer.clone(), props.choose.clone());
        Callback::from(move |(event, held): (PointerEvent, Held)| {
            if let Held::Dot(id) = held {
                choose.emit(Some(id));
            }
            pointer.grab(&event, held);
        })
    };
    let ondblclick = {
        let (pointer, change) = (pointer.clone(), props.change.clone());
        move |event: MouseEvent| {
            pointer.double_click(&event).into_iter().for_each(|one| change.emit(one));
        }
    };
    let onpointerdown = move |_: PointerEvent| *pointer.pressed.borrow_mut() = None;
    html! {
        <svg ref={svg} class="lab" viewBox={format!("0 0 {:.0} {HEIGHT}", scale.width)} role="group"
            aria-label="Samples over time, with the window that is evaluated"
            {onpointerdown} {onpointermove} onpointerup={release.clone()} onpointercancel={release} {ondblclick}>
            { marks::axes(scale) }
            { handles::window(scale, view, &grab, &props.change) }
            { marks::truth(scale, view) }
            { marks::lanes(scale, view) }
            <polyline class="line" points={marks::points(scale, view.dots.iter().map(|dot| (dot.at as f64, dot.value)))} />
            { for view.resets.iter().map(|one| marks::fall(scale, one)) }
            { marks::lifted(scale, view) }
            { for marks::overlays(view).map(|(place, one)| html! {
                <polyline class={classes!("overlay", format!("o{place}"))} points={marks::points(scale, one.path.iter().copied())} />
            }) }
            { marks::result(scale, view) }
            { for view.missed.iter().map(|one| handles::missed(scale, one, &props.change)) }
            { for view.dots.iter().map(|dot| handles::sample(scale, dot, view, props, &grab)) }
        </svg>
    }
}

/// Returns the width of the drawing on the screen and follows its changes.
#[hook]
fn use_width(svg: &NodeRef) -> f64 {
    let width = use_state_eq(|| 720.0);
    let (svg, set) = (svg.clone(), width.setter());
    use_effect_with((), move |()| {
        let measure = move || {
            if let Some(svg) = svg.cast::<Element>() {
                let found = svg.get_bounding_client_rect().width();
                if found > 0.0 {
                    set.set(found.clamp(NARROW, WIDE).round());
                }
            }
        };
        measure();
        let listener = web_sys::window()
            .map(|window| gloo::events::EventListener::new(&window, "resize", move |_| measure()));
        move || drop(listener)
    });
    *width
}

fn focus(event: &PointerEvent) {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::SvgElement>().ok());
    if let Some(target) = target {
        // An element that is not focusable is ignored.
        let _ = target.focus();
    }
}
