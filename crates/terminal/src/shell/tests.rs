//! Tests of command lines on a world without a cluster.

use std::collections::BTreeMap;

use super::{Job, Shell, World};
use crate::Output;
use crate::kubectl::Process;

/// Files, a clock, and a program that prints its words and its input.
#[derive(Default)]
struct Desk {
    files: BTreeMap<String, String>,
    now: i64,
}

impl World for Desk {
    fn read_file(&self, path: &str) -> Option<String> {
        self.files.get(path).cloned()
    }

    fn list_folder(&self, path: &str) -> Option<Vec<String>> {
        path.is_empty().then(|| self.files.keys().cloned().collect())
    }

    fn write_file(&mut self, path: &str, text: &str) -> Result<(), String> {
        if path.starts_with("/etc") {
            return Err("Permission denied".to_owned());
        }
        self.files.insert(path.to_owned(), text.to_owned());
        Ok(())
    }

    fn start(&mut self, words: &[String], stdin: &str) -> Option<Job> {
        let (name, rest) = words.split_first()?;
        let mut output = Output::default();
        match name.as_str() {
            "show" => output.out(format!("<{}>{stdin}", rest.join("|"))),
            "fail" => {
                output.err("failed");
                output.exit = 3;
            }
            _ => return None,
        }
        Some(Job::Ended(output))
    }

    fn poll(&mut self, _: &mut Process) {}

    fn now(&self) -> i64 {
        self.now
    }

    fn programs(&self) -> &[&'static str] {
        &["kubectl", "show", "fail"]
    }
}

fn run(text: &str) -> Output {
    let mut desk = Desk::default();
    desk.files.insert("a.txt".to_owned(), "one\ntwo\nthree\n".to_owned());
    desk.files.insert("b.txt".to_owned(), "b\n".to_owned());
    desk.files.insert("s.sh".to_owned(), "echo $1 of $#\nexit 4\n".to_owned());
    Shell::default().run(text, &mut desk)
}

#[test]
fn command_lines_print_what_a_shell_prints() {
    for (text, stdout) in [
        ("show a 'b c' \"d e\" f\\ g", "<a|b c|d e|f g>\n"),
        ("show a\\\n  b", "<a|b>\n"),
        ("show a # comment", "<a>\n"),
        ("X=1; show $X ${X}2 '$X' \"$X\" $NONE", "<1|12|$X|1>\n"),
        ("X='a b'; show $X \"$X\"", "<a|b|a b>\n"),
        ("fail; show $?", "<3>\n"),
        ("show a && show b || show c", "<a>\n<b>\n"),
        ("fail && show b || show c", "<c>\n"),
        ("! fail && show x", "<x>\n"),
        ("show $(echo a b)", "<a|b>\n"),
        ("show \"$(echo \"a b\")\"", "<a b>\n"),
        ("show `echo x`", "<x>\n"),
        ("X=4; show $((X + 2 * (3 - 1))) \"$((10 % 4))\"", "<8|2>\n"),
        ("show ${NONE:-other} ${HOME}", "<other|/home/user>\n"),
        ("sudo show a", "<a>\n"),
        ("echo 'one a' | sed 's/o\\(n\\)e/[\\1&]/'", "[none] a\n"),
        ("cat a.txt | sed -n '2p'", "two\n"),
        ("cat a.txt | sed '/t/d; s/o/0/g'", "0ne\n"),
        ("sed -E 's#(t)(w|h)#\\2\\1#' a.txt", "one\nwto\nhtree\n"),
        ("echo 'a  b c' | awk '{print $2, $NF}'", "b c\n"),
        ("cat a.txt | awk 'NR>1{print \"l:\" $1}'", "l:two\nl:three\n"),
        ("echo a:b | awk -F: '{print $2}'", "b\n"),
        ("cat a.txt | xargs show", "<one|two|three>\n"),
        ("cat a.txt | xargs -n 2 show", "<one|two>\n<three>\n"),
        ("cat a.txt | xargs -I {} show x{}", "<xone>\n<xtwo>\n<xthree>\n"),
        ("date; date +%F-%s", "Thu Jan  1 00:00:00 UTC 1970\n1970-01-01-0\n"),
        ("which show; command -v none; echo $?; whoami", "/usr/local/bin/show\n1\nuser\n"),
        ("f() { show $1 of $#; return 3; show no; }; f a b; show $?", "<a|of|2>\n<3>\n"),
        ("function f {\n  echo $1\n}\nf x | show", "<>x\n\n"),
        ("{ echo a; echo b; }", "a\nb\n"),
        ("bash -c 'set -e; fail || true; echo a; fail; echo b'; echo $?", "a\n3\n"),
        ("for i in {1..3}; do echo $i; done", "1\n2\n3\n"),
        ("for i in a b\ndo\n  for j in 1 2; do echo -n $i$j; done\ndone", "a1a2b1b2"),
        ("if fail; then echo y; elif true; then echo e; else echo n; fi", "e\n"),
        ("if [ 2 -gt 1 ]; then echo y; fi", "y\n"),
        ("if test -f a.txt; then echo y; fi; echo $?", "y\n0\n"),
        ("while false; do echo x; done; echo $?", "0\n"),
        ("cat a.txt | grep -v two | wc -l", "2\n"),
        ("cat a.txt | head -n 1", "one\n"),
        ("cat a.txt | tail -1", "three\n"),
        ("sort a.txt", "one\nthree\ntwo\n"),
        ("echo -e 'b 2\\na 10' | sort -k2 -n", "b 2\na 10\n"),
        ("grep -A 1 one a.txt", "one\ntwo\n"),
        ("grep -c o a.txt", "2\n"),
        ("grep -E 'one|three' a.txt", "one\nthree\n"),
        ("grep 'one\\|two' a.txt", "one\ntwo\n"),
        ("grep -n two a.txt", "2:two\n"),
        ("grep -o 't[a-z]*' a.txt", "two\nthree\n"),
        ("show *.txt", "<a.txt|b.txt>\n"),
        ("show *.none", "<*.none>\n"),
        ("cat <<EOF\na $?\nEOF\necho b", "a 0\nb\n"),
        ("cat <<'EOF'\na $X\nEOF", "a $X\n"),
        ("show < b.txt", "<>b\n\n"),
        ("echo x > new.txt; echo y >> new.txt; cat new.txt", "x\ny\n"),
        ("fail 2>&1 | cat", "failed\n"),
        ("fail > out.txt 2>&1; cat out.txt", "failed\n"),
        ("bash s.sh x y; echo $?", "x of 2\n4\n"),
        ("exit 3; echo never", ""),
        ("echo aGk= | base64 -d", "hi"),
        ("echo a:b:c | cut -d: -f2", "b\n"),
        ("printf '%s-%s\\n' a b", "a-b\n"),
        ("echo abc | tr a-z A-Z", "ABC\n"),
        ("less a.txt | head -1", "one\n"),
        ("grep -B 1 three a.txt", "two\nthree\n"),
        ("seq 2 2 6", "2\n4\n6\n"),
        ("for i in $(seq 2); do echo $i; done", "1\n2\n"),
        ("chmod +x s.sh && ./s.sh a || echo $?", "a of 1\n4\n"),
    ] {
        let output = run(text);
        assert_eq!(output.stdout, stdout, "{text}: {}", output.stderr);
    }
}

#[test]
fn mistakes_are_told_in_one_line() {
    for (text, stderr, exit) in [
        ("kubctl get", "bash: kubctl: command not found, did you mean kubectl?\n", 127),
        ("frobnicate", "bash: frobnicate: command not found\n", 127),
        ("echo 'a", "bash: unexpected EOF while looking for matching `''\n", 2),
        ("echo a |", "bash: syntax error: unexpected end of file\n", 2),
        ("if true; then", "bash: syntax error: unexpected end of file\n", 2),
        ("done", "bash: syntax error near unexpected token `done'\n", 2),
        ("echo a )", "bash: syntax error near unexpected token `)'\n", 2),
        (
            "show a &",
            "bash: commands cannot run in the background here: open a second terminal\n",
            2,
        ),
        ("cat nothing", "cat: nothing: No such file or directory\n", 1),
        ("echo x > /etc/x", "bash: /etc/x: Permission denied\n", 1),
        ("grep", "grep: a pattern is missing\n", 2),
    ] {
        let output = run(text);
        assert_eq!((output.stderr.as_str(), output.exit), (stderr, exit), "{text}");
    }
}

#[test]
fn nothing_runs_forever() {
    for (text, end) in [
        ("while true; do true; done", "terminal: more than 10000 commands\n"),
        (
            "for i in {1..9999}; do for j in {1..9999}; do echo; done; done",
            "terminal: more than 10000 commands\n",
        ),
        (
            "X=xxxxxxxxxx; for i in {1..30}; do X=$X$X; echo $X; done",
            "terminal: the output is longer than 1 MiB, the rest is left out\n",
        ),
    ] {
        let output = run(text);
        assert!(output.stderr.ends_with(end), "{text}: {}", output.stderr);
        assert_ne!(output.exit, 0, "{text}");
    }
    let nested = format!("{}echo x{}", "$(".repeat(100), ")".repeat(100));
    assert_ne!(run(&nested).exit, 0);
    let deep = "if true; then ".repeat(1000);
    assert_eq!(run(&deep).exit, 2);
}

#[test]
fn a_sleep_waits_for_the_clock() {
    let (mut desk, mut shell) = (Desk::default(), Shell::default());
    let mut line = shell.start("echo a; sleep 5; echo b");
    line.poll(&mut shell, &mut desk);
    assert_eq!((line.output().stdout.as_str(), line.has_ended()), ("a\n", false));
    desk.now = 5000;
    line.poll(&mut shell, &mut desk);
    assert_eq!((line.output().stdout.as_str(), line.has_ended()), ("a\nb\n", true));
}

#[test]
fn watch_repeats_a_command_until_it_is_canceled() {
    let (mut desk, mut shell) = (Desk::default(), Shell::default());
    let mut line = shell.start("watch -n 5 show it\\'s");
    line.poll(&mut shell, &mut desk);
    let once = format!("{}Every 5.0s: show it's\n\n<it's>\n\n", super::CLEAR);
    assert_eq!(line.output().stdout, once);
    desk.now = 5_000;
    line.poll(&mut shell, &mut desk);
    assert_eq!(line.output().stdout, once.repeat(2));
    line.cancel(&mut shell);
    assert!(line.has_ended());
    assert_eq!((line.into_output().exit, shell.status), (130, 130));
    assert_eq!(Shell::default().run("watch", &mut desk).exit, 1);
}

#[test]
fn text_does_not_grow_without_a_limit() {
    for (script, said) in [
        ("A=x; while true; do A=$A$A; done", "terminal: more than 64 MiB of text"),
        ("A=$(seq 1 9999); while true; do echo $A > /dev/null; done", "more than 64 MiB of text"),
        ("echo x > a; while true; do cat a a > b; cat b b > a; done", "more than 64 MiB of text"),
        (
            "echo x > a; while true; do A=$(cat a a; cat a); echo \"$A$A\" > a; done",
            "more than 64 MiB",
        ),
    ] {
        let mut desk = Desk::default();
        let mut shell = Shell::default();
        let output = shell.run(script, &mut desk);
        let kept: usize =
            shell.variables.values().chain(desk.files.values()).map(String::len).sum();
        assert!(kept <= 192 << 20, "{script}: {kept} bytes");
        assert!(output.stderr.contains(said), "{script}: {}", output.stderr);
    }
}

#[test]
fn the_exit_code_of_a_line_is_known_in_the_next_one() {
    let (mut desk, mut shell) = (Desk::default(), Shell::default());
    assert_eq!(shell.run("false", &mut desk).exit, 1);
    assert_eq!(shell.run("echo $?", &mut desk).stdout, "1\n");
    assert_eq!(shell.run("echo $?", &mut desk).stdout, "0\n");
}
