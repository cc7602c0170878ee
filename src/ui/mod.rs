//! The page: state, components, and the bindings to the editor and the charts.
