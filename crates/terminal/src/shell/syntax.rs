//! The syntax of the shell: words with their quotes, commands, and instructions.

use std::sync::Arc;

/// A word of a command line, before expansion.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Word {
    pub pieces: Vec<Piece>,
}

/// A piece of a word.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    /// Text that is taken as it is.
    Quoted(String),
    /// Text in which braces and asterisks have their meaning.
    Plain(String),
    /// `$NAME`, `$?`, `$1`, `${NAME:-default}`. A quoted one is not split into words.
    Variable { name: String, default: Option<String>, quoted: bool },
    /// `$((…))`.
    Arithmetic { text: String, quoted: bool },
    /// `$(…)`.
    Command { text: String, quoted: bool },
}

impl Word {
    /// The text of a word without anything to expand; None for any other.
    pub fn plain(&self) -> Option<&str> {
        match &self.pieces[..] {
            [Piece::Plain(text)] => Some(text),
            _ => None,
        }
    }
}

/// The destination of a command's stream.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Redirect {
    /// `< file`
    In(Word),
    /// `<<EOF`: the text, and whether variables in it are expanded.
    Here(Word),
    /// `> file`, `2> file`, `>> file`
    Out { stream: Stream, file: Word, append: bool },
    /// `2>&1`, `>&2`
    Join { from: Stream },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Stream {
    Out,
    Err,
    Both,
}

/// A command with its arguments.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Simple {
    /// `NAME=value` before the command.
    pub assignments: Vec<(String, Word)>,
    pub words: Vec<Word>,
    pub redirects: Vec<Redirect>,
}

/// An instruction of a program. Targets are positions of instructions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Instruction {
    /// Commands whose output is the input of the next one; `negate` stands for `!`.
    Pipeline {
        commands: Vec<Simple>,
        negate: bool,
    },
    Jump(usize),
    JumpIfFailed(usize),
    JumpIfDone(usize),
    /// Begins a loop over words.
    Each(Vec<Word>),
    /// Sets the variable to the next word, or leaves the loop.
    Next {
        variable: String,
        end: usize,
    },
    /// Sets the exit code to 0.
    Succeed,
    /// Defines a function.
    Define {
        name: String,
        body: Arc<[Instruction]>,
    },
}
