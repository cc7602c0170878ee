//! Expressions over stored series into values, annotations and a trace.
