//! A long list that is drawn block by block, so that no single task of the page is long: a visitor
//! sees the first block at once, and can scroll and type while the others come.
//!
//! When what is drawn changes, the blocks follow one by one as well; one that waits for its turn
//! shows what it showed.
//!
//! It stands alone in its element, or where nothing around it comes and goes: without any block it
//! has no place of its own, and Yew puts what comes before it where its neighbour was.

use gloo::timers::callback::Timeout;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct GradualProps {
    /// How many blocks there are.
    pub blocks: usize,
    /// Draws one of them, by its number. Another callback stands for other content.
    pub draw: Callback<usize, Html>,
}

pub struct Gradual {
    /// By what each block is drawn that is in the document.
    draws: Vec<Callback<usize, Html>>,
    /// The first block that is not up to date.
    next: usize,
    timer: Option<Timeout>,
}

/// The next block's turn.
pub struct Turn;

impl Gradual {
    fn draw_next(&mut self, props: &GradualProps) {
        match self.draws.get_mut(self.next) {
            Some(draw) => *draw = props.draw.clone(),
            None => self.draws.push(props.draw.clone()),
        }
        self.next += 1;
    }
}

impl Component for Gradual {
    type Message = Turn;
    type Properties = GradualProps;

    fn create(ctx: &Context<Self>) -> Self {
        let mut gradual = Self { draws: Vec::new(), next: 0, timer: None };
        if ctx.props().blocks > 0 {
            gradual.draw_next(ctx.props());
        }
        gradual
    }

    fn changed(&mut self, ctx: &Context<Self>, _: &Self::Properties) -> bool {
        self.next = 0;
        self.draws.truncate(ctx.props().blocks);
        if ctx.props().blocks > 0 {
            self.draw_next(ctx.props());
        }
        true
    }

    fn update(&mut self, ctx: &Context<Self>, _: Turn) -> bool {
        let more = self.next < ctx.props().blocks;
        if more {
            self.draw_next(ctx.props());
        }
        more
    }

    fn rendered(&mut self, ctx: &Context<Self>, _: bool) {
        // The page paints before the next one.
        self.timer = (self.next < ctx.props().blocks).then(|| {
            let link = ctx.link().clone();
            Timeout::new(0, move || link.send_message(Turn))
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
