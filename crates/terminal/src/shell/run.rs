//! The machine that runs a program of the shell. It stops where a program waits.

use std::collections::VecDeque;
use std::sync::Arc;

use super::expand::Scope;
use super::parse::parse;
use super::syntax::{Instruction, Redirect, Simple, Stream};
use super::tools::{self, Builtin};
use super::{Job, Shell, World};
use crate::Output;

/// The exit code after SIGINT.
const INTERRUPTED: i32 = 130;
/// Commands that one command line runs at most.
const MOST_COMMANDS: usize = 10_000;
/// Scripts and `$(…)` inside of each other at most.
const DEEPEST: usize = 8;
/// Functions that a shell knows at most.
const MOST_FUNCTIONS: usize = 200;
/// Bytes that a command line prints at most.
const MOST_OUTPUT: usize = 1 << 20;
/// Bytes that one command line expands, and moves through pipes and into files, at most.
pub(super) const MOST_BYTES: usize = 64 << 20;
/// Programs that a command line starts at one instant at most. It then pauses, so that a loop over
/// programs is divided like other long work.
const MOST_AT_ONCE: usize = 50;
/// Milliseconds of the pause: 5 for each program.
const PAUSE: i64 = 250;

/// A piece of what a command line has printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Printed {
    Out(String),
    Err(String),
}

/// A command line that was started. Dropping it is what Ctrl+C does.
#[derive(Clone, Debug)]
pub struct Run {
    frames: Vec<Frame>,
    pipeline: Option<Pipeline>,
    output: Output,
    commands: usize,
    /// Bytes of expanded words, and of output that went into pipes and files.
    bytes: usize,
    depth: usize,
    /// The exit code of the last `$(…)` of a command.
    substituted: i32,
    /// The order of what was printed: lengths of pieces, true for the standard error.
    order: Vec<(bool, usize)>,
    /// Bytes of the two streams that are in `order`.
    recorded: (usize, usize),
    /// The instant at which programs were started last, and their number.
    started: (i64, usize),
    /// The end of a pause after many programs at one instant.
    pauses_until: Option<i64>,
    /// True if the command line has to end without time.
    hurries: bool,
}

/// A program, and how far it has come: the command line, or a script.
#[derive(Clone, Debug)]
struct Frame {
    program: Arc<[Instruction]>,
    at: usize,
    loops: Vec<VecDeque<String>>,
    parameters: Vec<String>,
    /// `set -e`: the script ends with a command that fails, unless its exit code is looked at.
    exits_on_error: bool,
}

/// A pipeline whose command at `at` runs.
#[derive(Clone, Debug)]
struct Pipeline {
    commands: Vec<Simple>,
    negate: bool,
    at: usize,
    /// The input of the command that runs next.
    input: String,
    job: Option<Running>,
}

#[derive(Clone, Debug)]
struct Running {
    job: Job,
    redirects: Vec<Target>,
    /// Bytes that were taken over from the two streams.
    taken: (usize, usize),
}

/// A redirection with its file's name.
#[derive(Clone, Debug)]
enum Target {
    File {
        stream: Stream,
        path: String,
        append: bool,
    },
    /// One stream goes where the other one goes.
    Join {
        from: Stream,
    },
}

/// The result of a step.
enum RunStep {
    Done,
    Waits,
    Ended,
}

impl Run {
    pub(super) fn new(text: &str) -> Self {
        let mut run = Self {
            frames: Vec::new(),
            pipeline: None,
            output: Output::default(),
            commands: 0,
            bytes: 0,
            depth: 0,
            substituted: 0,
            order: Vec::new(),
            recorded: (0, 0),
            started: (0, 0),
            pauses_until: None,
            hurries: false,
        };
        run.enter(text, Vec::new());
        run.record();
        run
    }

    /// A command line after another one, whose exit code is `$?` in it.
    pub(super) fn after(text: &str, status: i32) -> Self {
        let mut run = Self::new(text);
        if !run.frames.is_empty() {
            run.output.exit = status;
        }
        run
    }

    /// Begins a program. A mistake in it is reported, and nothing of it runs.
    fn enter(&mut self, text: &str, parameters: Vec<String>) {
        match parse(text) {
            Ok(program) => {
                let program = program.into();
                let (loops, exits_on_error) = (Vec::new(), false);
                self.frames.push(Frame { program, at: 0, loops, parameters, exits_on_error });
            }
            Err(error) => {
                self.output.err(format!("bash: {error}"));
                self.output.exit = 2;
            }
        }
    }

    fn begin_program(&mut self, program: Program<'_>, parameters: Vec<String>) {
        match program {
            Program::Script(text) => self.enter(text, parameters),
            Program::Function(program) => {
                let (loops, exits_on_error) = (Vec::new(), false);
                self.frames.push(Frame { program, at: 0, loops, parameters, exits_on_error });
            }
        }
    }

    /// Ends the command line as Ctrl+C does, with the exit code 130.
    pub fn cancel(&mut self, shell: &mut Shell) {
        if self.has_ended() {
            return;
        }
        self.frames.clear();
        self.pipeline = None;
        self.output.out("^C");
        self.record();
        self.output.exit = INTERRUPTED;
        shell.status = INTERRUPTED;
    }

    /// Goes on until a program waits or the command line has ended. Call it after the start, after
    /// each change of the cluster, and when time has passed.
    pub fn poll(&mut self, shell: &mut Shell, world: &mut dyn World) {
        while let RunStep::Done = self.step(shell, world) {
            self.record();
            if self.output.stdout.len() + self.output.stderr.len() > MOST_OUTPUT {
                self.stop("the output is longer than 1 MiB, the rest is left out");
            } else if self.commands > MOST_COMMANDS {
                self.stop(&format!("more than {MOST_COMMANDS} commands"));
            } else if self.bytes > MOST_BYTES {
                self.stop(&format!("more than {} MiB of text", MOST_BYTES >> 20));
            }
        }
        self.record();
        shell.status = self.output.exit;
    }

    /// Notes the order of what was printed since the last call. Notes and warnings of a program come
    /// before its output, the error that ends it comes after it.
    fn record(&mut self) {
        let lengths = (self.output.stdout.len(), self.output.stderr.len());
        let out = (false, lengths.0.saturating_sub(self.recorded.0));
        let err = (true, lengths.1.saturating_sub(self.recorded.1));
        self.recorded = lengths;
        let both = if self.output.exit == 0 { [err, out] } else { [out, err] };
        for (error, length) in both.into_iter().filter(|(_, length)| *length > 0) {
            match self.order.last_mut() {
                Some((last, before)) if *last == error => *before += length,
                _ => self.order.push((error, length)),
            }
        }
    }

    fn stop(&mut self, why: &str) {
        self.frames.clear();
        self.pipeline = None;
        cut(&mut self.output.stdout);
        cut(&mut self.output.stderr);
        self.recorded = (self.output.stdout.len(), self.output.stderr.len());
        self.order = vec![(false, self.recorded.0), (true, self.recorded.1)];
        self.output.exit = 1;
        self.output.err(format!("terminal: {why}"));
    }

    /// Runs to the end. A program that waits is ended.
    pub(super) fn finish(&mut self, shell: &mut Shell, world: &mut dyn World) {
        self.hurries = true;
        self.poll(shell, world);
        while !self.has_ended() {
            if let Some(running) = self.pipeline.as_mut().and_then(|one| one.job.as_mut()) {
                let output = match &running.job {
                    Job::Kubectl(process) => process.output().clone(),
                    Job::Ended(output) => output.clone(),
                    Job::Sleep(_) => Output::default(),
                };
                running.job = Job::Ended(output);
            }
            self.poll(shell, world);
        }
    }

    /// Returns true if nothing is left to do.
    pub fn has_ended(&self) -> bool {
        self.frames.is_empty() && self.pipeline.is_none()
    }

    /// The time at which the wait of the command line ends if nothing happens, in milliseconds
    /// since the epoch.
    pub fn wakes_at(&self) -> Option<i64> {
        if self.pauses_until.is_some() {
            return self.pauses_until;
        }
        match &self.pipeline.as_ref()?.job.as_ref()?.job {
            Job::Kubectl(process) => process.wakes_at(),
            Job::Sleep(until) => Some(*until),
            Job::Ended(_) => None,
        }
    }

    /// The output so far, and the exit code of the last command.
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// Takes what was printed since the last call.
    pub fn take_output(&mut self) -> Output {
        let exit = self.output.exit;
        self.order.clear();
        self.recorded = (0, 0);
        std::mem::take(&mut self.output).ended(exit)
    }

    /// Takes what was printed since the last call, in its order.
    pub fn take_printed(&mut self) -> Vec<Printed> {
        let order = std::mem::take(&mut self.order);
        let output = self.take_output();
        let (mut out, mut err) = (&*output.stdout, &*output.stderr);
        let mut pieces = Vec::new();
        for (error, length) in order {
            let rest = if error { &mut err } else { &mut out };
            let Some((piece, after)) = rest.split_at_checked(length) else { continue };
            *rest = after;
            let piece = piece.to_owned();
            pieces.push(if error { Printed::Err(piece) } else { Printed::Out(piece) });
        }
        pieces
    }

    pub fn into_output(self) -> Output {
        self.output
    }

    fn step(&mut self, shell: &mut Shell, world: &mut dyn World) -> RunStep {
        if self.pipeline.is_some() {
            return self.advance(shell, world);
        }
        shell.status = self.output.exit;
        let Some(frame) = self.frames.last_mut() else { return RunStep::Ended };
        let Some(instruction) = frame.program.get(frame.at).cloned() else {
            self.frames.pop();
            return RunStep::Done;
        };
        frame.at += 1;
        let failed = self.output.exit != 0;
        match instruction {
            Instruction::Pipeline { commands, negate } => {
                self.commands += 1;
                let input = String::new();
                self.pipeline = Some(Pipeline { commands, negate, at: 0, input, job: None });
            }
            Instruction::Jump(to) => {
                self.commands += 1;
                frame.at = to;
            }
            Instruction::JumpIfFailed(to) if failed => frame.at = to,
            Instruction::JumpIfDone(to) if !failed => frame.at = to,
            Instruction::JumpIfFailed(_) | Instruction::JumpIfDone(_) => {}
            Instruction::Succeed => self.output.exit = 0,
            Instruction::Define { name, body } => {
                self.output.exit = 0;
                if shell.functions.len() < MOST_FUNCTIONS {
                    shell.functions.insert(name, body);
                }
            }
            Instruction::Each(words) => {
                let parameters = frame.parameters.clone();
                let words = self
                    .expand(shell, world, &parameters, |scope, world| scope.words(&words, world));
                if let Some(frame) = self.frames.last_mut() {
                    frame.loops.push(words.unwrap_or_default().into());
                }
            }
            Instruction::Next { variable, end } => {
                match frame.loops.last_mut().and_then(VecDeque::pop_front) {
                    Some(word) => {
                        shell.variables.insert(variable, word);
                    }
                    None => {
                        frame.loops.pop();
                        frame.at = end;
                    }
                }
            }
        }
        RunStep::Done
    }

    /// Expands with `$(…)`. An error is reported and gives None.
    fn expand<T>(
        &mut self,
        shell: &Shell,
        world: &mut dyn World,
        parameters: &[String],
        expand: impl FnOnce(&mut Scope<'_>, &mut dyn World) -> Result<T, String>,
    ) -> Option<T> {
        let (depth, mut commands, mut stderr) = (self.depth + 1, self.commands, String::new());
        let (mut exit, mut bytes) = (0, self.bytes);
        let mut command = |text: &str, world: &mut dyn World| -> Result<String, String> {
            if depth > DEEPEST {
                return Err(format!("commands are nested more than {DEEPEST} times"));
            }
            let mut inner = Run::new(text);
            (inner.depth, inner.commands, inner.bytes) = (depth, commands, bytes);
            inner.finish(&mut shell.clone(), world);
            commands = inner.commands + 1;
            bytes = inner.bytes;
            exit = inner.output.exit;
            stderr.push_str(&inner.output.stderr);
            Ok(inner.output.stdout)
        };
        let mut scope = Scope { shell, parameters, command: &mut command, bytes: 0 };
        let result = expand(&mut scope, world);
        let expanded = scope.bytes;
        self.bytes = bytes + expanded;
        self.commands = commands;
        self.substituted = exit;
        self.output.stderr.push_str(&stderr);
        result
            .map_err(|error| {
                self.output.err(format!("bash: {error}"));
                self.output.exit = 1;
            })
            .ok()
    }

    /// Starts the next command of the pipeline, or looks at the one that runs.
    fn advance(&mut self, shell: &mut Shell, world: &mut dyn World) -> RunStep {
        let Some(mut pipeline) = self.pipeline.take() else { return RunStep::Done };
        let Some(mut running) = pipeline.job.take() else {
            if self.pauses(world.now()) {
                self.pipeline = Some(pipeline);
                return RunStep::Waits;
            }
            let Some(command) = pipeline.commands.get(pipeline.at).cloned() else {
                return RunStep::Done;
            };
            let input = std::mem::take(&mut pipeline.input);
            let alone = pipeline.commands.len() == 1;
            if let Some(running) = self.begin(&command, input, alone, shell, world) {
                pipeline.job = Some(running);
                self.pipeline = Some(pipeline);
            }
            return RunStep::Done;
        };
        let ended = is_ended(&mut running.job, world);
        let last = pipeline.at + 1 == pipeline.commands.len();
        if !ended {
            if last && running.redirects.is_empty() {
                self.take_over(&mut running);
            }
            pipeline.job = Some(running);
            self.pipeline = Some(pipeline);
            return RunStep::Waits;
        }
        let mut output = output_of(running.job);
        output.stdout.drain(..running.taken.0.min(output.stdout.len()));
        output.stderr.drain(..running.taken.1.min(output.stderr.len()));
        if !last || !running.redirects.is_empty() {
            self.bytes += output.stdout.len() + output.stderr.len();
        }
        redirect(&mut output, &running.redirects, world);
        self.output.stderr.push_str(&output.stderr);
        if last {
            self.output.stdout.push_str(&output.stdout);
            let exit = output.exit;
            self.output.exit = if pipeline.negate { i32::from(exit == 0) } else { exit };
            if exit != 0 && !pipeline.negate {
                self.leave_script();
            }
        } else {
            pipeline.input = output.stdout;
            pipeline.at += 1;
            self.pipeline = Some(pipeline);
        }
        RunStep::Done
    }

    /// Ends a script with `set -e` whose command has failed. The exit code of a command before `&&`, `||`
    /// and in a condition is looked at.
    fn leave_script(&mut self) {
        let Some(frame) = self.frames.last().filter(|frame| frame.exits_on_error) else { return };
        let looks = matches!(
            frame.program.get(frame.at),
            Some(Instruction::JumpIfFailed(_) | Instruction::JumpIfDone(_))
        );
        if !looks {
            self.frames.pop();
        }
    }

    /// Returns true if the next command has to wait because many programs were started at this
    /// instant.
    fn pauses(&mut self, now: i64) -> bool {
        if self.hurries {
            return false;
        }
        if self.started.0 == now && self.started.1 >= MOST_AT_ONCE {
            self.pauses_until.get_or_insert(now.saturating_add(PAUSE));
        }
        let pauses = self.pauses_until.is_some_and(|until| now < until);
        if !pauses {
            self.pauses_until = None;
        }
        pauses
    }

    /// Prints what a program that waits has written since the last look.
    fn take_over(&mut self, running: &mut Running) {
        let Job::Kubectl(process) = &running.job else { return };
        let output = process.output();
        let (out, err) = running.taken;
        self.output.stdout.push_str(output.stdout.get(out..).unwrap_or_default());
        self.output.stderr.push_str(output.stderr.get(err..).unwrap_or_default());
        running.taken = (output.stdout.len(), output.stderr.len());
    }

    /// Expands a command and starts it. None if it has no program to run, or cannot be expanded.
    fn begin(
        &mut self,
        command: &Simple,
        mut input: String,
        alone: bool,
        shell: &mut Shell,
        world: &mut dyn World,
    ) -> Option<Running> {
        let parameters = self.frames.last().map(|frame| frame.parameters.clone());
        let parameters = parameters.unwrap_or_default();
        let (words, assignments, redirects) =
            self.expand(shell, world, &parameters, |scope, world| {
                let mut assignments = Vec::new();
                for (name, word) in &command.assignments {
                    assignments.push((name.clone(), scope.text(word, world)?));
                }
                let mut redirects = Vec::new();
                for one in &command.redirects {
                    redirects.extend(target(one, scope, world, &mut input)?);
                }
                Ok((scope.words(&command.words, world)?, assignments, redirects))
            })?;
        if words.is_empty() {
            shell.variables.extend(assignments);
            self.output.exit = self.substituted;
            let job = Job::Ended(Output::default().ended(self.substituted));
            return (!redirects.is_empty()).then_some(Running { job, redirects, taken: (0, 0) });
        }
        let alone = alone && redirects.is_empty();
        let job = self.job(&words, &input, alone, shell, world)?;
        Some(Running { job, redirects, taken: (0, 0) })
    }

    fn job(
        &mut self,
        words: &[String],
        input: &str,
        alone: bool,
        shell: &mut Shell,
        world: &mut dyn World,
    ) -> Option<Job> {
        // Everybody may do everything on this machine.
        let words = words.strip_prefix(&["sudo".to_owned()]).unwrap_or(words);
        let function = words.first().and_then(|name| shell.functions.get(name)).cloned();
        if let Some(body) = function {
            let parameters = words.get(1..).unwrap_or_default().to_vec();
            return self.program(Program::Function(body), parameters, alone, shell, world);
        }
        match tools::run(words, input, shell, world) {
            Builtin::Ended(output) => Some(Job::Ended(output)),
            Builtin::Sleep(milliseconds) => {
                Some(Job::Sleep(world.now().saturating_add(milliseconds)))
            }
            Builtin::Exit(code) => {
                // A script ends, or the command line if it is none.
                self.frames.pop();
                Some(Job::Ended(Output::default().ended(code)))
            }
            Builtin::ExitOnError(exits) => {
                // The line of a terminal is no script.
                if let [_, .., frame] = &mut self.frames[..] {
                    frame.exits_on_error = exits;
                }
                Some(Job::Ended(Output::default()))
            }
            Builtin::Script { text, parameters } => {
                self.program(Program::Script(&text), parameters, alone, shell, world)
            }
            Builtin::Unknown => {
                let now = world.now();
                let before = if self.started.0 == now { self.started.1 } else { 0 };
                self.started = (now, before + 1);
                let job = world.start(words, input);
                let job = job.or_else(|| tools::fallback(words, shell).map(Job::Ended));
                Some(job.unwrap_or_else(|| Job::Ended(tools::not_found(words, world.programs()))))
            }
        }
    }

    /// A script or a function runs as a frame of its own; in a pipeline it runs to its end first.
    fn program(
        &mut self,
        program: Program<'_>,
        parameters: Vec<String>,
        alone: bool,
        shell: &mut Shell,
        world: &mut dyn World,
    ) -> Option<Job> {
        if self.depth + self.frames.len() > DEEPEST {
            let mut output = Output::default();
            output.err(format!("bash: scripts are nested more than {DEEPEST} times"));
            return Some(Job::Ended(output.ended(1)));
        }
        if alone {
            self.begin_program(program, parameters);
            return None;
        }
        let mut inner = Self::new("");
        (inner.depth, inner.commands, inner.bytes) = (self.depth + 1, self.commands, self.bytes);
        inner.begin_program(program, parameters);
        inner.finish(shell, world);
        (self.commands, self.bytes) = (inner.commands, inner.bytes);
        Some(Job::Ended(inner.output))
    }
}

/// A program beside the command line.
enum Program<'a> {
    Script(&'a str),
    Function(Arc<[Instruction]>),
}

/// Cuts a text to the length that is printed at most.
fn cut(text: &mut String) {
    if text.len() > MOST_OUTPUT {
        let end = (0..=MOST_OUTPUT).rev().find(|at| text.is_char_boundary(*at));
        text.truncate(end.unwrap_or_default());
    }
}

fn is_ended(job: &mut Job, world: &mut dyn World) -> bool {
    match job {
        Job::Ended(_) => true,
        Job::Sleep(until) => world.now() >= *until,
        Job::Kubectl(process) => {
            if !process.has_ended() {
                world.poll(process);
            }
            process.has_ended()
        }
    }
}

fn output_of(job: Job) -> Output {
    match job {
        Job::Ended(output) => output,
        Job::Sleep(_) => Output::default(),
        Job::Kubectl(process) => process.into_output(),
    }
}

/// Expands a redirection. Input is read at once.
fn target(
    redirect: &Redirect,
    scope: &mut Scope<'_>,
    world: &mut dyn World,
    input: &mut String,
) -> Result<Option<Target>, String> {
    Ok(match redirect {
        Redirect::In(file) => {
            let path = scope.text(file, world)?;
            let text = world.read_file(&path);
            *input = text.ok_or_else(|| format!("{path}: No such file or directory"))?;
            None
        }
        Redirect::Here(text) => {
            *input = scope.text(text, world)?;
            None
        }
        Redirect::Out { stream, file, append } => {
            let path = scope.text(file, world)?;
            Some(Target::File { stream: *stream, path, append: *append })
        }
        Redirect::Join { from } => Some(Target::Join { from: *from }),
    })
}

/// Moves what was printed to files and to the other stream, in the order of the redirections.
fn redirect(output: &mut Output, redirects: &[Target], world: &mut dyn World) {
    // `> file 2>&1` sends both to the file: a join goes where the other stream goes then.
    let mut files: Vec<(String, bool, String)> = Vec::new();
    let (mut out, mut err) = (None, None);
    for target in redirects {
        match target {
            Target::File { stream, path, append } => {
                files.push((path.clone(), *append, String::new()));
                let at = Some(files.len() - 1);
                match stream {
                    Stream::Out => out = at,
                    Stream::Err => err = at,
                    Stream::Both => (out, err) = (at, at),
                }
            }
            Target::Join { from: Stream::Err } => {
                err = out;
                if out.is_none() {
                    let text = std::mem::take(&mut output.stderr);
                    output.stdout.push_str(&text);
                }
            }
            Target::Join { .. } => {
                out = err;
                if err.is_none() {
                    let text = std::mem::take(&mut output.stdout);
                    output.stderr.push_str(&text);
                }
            }
        }
    }
    for (at, text) in [(out, &mut output.stdout), (err, &mut output.stderr)] {
        if let Some((_, _, into)) = at.and_then(|at| files.get_mut(at)) {
            into.push_str(&std::mem::take(text));
        }
    }
    for (path, append, text) in files {
        if path == "/dev/null" {
            continue;
        }
        let before =
            if append { world.read_file(&path).unwrap_or_default() } else { String::new() };
        if let Err(reason) = world.write_file(&path, &(before + &text)) {
            output.err(format!("bash: {path}: {reason}"));
            output.exit = 1;
        }
    }
}
