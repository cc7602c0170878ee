//! What the page asks and the worker answers, and the stages in between.
