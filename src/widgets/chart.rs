//! A line chart, drawn by uPlot.

use js_sys::{Array, Float64Array};
use wasm_bindgen::prelude::*;
use yew::prelude::*;

#[wasm_bindgen(module = "/bundle/chart.js")]
extern "C" {
    type Chart;
    #[wasm_bindgen(constructor)]
    fn new(parent: &web_sys::Element, on_hover: &JsValue) -> Chart;
    #[wasm_bindgen(method)]
    fn update(this: &Chart, spec: &str, columns: &Array);
    #[wasm_bindgen(method)]
    fn destroy(this: &Chart);
}

/// Series over a common time axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChartData {
    /// Seconds, in ascending order.
    pub times: Vec<f64>,
    pub series: Vec<ChartSeries>,
    /// The range of the time axis in seconds. By default, the range of the data.
    pub min: Option<f64>,
    pub max: Option<f64>,
    /// Draws steps: a value holds until the next value.
    pub stepped: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChartSeries {
    pub label: String,
    /// One value for each time. NaN is a gap.
    pub values: Vec<f64>,
    /// The index of the color, from 0. The class of its key in a legend is `k1` for index 0.
    pub color: usize,
    pub dash: bool,
    /// Draws a dot at every value.
    pub points: bool,
}

impl ChartData {
    fn spec(&self) -> String {
        let series: Vec<_> = self
            .series
            .iter()
            .map(|series| {
                serde_json::json!({
                    "label": series.label,
                    "color": series.color,
                    "dash": series.dash,
                    "points": series.points,
                })
            })
            .collect();
        serde_json::json!({
            "series": series,
            "min": self.min,
            "max": self.max,
            "stepped": self.stepped,
        })
        .to_string()
    }

    fn columns(&self) -> Array {
        let columns = Array::new();
        columns.push(&Float64Array::from(self.times.as_slice()));
        for series in &self.series {
            columns.push(&Float64Array::from(series.values.as_slice()));
        }
        columns
    }
}

#[derive(Properties, PartialEq)]
pub struct LineChartProps {
    pub data: ChartData,
    /// The description for screen readers.
    pub label: AttrValue,
    /// Called with the index of the time under the pointer.
    #[prop_or_default]
    pub on_hover: Callback<Option<usize>>,
    #[prop_or(classes!("chart"))]
    pub class: Classes,
}

/// A chart that fills its parent. A table or a sentence beside it must describe the data, because
/// screen readers get only the label.
#[component]
pub fn LineChart(props: &LineChartProps) -> Html {
    let node = use_node_ref();
    let chart = use_mut_ref(|| None::<Mounted>);
    {
        let (node, chart, on_hover) = (node.clone(), chart.clone(), props.on_hover.clone());
        use_effect_with((), move |()| {
            if let Some(element) = node.cast::<web_sys::Element>() {
                let hover =
                    Closure::new(move |index: i32| on_hover.emit(usize::try_from(index).ok()));
                let inner = Chart::new(&element, Closure::as_ref(&hover));
                *chart.borrow_mut() = Some(Mounted { inner, _hover: hover });
            }
            move || drop(chart.borrow_mut().take())
        });
    }
    use_effect_with(props.data.clone(), move |data| {
        if let Some(mounted) = &*chart.borrow() {
            mounted.inner.update(&data.spec(), &data.columns());
        }
    });
    html! { <div ref={node} class={props.class.clone()} role="img" aria-label={props.label.clone()} /> }
}

/// The chart and its callback.
struct Mounted {
    inner: Chart,
    _hover: Closure<dyn FnMut(i32)>,
}

impl Drop for Mounted {
    fn drop(&mut self) {
        self.inner.destroy();
    }
}
