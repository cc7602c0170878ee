//! Goes to a place that an address names.

use super::super::address::{Address, Place};
use super::super::{Effect, Page, Side, State};
use super::{activate, advance, graph, seek, show, workspaces};
use text::{Location, Span};

/// Opens what the address names, and goes to its place. A place in work that is still to be opened
/// waits for it.
pub(super) fn follow(state: &mut State, address: Address) -> Vec<Effect> {
    state.read_only = address.read_only;
    let waits = address.lesson.is_some();
    state.place = Some(address.place);
    let mut effects = match address.scenario {
        Some(name) if !waits => workspaces::open_scenario(state, &name),
        _ => Vec::new(),
    };
    if !waits && state.opening.is_none() {
        effects.extend(arrive(state));
    }
    effects
}

/// Goes to the place that waits for the work which is now open.
pub(super) fn arrive(state: &mut State) -> Vec<Effect> {
    state.place.take().map_or_else(Vec::new, |place| go(state, place))
}

fn go(state: &mut State, place: Place) -> Vec<Effect> {
    let Place { page, query, file, line, at } = place;
    let side = state.preferences.side;
    let results = page.is_some() || query.is_some();
    let mut effects = Vec::new();
    if let Some(at) = at {
        effects.extend(move_to(state, at));
    }
    if let Some(query) = query {
        effects.extend(graph(state, query));
    }
    if let Some(page) = page.filter(|page| *page != state.preferences.page) {
        effects.extend(show(state, page));
    }
    if let Some(name) = file {
        effects.extend(open_file(state, &name, line));
        // Explain follows the cursor.
        if state.preferences.page == Page::Explain {
            effects.extend(show(state, Page::Explain));
        }
        state.preferences.side = if results { Side::Results } else { Side::Text };
    }
    // On a narrow screen a lesson begins with its task.
    if state.lesson.is_some() {
        state.preferences.side = side;
    }
    effects
}

/// Moves simulated time. Going back drops what happened later, so changed work stays where it is.
fn move_to(state: &mut State, at: u64) -> Vec<Effect> {
    let now = state.log().now;
    if at >= now {
        return if at > now { advance(state, at - now) } else { Vec::new() };
    }
    if state.is_changed() && state.past.events.iter().any(|event| event.at > at) {
        state.notify(
            "The moment of the address is before events of your work; time stays as it is.",
        );
        return Vec::new();
    }
    seek(state, at)
}

fn open_file(state: &mut State, name: &str, line: Option<u32>) -> Vec<Effect> {
    let Some(document) = state.documents.iter().find(|document| document.name == name).cloned()
    else {
        state.notify(format!("The address names the file {name}, which does not exist."));
        return Vec::new();
    };
    let mut effects = activate(state, document.id);
    let Some(line) = line else { return effects };
    let mut starts =
        std::iter::once(0).chain(document.text.match_indices('\n').map(|(at, _)| at + 1));
    let Some(start) = starts.nth(line as usize - 1) else {
        let lines = document.text.lines().count();
        state.notify(format!("The address names line {line} of {name}, which has {lines} lines."));
        return effects;
    };
    let rest = document.text.get(start..).unwrap_or_default();
    let end = start + rest.find('\n').unwrap_or(rest.len());
    let span = Span { start: start as u32, end: end as u32 };
    state.cursor = span.start;
    effects.push(Effect::Reveal { location: Location { file: document.id, span }, focus: false });
    effects
}

#[cfg(test)]
mod tests {
    use super::super::super::{Action, update};
    use super::*;
    use protocol::{PageQuery, Request};

    fn opened() -> State {
        let mut state = State::empty();
        update(&mut state, Action::OpenScenario("giftcard".into()));
        state
    }

    fn address(place: Place) -> Action {
        Action::FollowAddress(Box::new(Address { place, ..Address::default() }))
    }

    #[test]
    fn a_place_is_shown() {
        let mut state = opened();
        let name = state.documents[1].name.clone();
        let place = Place {
            page: Some(Page::Targets),
            query: Some("sum(up)".into()),
            file: Some(name),
            line: Some(2),
            at: Some(60_000),
        };
        let effects = update(&mut state, address(place));
        assert_eq!(state.active, state.documents[1].id);
        assert_eq!(state.preferences.page, Page::Targets);
        assert_eq!(state.preferences.side, Side::Results);
        let asked = state.page_queries.iter().any(|(page, query)| {
            *page == Page::Query
                && matches!(query, PageQuery::Query(one) if one.query.as_deref() == Some("sum(up)"))
        });
        assert!(asked);
        assert!(effects.contains(&Effect::Send(Request::Advance { millis: 60_000 })));
        let first = state.documents[1].text.find('\n').unwrap() as u32 + 1;
        let revealed = effects.iter().any(|effect| {
            matches!(effect, Effect::Reveal { location, .. } if location.span.start == first)
        });
        assert!(revealed, "{effects:?}");
    }

    #[test]
    fn places_that_do_not_exist_are_named() {
        for (place, part) in [
            (
                Place { file: Some("none.yml".into()), ..Place::default() },
                "none.yml, which does not",
            ),
            (
                Place {
                    file: Some("prometheus.yaml".into()),
                    line: Some(9_999),
                    ..Place::default()
                },
                "line 9999",
            ),
        ] {
            let mut state = opened();
            if place.line.is_some() {
                let name = state.documents[0].name.clone();
                update(&mut state, address(Place { file: Some(name), ..place }));
            } else {
                update(&mut state, address(place));
            }
            assert!(state.notifications.iter().any(|one| one.text.contains(part)), "{part}");
        }
    }

    #[test]
    fn changed_work_is_asked_about_first_and_the_place_waits() {
        let mut state = opened();
        let file = state.documents[0].id;
        update(&mut state, Action::Typed { file, text: "# mine\n".into() });
        let place = Place { page: Some(Page::Rules), ..Place::default() };
        let named = Address { scenario: Some("populare".into()), place, ..Address::default() };
        update(&mut state, Action::FollowAddress(Box::new(named.clone())));
        assert!(state.opening.is_some(), "the question");
        assert_ne!(state.preferences.page, Page::Rules);
        let mut kept = state.clone();
        update(&mut kept, Action::OpenDialog(None));
        assert_eq!((kept.place.clone(), &*kept.documents[0].text), (None, "# mine\n"));
        update(&mut state, Action::ConfirmOpening);
        assert_eq!((&*state.scenario, state.preferences.page), ("populare", Page::Rules));
    }

    #[test]
    fn files_of_a_read_only_page_do_not_change() {
        let mut state = opened();
        let before = state.documents.clone();
        let named = Address { read_only: true, ..Address::default() };
        update(&mut state, Action::FollowAddress(Box::new(named)));
        let file = state.documents[0].id;
        update(&mut state, Action::Typed { file, text: "# mine\n".into() });
        update(&mut state, Action::NewFile("other.yml".into()));
        update(&mut state, Action::CloseFile(file));
        assert_eq!(state.documents, before);
        assert!(!state.notifications.is_empty());
    }
}
