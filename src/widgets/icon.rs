//! Icons as SVG paths. They have the color of the text and are hidden from screen readers.

use yew::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    Auto,
    Sun,
    Moon,
    Help,
    Share,
    Play,
    Pause,
    Step,
    Plus,
    More,
    Close,
    Notes,
    Workspaces,
}

/// The path, in a box of 16 by 16.
fn path(icon: Icon) -> &'static str {
    match icon {
        Icon::Auto => {
            "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zm0 0v12.4M8 5h4.6M8 8h6M8 11h4.6"
        }
        Icon::Sun => {
            "M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.2 1.2M11.8 11.8 13 13M13 3l-1.2 1.2M4.2 11.8 3 13"
        }
        Icon::Moon => "M13.6 9.6A6 6 0 0 1 6.4 2.4a6 6 0 1 0 7.2 7.2z",
        Icon::Help => "M5.8 6a2.2 2.2 0 1 1 3.2 2c-.7.4-1 .8-1 1.6M8 12.2v.1",
        Icon::Share => "M8 10V2M4.8 4.8 8 1.8l3.2 3M3 9v4.2h10V9",
        Icon::Play => "M4.5 2.6v10.8L13 8z",
        Icon::Pause => "M4 2.8h2.8v10.4H4zM9.2 2.8H12v10.4H9.2z",
        Icon::Step => "M3 3v10l6.5-5zM11 3h2v10h-2z",
        Icon::Plus => "M8 3v10M3 8h10",
        Icon::More => "M3 8h.6M7.7 8h.6M12.4 8h.6",
        Icon::Close => "M4 4l8 8M12 4l-8 8",
        Icon::Workspaces => "M2 4.2h4l1.4 1.8H14v7H2zM2 4.2V3h5.4l1.2 1.4",
        Icon::Notes => "M2.5 4h6M2.5 8h4M2.5 12h7M11.5 4h2M9 8h4.5M12 12h1.5",
    }
}

pub fn icon(icon: Icon) -> Html {
    let solid = matches!(icon, Icon::Play | Icon::Pause | Icon::Step).then_some("solid");
    html! { <svg class={classes!(solid)} viewBox="0 0 16 16" aria-hidden="true"><path d={path(icon)} /></svg> }
}
