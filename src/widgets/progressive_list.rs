//! A long list that is rendered block by block, so that each task is short. The first block is
//! visible at once.
//!
//! After a change, the blocks are updated one by one; the other blocks show the previous content
//! until then.
//!
//! The list must be the only child of its element, or have constant siblings: without a block it
//! has no node, and Yew inserts siblings at the wrong position.

use gloo::timers::callback::Timeout;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct ProgressiveListProps {
    /// The number of blocks.
    pub blocks: usize,
    /// Renders a block by its index. A different callback means different content.
    pub draw: Callback<usize, Html>,
}

pub struct ProgressiveList {
    /// The callback of each rendered block.
    draws: Vec<Callback<usize, Html>>,
    /// The index of the first block that is not up to date.
    next: usize,
    timer: Option<Timeout>,
}

/// Renders the next block.
pub struct RenderNext;

impl ProgressiveList {
    fn draw_next(&mut self, props: &ProgressiveListProps) {
        match self.draws.get_mut(self.next) {
            Some(draw) => *draw = props.draw.clone(),
            None => self.draws.push(props.draw.clone()),
        }
        self.next += 1;
    }
}

impl Component for ProgressiveList {
    type Message = RenderNext;
    type Properties = ProgressiveListProps;

    fn create(ctx: &Context<Self>) -> Self {
        let mut list = Self { draws: Vec::new(), next: 0, timer: None };
        if ctx.props().blocks > 0 {
            list.draw_next(ctx.props());
        }
        list
    }

    fn changed(&mut self, ctx: &Context<Self>, _: &Self::Properties) -> bool {
        self.next = 0;
        self.draws.truncate(ctx.props().blocks);
        if ctx.props().blocks > 0 {
            self.draw_next(ctx.props());
        }
        true
    }

    fn update(&mut self, ctx: &Context<Self>, _: RenderNext) -> bool {
        let more = self.next < ctx.props().blocks;
        if more {
            self.draw_next(ctx.props());
        }
        more
    }

    fn rendered(&mut self, ctx: &Context<Self>, _: bool) {
        // The browser paints before the next block is rendered.
        self.timer = (self.next < ctx.props().blocks).then(|| {
            let link = ctx.link().clone();
            Timeout::new(0, move || link.send_message(RenderNext))
        });
    }

    fn view(&self, _: &Context<Self>) -> Html {
        let blocks = self.draws.iter().enumerate();
        blocks
            .map(|(number, draw)| html! { <Block key={number} {number} draw={draw.clone()} /> })
            .collect()
    }
}

#[derive(Properties, PartialEq)]
struct BlockProps {
    number: usize,
    draw: Callback<usize, Html>,
}

#[component]
fn Block(props: &BlockProps) -> Html {
    props.draw.emit(props.number)
}
