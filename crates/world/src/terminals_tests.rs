//! Terminals while time passes.

use terminal::shell::Printed;

use crate::pod_tests::world;
use crate::settle_tests::DEPLOYMENT;
use crate::{Screen, World};

fn text(screen: &Screen) -> String {
    let text = |piece: &Printed| match piece {
        Printed::Out(text) | Printed::Err(text) => text.clone(),
    };
    screen.printed.iter().map(text).collect()
}

fn started() -> World {
    let mut world = world(DEPLOYMENT);
    world.advance(world.now() + 60_000);
    world
}

#[test]
fn the_output_does_not_depend_on_the_steps() {
    let line = "kubectl rollout restart deploy/web; kubectl rollout status deploy/web; echo $?";
    let outputs = [1, 250, 60_000].map(|step| {
        let mut world = started();
        let end = world.now() + 60_000;
        assert!(world.run_in_terminal(1, line));
        assert!(!world.run_in_terminal(1, "echo"), "a command runs");
        let mut all = String::new();
        while world.now() < end && world.runs_commands() {
            world.advance((world.now() + step).min(end));
            all.push_str(&text(&world.take_screen(1)));
        }
        all
    });
    assert!(outputs[0].ends_with("successfully rolled out\n0\n"), "{}", outputs[0]);
    assert_eq!(outputs[0], outputs[1]);
    assert_eq!(outputs[0], outputs[2]);
}

#[test]
fn a_log_is_followed_until_its_pod_is_gone() {
    let mut world = started();
    assert!(world.run_in_terminal(1, "kubectl logs -f deploy/web; echo $?"));
    world.advance(world.now() + 10_000);
    assert!(world.runs_commands());
    world.command("kubectl delete pod -l app=web --grace-period=1");
    world.advance(world.now() + 10_000);
    assert!(!world.runs_commands());
    assert!(text(&world.take_screen(1)).ends_with("0\n"));
}

#[test]
fn a_forward_ends_with_its_pod_and_holds_its_port() {
    let mut world = started();
    assert!(world.run_in_terminal(1, "kubectl port-forward deploy/web 8080:80"));
    assert!(world.run_in_terminal(2, "kubectl port-forward deploy/web 8080:80"));
    let second = text(&world.take_screen(2));
    assert!(second.contains("address already in use"), "{second}");
    assert!(second.ends_with("unable to listen on any of the requested ports: [{8080 80}]\n"));
    world.command("kubectl delete pod -l app=web --grace-period=1");
    world.advance(world.now() + 10_000);
    let first = world.take_screen(1);
    assert!(text(&first).ends_with("error: lost connection to pod\n"), "{first:?}");
    assert!(!first.running && first.exit == 1);
    assert!(world.run_in_terminal(2, "kubectl port-forward deploy/web 8080:80"));
    assert!(world.runs_commands());
    world.interrupt(2);
    assert!(!world.runs_commands() && world.take_screen(2).exit == 130);
}

#[test]
fn a_loop_over_programs_is_divided_and_the_settled_world_has_none() {
    let mut world = started();
    let before = world.now();
    assert!(world.run_in_terminal(1, "for i in {1..120}; do kubectl version; done; echo $?"));
    assert!(world.runs_commands());
    assert!(!world.settled().world.runs_commands());
    world.advance(before + 499);
    assert!(world.runs_commands());
    world.advance(before + 500);
    assert!(!world.runs_commands());
    assert!(text(&world.take_screen(1)).ends_with("\n0\n"));
    let mut closed = started();
    for terminal in 0..crate::terminals::MOST_TERMINALS as u32 {
        assert!(closed.run_in_terminal(terminal, "sleep 100"));
    }
    assert!(!closed.run_in_terminal(99, "echo"));
    closed.close_terminal(0);
    assert!(closed.run_in_terminal(99, "echo"));
}
