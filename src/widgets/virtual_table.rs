//! A table of any length that renders only the rows in view. All rows have the same height, so that
//! the position of each row is known. The caller renders the rows that `onmove` requests.

use web_sys::{Element, HtmlElement};
use yew::prelude::*;

/// Height of a row and of its details, in CSS pixels. The style sheet has the same values.
pub const ROW: u32 = 60;
pub const DETAILS: u32 = 240;
/// The number of rows above the visible ones, and the step by which the first row changes.
const BEFORE: u32 = 15;
const STEP: u32 = 5;

#[derive(Properties, PartialEq)]
pub struct VirtualTableProps {
    pub label: String,
    /// The header row.
    pub head: Html,
    pub columns: u32,
    pub total: u32,
    /// The index of the first row in `children`, and the number of rows.
    pub first: u32,
    pub shown: u32,
    /// The number of rows before `first` with details.
    pub opened: u32,
    /// Requests rows from another index.
    pub onmove: Callback<u32>,
    /// Rows of the table, each with `data-row` and `aria-rowindex`.
    pub children: Html,
}

#[component]
pub fn VirtualTable(props: &VirtualTableProps) -> Html {
    let scroller = use_node_ref();
    let requested = use_mut_ref(|| props.first);
    {
        // A different filter starts at the first row.
        let (scroller, first) = (scroller.clone(), props.first);
        use_effect_with(props.total, move |_| {
            if first == 0
                && let Some(element) = scroller.cast::<Element>()
                && element.scroll_top() as u32 > (BEFORE + STEP) * ROW
            {
                element.set_scroll_top(0);
            }
        });
    }
    let onscroll = {
        let (scroller, requested, onmove) = (scroller.clone(), requested, props.onmove.clone());
        let (opened, shown) = (props.opened, props.shown);
        Callback::from(move |_: Event| {
            let Some(element) = scroller.cast::<HtmlElement>() else { return };
            let top = (element.scroll_top().max(0) as u32).saturating_sub(opened * DETAILS);
            let wanted = first_for(top);
            if *requested.borrow() == wanted {
                return;
            }
            *requested.borrow_mut() = wanted;
            keep_focus(&element, wanted..wanted + shown);
            onmove.emit(wanted);
        })
    };
    let above = props.first * ROW + props.opened * DETAILS;
    let below = props.total.saturating_sub(props.first + props.shown) * ROW;
    let columns = props.columns.to_string();
    html! {
        <div class="virtual-table" ref={scroller} tabindex="0" role="region" aria-label={props.label.clone()} {onscroll}>
            <table aria-rowcount={(props.total + 1).to_string()}>
                <thead>{ props.head.clone() }</thead>
                <tbody aria-hidden="true"><tr><td class="space" colspan={columns.clone()} height={above.to_string()} /></tr></tbody>
                <tbody>{ props.children.clone() }</tbody>
                <tbody aria-hidden="true"><tr><td class="space" colspan={columns} height={below.to_string()} /></tr></tbody>
            </table>
        </div>
    }
}

/// Returns the index of the first rendered row for a scroll position.
const fn first_for(top: u32) -> u32 {
    let first = (top / ROW).saturating_sub(BEFORE);
    first - first % STEP
}

/// Moves the focus to the table if the focused row is removed.
fn keep_focus(element: &HtmlElement, stays: std::ops::Range<u32>) {
    let document = element.owner_document();
    let Some(active) = document.and_then(|document| document.active_element()) else { return };
    if !element.contains(Some(&active)) {
        return;
    }
    let row = active.closest("[data-row]").ok().flatten();
    let number = row.and_then(|row| row.get_attribute("data-row")?.parse::<u32>().ok());
    if number.is_some_and(|number| !stays.contains(&number)) {
        drop(element.focus());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_before_the_view_are_there_and_the_window_moves_by_steps() {
        assert_eq!(first_for(0), 0);
        assert_eq!(first_for(ROW * BEFORE), 0);
        assert_eq!(first_for(ROW * (BEFORE + STEP)), STEP);
        assert_eq!(first_for(ROW * (BEFORE + STEP + 1)), STEP);
        assert_eq!(first_for(ROW * 5_000), 4_985);
    }
}
